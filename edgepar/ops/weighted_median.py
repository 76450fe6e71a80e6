# SPDX-License-Identifier: Apache-2.0
"""The median of numbers that weigh differently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import Array, Op, Value

#: Sum of the device's whole weights, but for their roundings.
_TOTAL = 1 << 31


@dataclass(frozen=True, eq=False)
class WeightedMedian(Op):
    """The least number that, with all numbers that are not above it, has half of the weights or more.

    Attributes
    ----------
    weights : Array
        One a number, 0 or more.
    """

    weights: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.weights.shape != (x.len,) or not (self.weights >= 0.0).all():
            raise UnsupportedModelError(
                f"{self.origin}: {self.weights.size} weights for {x.len} numbers; give each a weight of 0 or more."
            )
        return Value(self.output, (1,), "float32")

    def _least(self, x: Array, share: float) -> Array:
        """The least number that has this share of the weights, ``[n_samples]``."""
        order = np.argsort(x, axis=1, kind="stable")
        reached = np.cumsum(self.weights[order], axis=1)
        at = (reached >= share * reached[:, -1:]).argmax(axis=1)
        return np.asarray(np.take_along_axis(x, np.take_along_axis(order, at[:, None], axis=1), axis=1)[:, 0])

    def evaluate(self, *inputs: Array) -> Array:
        return self._least(inputs[0].reshape(len(inputs[0]), -1), 0.5)[:, None]

    def device_weights(self) -> npt.NDArray[np.uint32]:
        """Whole numbers in proportion to the weights."""
        total = float(self.weights.sum())
        shares = self.weights / total if total > 0.0 else np.zeros(len(self.weights))
        return np.rint(shares * _TOTAL).astype(np.uint32)

    def device_half(self) -> int:
        """What half of the weights comes to at least, whatever the roundings of so many weights."""
        return _TOTAL // 2 - (len(self.weights) + 1) // 2 if self.weights.any() else 0

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """No number moves the median further than itself; where a sum is nearly half, the next one may be it."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        most = errors[0].reshape(x.shape).max(axis=1)
        low = self._least(x, 0.5 - (len(self.weights) + 1) / _TOTAL)
        high = self._least(x, 0.5 + 2.0**-50 * len(self.weights))
        return np.asarray(np.maximum(high - output[:, 0], output[:, 0] - low) + most)[:, None]
