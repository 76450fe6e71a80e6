# SPDX-License-Identifier: Apache-2.0
"""Scores that are linear in the features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Linear(Op):
    """``coef @ x + intercept``; ``coef`` is ``[n_outputs, n_features]``, ``intercept`` ``[n_outputs]``."""

    coef: Array
    intercept: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if (
            self.coef.ndim != 2
            or self.coef.shape[1] != x.len
            or self.intercept.shape != (self.coef.shape[0],)
        ):
            raise UnsupportedModelError(
                f"{self.origin}: coefficients {list(self.coef.shape)} and intercepts {list(self.intercept.shape)} "
                f"do not fit {x.len} features; give [outputs, {x.len}] and [outputs]."
            )
        return Value(self.output, (self.coef.shape[0],), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        return np.asarray(x @ self.coef.T + self.intercept, dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """n products, each rounded, summed in any order, with rounded coefficients: gamma(n + 3) on absolute values."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.coef.shape[1]
        gamma = (n + 3) * U32 / (1 - (n + 3) * U32)
        magnitude = (np.abs(x) + error) @ np.abs(self.coef.T) + np.abs(self.intercept)
        return np.asarray(error @ np.abs(self.coef.T) + gamma * magnitude + n * 2.0**-148)
