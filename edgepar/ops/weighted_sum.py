# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Weighted sums and means of what the members of an ensemble answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class WeightedSum(Op):
    """``sum(weights[m] * x[m]) / divisor``; x is ``[n_members * n_outputs]``, ``weights`` ``[n_members]``."""

    weights: Array
    divisor: float = 1.0

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.weights.ndim != 1 or not len(self.weights) or x.len % len(self.weights):
            raise UnsupportedModelError(
                f"{self.origin}: {x.len} numbers of {list(self.weights.shape)} members do not fit; "
                "give each member one weight and the same number of outputs."
            )
        return Value(self.output, (x.len // len(self.weights),), "float32")

    def device_weights(self) -> Array:
        """The weights that the device holds as float32."""
        return np.asarray(self.weights / self.divisor)

    def _members(self, x: Array) -> Array:
        return x.reshape(len(x), len(self.weights), -1)

    def evaluate(self, *inputs: Array) -> Array:
        return np.asarray((self._members(inputs[0]) * self.weights[:, None]).sum(axis=1) / self.divisor)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """M products of rounded weights, summed; no rounding at all where everything is a small whole number."""
        x, error = self._members(inputs[0]), self._members(errors[0])
        size = np.abs(self.device_weights())[:, None]
        n = len(self.weights)
        gamma = (n + 2) * U32 / (1 - (n + 2) * U32)
        with np.errstate(over="ignore", invalid="ignore"):
            magnitude = ((np.abs(x) + error) * size).sum(axis=1)
            tiny = (2 * n + 1) * 2.0**-149 * (1.0 + np.abs(x).max(axis=1) + error.max(axis=1))
            rounding = gamma * magnitude + tiny
            whole = np.all(self.device_weights() == np.rint(self.device_weights()))
            exact = whole & (x == np.rint(x)).all(axis=1) & (error == np.rint(error)).all(axis=1)
            rounding = np.where(exact & (magnitude < 2.0**24), 0.0, rounding)
            bound = (error * size).sum(axis=1) + rounding
        return np.where(magnitude < 2.0**127, bound, np.inf)
