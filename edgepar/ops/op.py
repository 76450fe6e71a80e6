# SPDX-License-Identifier: Apache-2.0
"""What every operation has: named inputs, one output, a shape rule, a reference and an error bound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
DType = Literal["float32", "int32"]
Arithmetic = Literal["float64", "float32"]

#: Unit round-off of float32, half the distance from 1 to the next number.
U32 = 2.0**-24


@dataclass(frozen=True)
class Value:
    """A typed array for one sample; ``shape`` has no batch axis."""

    name: str
    shape: tuple[int, ...]
    dtype: DType

    @property
    def len(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype}{list(self.shape)}"


@dataclass(frozen=True, eq=False)
class Op(ABC):
    """An operation. Parameters are float64 as the Model states them; the Plan decides how the device holds them.

    Attributes
    ----------
    inputs : tuple[str, ...]
        Names of the values read.
    output : str
        Name of the value written.
    origin : str
        The ONNX node or estimator this came from, for messages and generated comments.
    arithmetic : str
        ``float64`` or ``float32``: the type in which the Model computes. A Model that computes in float32 is itself as
        far from the real numbers as the device may be, and bounds count both.
    """

    inputs: tuple[str, ...]
    output: str
    origin: str
    arithmetic: Arithmetic = field(default="float64", kw_only=True)

    @abstractmethod
    def infer(self, *inputs: Value) -> Value:
        """Type of the output; raises UnsupportedModelError where the parameters do not fit the inputs."""

    @abstractmethod
    def evaluate(self, *inputs: Array) -> Array:
        """Reference in the arithmetic that the Model states; arrays are ``[n_samples, ...]`` float64."""

    @abstractmethod
    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Absolute error bound of the device's float32 answer.

        ``inputs`` are reference values, ``errors`` bounds on how far the device's inputs may be from them, ``output``
        the reference answer; the result has the shape of ``output`` and holds for the arithmetic of docs/exactness.md.
        """

    @property
    def sides(self) -> int:
        """How many of Model and device round as the bound says: 2 where the Model computes in float32, else 1."""
        return 2 if self.arithmetic == "float32" else 1

    def describe(self) -> str:
        """One line for dumps."""
        return f"{type(self).__name__}({', '.join(self.inputs)})"
