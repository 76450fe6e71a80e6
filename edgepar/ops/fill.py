# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Missing values: what they are replaced by, and where they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Fill(Op):
    """``fill`` where x is missing, else x.

    Attributes
    ----------
    missing : float
        NaN or the number that stands for a missing value.
    fill : Array
        One number a feature.
    rounds : bool
        True when the Model casts the result to float32.
    """

    missing: float
    fill: Array
    rounds: bool = field(default=False, kw_only=True)

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.fill.shape != (x.len,):
            raise UnsupportedModelError(
                f"{self.origin}: {self.fill.size} numbers to fill {x.len} features; give one each."
            )
        return Value(self.output, (x.len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        return self.rounded(np.where(is_missing(x, self.missing), self.fill, x))

    def rounded(self, y: Array) -> Array:
        """The numbers as the Model goes on with them."""
        with np.errstate(over="ignore"):
            return y.astype(np.float32).astype(np.float64) if self.rounds else y

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """How far ``fill`` is from its float32; a number within its error of ``missing`` may be filled or not."""
        x, error = (array.reshape(len(array), -1) for array in (inputs[0], errors[0]))
        fill = self.fill.astype(np.float32).astype(np.float64)
        off = np.zeros_like(fill) if self.rounds else np.abs(fill - self.fill)
        if self.rounds:
            error = error + np.where(error > 0.0, U32 * np.abs(x) + 2.0**-149, 0.0)
        either = np.maximum(error, np.abs(self.fill - x) + error + off)
        found = np.where(is_missing(x, self.missing), off, error)
        return np.where(may_be_missing(x, error, self.missing), either, found)

    def describe(self) -> str:
        return f"Fill({', '.join(self.inputs)}, {self.missing:g})"


@dataclass(frozen=True, eq=False)
class MissingFlags(Op):
    """1 where x is missing, else 0; ``missing`` is NaN or a number."""

    missing: float

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (inputs[0].len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        return is_missing(x, self.missing).astype(np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        x, error = (array.reshape(len(array), -1) for array in (inputs[0], errors[0]))
        return may_be_missing(x, error, self.missing).astype(np.float64)


def is_missing(x: Array, missing: float) -> npt.NDArray[np.bool_]:
    """Where x is ``missing``, be that NaN or a number."""
    return np.asarray(np.isnan(x) if np.isnan(missing) else x == missing)


def may_be_missing(x: Array, error: Array, missing: float) -> npt.NDArray[np.bool_]:
    """Where x is off and might be ``missing``; NaN stays NaN whatever the error."""
    if np.isnan(missing):
        return np.zeros(x.shape, dtype=np.bool_)
    return np.asarray((error > 0.0) & (np.abs(x - missing) <= error))
