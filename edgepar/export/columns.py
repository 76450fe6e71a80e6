# SPDX-License-Identifier: Apache-2.0
"""Transformers made of others, each of which works on some columns: ColumnTransformer and FeatureUnion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import ML_DOMAIN, Emitter


@dataclass(frozen=True, eq=False)
class Part:
    """One member: what it is, which columns it reads, and by how much its answer is multiplied.

    Attributes
    ----------
    transformer
        A fitted transformer or Pipeline of transformers; None passes the columns on.
    columns
        Their numbers; None for all.
    weight
        None for 1.
    """

    transformer: Any
    columns: npt.NDArray[np.int64] | None
    weight: float | None


def column_parts(transformer: Any) -> list[Part]:
    """The members of a ColumnTransformer that have columns, in the order of their answers."""
    weights = transformer.transformer_weights or {}
    # No public name tells the numbers of columns that were given by name, mask, slice or function.
    numbers = transformer._transformer_to_input_indices  # noqa: SLF001
    return [
        Part(_member(fitted), np.array(numbers[name], dtype=np.int64), weights.get(name))
        for name, fitted, _ in transformer.transformers_
        if not _is(fitted, "drop") and len(numbers[name])
    ]


def union_parts(union: Any) -> list[Part]:
    """The members of a FeatureUnion, in order."""
    weights = union.transformer_weights or {}
    return [
        Part(_member(fitted), None, weights.get(name))
        for name, fitted in union.transformer_list
        if not _is(fitted, "drop")
    ]


def column_transformer(emitter: Emitter, transformer: Any) -> None:
    """ColumnTransformer: the answers of its members one behind the other."""
    _join(emitter, column_parts(transformer))


def feature_union(emitter: Emitter, union: Any) -> None:
    """FeatureUnion: the same, each member on all columns."""
    _join(emitter, union_parts(union))


def identity(emitter: Emitter, _: Any) -> None:
    """FunctionTransformer without a function."""
    emitter.op("Identity", [emitter.x()], emitter.outputs[0])


def transformers(parts: Sequence[Part]) -> list[Any]:
    """The members that do something."""
    return [part.transformer for part in parts if part.transformer is not None]


def steps(fitted: Any) -> Iterator[Any]:
    """The estimators in a member, Pipelines taken apart."""
    for step in [inner for _, inner in fitted.steps] if hasattr(fitted, "steps") else [fitted]:
        if step is fitted:
            yield step
        elif step is not None and not _is(step, "passthrough"):
            yield from steps(step)


def _is(fitted: Any, word: str) -> bool:
    return isinstance(fitted, str) and fitted == word


def _member(fitted: Any) -> Any:
    return None if _is(fitted, "passthrough") else fitted


def _join(emitter: Emitter, parts: Sequence[Part]) -> None:
    source = emitter.x()
    answers = []
    for part in parts:
        x = source
        if part.columns is not None:
            columns = emitter.indices("columns", part.columns)
            x = emitter.op("ArrayFeatureExtractor", [source, columns], domain=ML_DOMAIN)
        if part.transformer is not None:
            (x,) = emitter.member(part.transformer, "scaled", x=x)
        if part.weight is not None:
            x = emitter.op("Mul", [x, emitter.parameter("weight", part.weight)])
        answers.append(x)
    emitter.op("Concat", answers, emitter.outputs[0], axis=1)
