# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""From scores to a class index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.ops.op import Array, Op, Value

Rule = Literal["argmax", "argmin", "positive"]


@dataclass(frozen=True, eq=False)
class Classify(Op):
    """Index of a class.

    ``argmax`` takes the first maximum, ``argmin`` the first minimum; ``positive`` takes one score and answers
    ``score > threshold``.
    """

    rule: Rule
    threshold: float = 0.0

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (1,), "int32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        if self.rule == "positive":
            return np.asarray(x[:, -1:] > self.threshold, dtype=np.float64)
        best = np.argmin(x, axis=1) if self.rule == "argmin" else np.argmax(x, axis=1)
        return np.asarray(best[:, None], dtype=np.float64)

    def margin(self, inputs: tuple[Array, ...], errors: tuple[Array, ...] | None = None) -> Array:
        """How far the decision is from turning, ``[n_samples]``, in units of the score.

        With ``errors``, what is left of it when every score moves against the decision as far as it may.
        """
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = np.zeros(x.shape) if errors is None else errors[0].reshape(x.shape)
        if self.rule == "positive":
            return np.asarray(np.abs(x[:, -1] - self.threshold) - error[:, -1])
        if x.shape[1] == 1:
            return np.full(len(x), np.inf)
        x = -x if self.rule == "argmin" else x
        rows = np.arange(len(x))
        best = np.argmax(x, axis=1)
        with np.errstate(invalid="ignore"):
            rivals = x + error
            rivals[rows, best] = -np.inf
            left = (x[rows, best] - error[rows, best]) - rivals.max(axis=1)
        return np.where(np.isnan(left), -np.inf, left)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """0 where no score can move far enough to turn the decision, else infinity (a near tie)."""
        threshold_error = (
            abs(float(np.float32(self.threshold)) - self.threshold) if self.rule == "positive" else 0.0
        )
        left = self.margin(inputs, errors) - threshold_error
        exact = ~np.any(errors[0].reshape(len(errors[0]), -1) > 0, axis=1) & (threshold_error == 0.0)
        return np.where((left > 0.0) | exact, 0.0, np.inf)[:, None]
