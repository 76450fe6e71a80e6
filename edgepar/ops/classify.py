# SPDX-License-Identifier: Apache-2.0
"""From scores to a class index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.ops.op import Array, Op, Value


@dataclass(frozen=True, eq=False)
class Classify(Op):
    """Index of a class.

    ``argmax`` takes the first maximum; ``positive`` takes one score and answers ``score > threshold``.
    """

    rule: Literal["argmax", "positive"]
    threshold: float = 0.0

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (1,), "int32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0]
        if self.rule == "positive":
            return np.asarray(x[:, -1:] > self.threshold, dtype=np.float64)
        return np.asarray(np.argmax(x, axis=1)[:, None], dtype=np.float64)

    def margin(self, inputs: tuple[Array, ...]) -> Array:
        """How far the decision is from turning, ``[n_samples]``, in units of the score."""
        x = inputs[0]
        if self.rule == "positive":
            return np.asarray(np.abs(x[:, -1] - self.threshold))
        if x.shape[1] == 1:
            return np.full(len(x), np.inf)
        ordered = np.sort(x, axis=1)
        return np.asarray(ordered[:, -1] - ordered[:, -2])

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """0 where the margin exceeds what two scores may miss together, else infinity (a near tie)."""
        allowed = errors[0].max(axis=1) * (1.0 if self.rule == "positive" else 2.0)
        near = ~(self.margin(inputs) > allowed)
        exact = allowed == 0.0
        return np.where(near & ~exact, np.inf, 0.0)[:, None]
