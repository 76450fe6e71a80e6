# SPDX-License-Identifier: Apache-2.0
"""Division of a sample by its own norm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value

Norm = Literal["l1", "l2", "max"]


@dataclass(frozen=True, eq=False)
class Normalize(Op):
    """``x / norm(x)``.

    Attributes
    ----------
    norm : str
        Which norm.
    smallest : float
        A sample whose norm is 0 or below it stays as it is (scikit-learn: ten ulps of 1).
    rounds : bool
        True when the Model casts the result to float32.
    """

    norm: Norm
    smallest: float = 0.0
    rounds: bool = field(default=False, kw_only=True)

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, inputs[0].shape, "float32")

    def _raw_norm(self, x: Array) -> Array:
        flat = np.abs(x.reshape(len(x), -1))
        with np.errstate(over="ignore"):
            if self.norm == "l1":
                norm = flat.sum(axis=1)
            elif self.norm == "l2":
                # Scaled by the largest element: squares of 1e-200 would vanish.
                largest = flat.max(axis=1)
                scale = np.where((largest > 0.0) & np.isfinite(largest), largest, 1.0)
                norm = scale * np.sqrt(((flat / scale[:, None]) ** 2).sum(axis=1))
            else:
                norm = flat.max(axis=1)
        return np.asarray(norm.reshape((-1,) + (1,) * (x.ndim - 1)))

    def _divisor(self, x: Array) -> Array:
        norm = self._raw_norm(x)
        return np.where((norm == 0.0) | (norm < self.smallest), 1.0, norm)

    def evaluate(self, *inputs: Array) -> Array:
        y = np.asarray(inputs[0] / self._divisor(inputs[0]), dtype=np.float64)
        return y.astype(np.float32).astype(np.float64) if self.rounds else y

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """N squares or magnitudes summed in any order, one root, one division; near ``smallest`` no bound holds."""
        x, error = inputs[0], errors[0]
        n = x[0].size
        norm = self._raw_norm(x)
        # The root of a sum of squares misses by half the relative error of the sum, and features that are scaled
        # into the range of float32 may each underflow by the smallest number.
        error_of_norm = self._raw_norm(error) * (1 + 2.0**-20) + self.sides * (
            (n + 4) * U32 * norm + n * 2.0**-149
        )
        divisor = self._divisor(x)
        kept = divisor != norm
        with np.errstate(all="ignore"):
            lowest = np.where(kept, 1.0, norm - error_of_norm)
            bound = (error + np.where(kept, 0.0, np.abs(output) * error_of_norm)) / np.maximum(
                lowest, 2.0**-1000
            )
            bound = np.where(lowest > 0.0, bound, np.inf) + (2 * self.sides + self.rounds) * (
                U32 * np.abs(output) + 2.0**-149
            )
            switches = np.abs(norm - self.smallest) <= error_of_norm
            zero_is_exact = (norm == 0.0) & (self._raw_norm(error) == 0.0)
            return np.asarray(np.where(switches & ~zero_is_exact & (norm > 0.0), np.inf, bound))
