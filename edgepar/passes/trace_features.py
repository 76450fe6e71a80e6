# SPDX-License-Identifier: Apache-2.0
"""Follow each element of a value back to the input feature that it is a function of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.ops import Concat, CountEdges, Elementwise, Fill, MissingFlags, Select
from edgepar.ops.op import Array
from edgepar.passes.rewrite import producer

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NOWHERE = -1
#: Operations that make each element of the element in its place.
_PerFeature = Elementwise | Fill | MissingFlags | CountEdges


@dataclass(frozen=True, eq=False)
class Trace:
    """What each element of a value is, as a function f of one input feature, or as an element of another value.

    Attributes
    ----------
    origin : Ints
        The input feature; NOWHERE where there is none such.
    direction : Ints
        1 where f never decreases, -1 where it never increases, 0 where a factor of 0 makes it constant.
    moved : Flags
        Where f is more than the feature itself.
    values : tuple[str, ...]
        Values of the graph that elements without an origin lie in.
    value, index : Ints
        Which of these values, and which element of it.
    answer : Callable
        f of the elements ``e[i]`` at ``x[i]``, both vectors, as the Model computes it.
    steps : tuple[str, ...]
        Where the operations on the way came from.
    """

    origin: Ints
    direction: Ints
    moved: Flags
    values: tuple[str, ...]
    value: Ints
    index: Ints
    answer: Callable[[Array, Ints], Array]
    steps: tuple[str, ...] = ()


def trace(graph: Graph, value: str) -> Trace:
    """Follow all elements of ``value``, back through what looks at one feature alone, selections and joins."""
    n = graph.values[value].len
    if value == graph.input.name:
        ones = np.ones(n, dtype=np.int64)
        return Trace(np.arange(n), ones, np.zeros(n, dtype=np.bool_), (), ones * 0, ones * 0, lambda x, _: x)
    op = producer(graph, value)
    if isinstance(op, Select):
        return _selected(trace(graph, op.inputs[0]), op)
    if isinstance(op, Concat):
        return _joined([trace(graph, name) for name in op.inputs])
    if isinstance(op, Elementwise):
        before = trace(graph, op.inputs[0])
        return _behind(before, op, before.direction * _signs(op, n), before.origin)
    if isinstance(op, CountEdges):
        before = trace(graph, op.inputs[0])
        return _behind(before, op, before.direction, before.origin)
    if isinstance(op, (Fill, MissingFlags)) and np.isnan(op.missing):
        before = trace(graph, op.inputs[0])
        # An infinite feature times 0 is NaN, too, and counts as missing.
        origin = np.where(before.direction == 0, NOWHERE, before.origin)
        # Flags are constant but for NaN, at infinity too.
        direction = before.direction if isinstance(op, Fill) else np.ones(n, dtype=np.int64)
        return _behind(before, op, direction, origin)
    zeros = np.zeros(n, dtype=np.int64)
    nowhere = np.full(n, NOWHERE, dtype=np.int64)
    return Trace(nowhere, zeros, np.zeros(n, dtype=np.bool_), (value,), zeros, np.arange(n), lambda x, _: x)


def _behind(before: Trace, op: _PerFeature, direction: Ints, origin: Ints) -> Trace:
    """An operation on each element; those without an origin lie in its output."""
    n = len(origin)
    return Trace(
        origin,
        direction,
        np.ones(n, dtype=np.bool_),
        (op.output,),
        np.zeros(n, dtype=np.int64),
        np.arange(n),
        lambda x, element: _apply(op, before.answer(x, element), element),
        (*before.steps, op.origin),
    )


def _apply(op: _PerFeature, x: Array, element: Ints) -> Array:
    """The operation on x[i] as its element ``element[i]``."""
    if isinstance(op, Elementwise):
        return op.apply(x, element)
    if isinstance(op, MissingFlags):
        return np.isnan(x).astype(np.float64)
    if isinstance(op, Fill):
        return op.rounded(np.where(np.isnan(x), op.fill[element], x))
    y = np.zeros(len(x))
    for own in np.unique(element):
        at = (element == own) & ~np.isnan(x)
        y[at] = np.searchsorted(op.edges[own], x[at], side="right")
    return y


def _selected(before: Trace, op: Select) -> Trace:
    at = op.columns
    return replace(
        before,
        origin=before.origin[at],
        direction=before.direction[at],
        moved=before.moved[at],
        value=before.value[at],
        index=before.index[at],
        answer=lambda x, element: before.answer(x, at[element]),
    )


def _joined(parts: list[Trace]) -> Trace:
    starts = np.cumsum([0, *(len(part.origin) for part in parts)])
    first_value = np.cumsum([0, *(len(part.values) for part in parts)])

    def answer(x: Array, element: Ints) -> Array:
        y = np.empty(len(x))
        for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True):
            own = (element >= start) & (element < end)
            if own.any():
                y[own] = part.answer(x[own], element[own] - start)
        return y

    return Trace(
        np.concatenate([part.origin for part in parts]),
        np.concatenate([part.direction for part in parts]),
        np.concatenate([part.moved for part in parts]),
        tuple(name for part in parts for name in part.values),
        np.concatenate([part.value + first for part, first in zip(parts, first_value, strict=False)]),
        np.concatenate([part.index for part in parts]),
        answer,
        tuple(step for part in parts for step in part.steps),
    )


def _signs(op: Elementwise, n: int) -> Ints:
    """1, -1 or 0 for each feature: the sign of the factor that the steps amount to."""
    signs = np.ones(n, dtype=np.int64)
    for step in op.steps:
        if step.function in ("mul", "div"):
            signs = signs * np.sign(step.operand.astype(np.dtype(op.arithmetic))).astype(np.int64)
    return signs
