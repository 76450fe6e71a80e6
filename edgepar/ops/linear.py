# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
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

    def is_tiny(self) -> Array:
        """1 for coefficients that float32 holds with fewer digits, else 0."""
        size = np.abs(self.coef)
        return np.asarray((size > 0.0) & (size < 2.0**-126), dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """N products, each rounded, summed in any order, with rounded coefficients: gamma(n + 3) on absolute values."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.coef.shape[1]
        gamma = (n + 3) * U32 / (1 - (n + 3) * U32)
        size = np.abs(x) + error
        with np.errstate(over="ignore", invalid="ignore"):
            magnitude = size @ np.abs(self.coef.T) + np.abs(self.intercept)
            # Coefficients and products below 2**-126 miss by half a spacing, whatever their value.
            tiny = 2.0**-149 * (size @ self.is_tiny().T) + (n + 2) * 2.0**-149
            bound = error @ np.abs(self.coef.T) + self.sides * (gamma * magnitude + tiny)
        return np.where(magnitude < 2.0**127, bound, np.inf)
