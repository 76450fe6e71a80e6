# SPDX-License-Identifier: Apache-2.0
"""What an ONNX value is while its graph is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Labels = tuple[int, ...] | tuple[str, ...]
Width = Literal["float32", "float64"]


@dataclass(frozen=True)
class Constant:
    """An array that does not depend on the input."""

    array: npt.NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """Numbers that the graph computes.

    Attributes
    ----------
    value : str
        Name of the graph's Value.
    dtype : str
        The type that the Model computes with.
    shape : tuple[int, ...]
        Shape of one sample; ``()`` for a vector with one number a sample.
    held_as_float32 : bool
        True when every number is a float32, whatever ``dtype`` says.
    """

    value: str
    dtype: Width
    shape: tuple[int, ...]
    held_as_float32: bool

    @property
    def len(self) -> int:
        """Number of elements of one sample."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class Index:
    """A class index, as ArgMax and comparisons give it; ``classes`` counts the classes."""

    value: str
    classes: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Label:
    """A class label, looked up in ``labels`` by the class index ``value``."""

    value: str
    labels: Labels
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ScoreMap:
    """A list of dictionaries, label to score, as ZipMap gives it."""

    scores: Tensor
    labels: Labels


@dataclass(frozen=True)
class Flagged:
    """Features and behind them a flag for each set: whether the number in a column is one of some numbers."""

    x: Tensor
    sets: tuple[tuple[int, npt.NDArray[np.float64]], ...]


Symbol = Constant | Tensor | Index | Label | ScoreMap | Flagged


def kind_of(symbol: Symbol) -> str:
    """The kind in words, for messages."""
    if isinstance(symbol, Constant):
        return f"a constant of type {symbol.array.dtype} and shape {list(symbol.array.shape)}"
    if isinstance(symbol, Tensor):
        return f"a computed {symbol.dtype} array with {list(symbol.shape)} numbers a sample"
    if isinstance(symbol, Index):
        return "a class index"
    if isinstance(symbol, Flagged):
        return "features with flags of categories"
    return "a class label" if isinstance(symbol, Label) else "a ZipMap"
