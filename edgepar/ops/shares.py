# SPDX-License-Identifier: Apache-2.0

"""Shares of a sum: probabilities that were made apart from each other, made to sum to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Shares(Op):
    """``x / sum(x)`` of numbers from 0 on; where the sum is 0, ``of_nothing`` for each."""

    of_nothing: float = 0.0

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, (inputs[0].len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        total = x.sum(axis=1, keepdims=True)
        return np.where(total == 0.0, self.of_nothing, x / np.where(total == 0.0, 1.0, total))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Numerator and sum move within their errors; shares lie between 0 and 1 on both sides, whatever happens."""
        x, error = (a.reshape(len(a), -1) for a in (inputs[0], errors[0]))
        n = x.shape[1]
        total = x.sum(axis=1, keepdims=True)
        gamma = n * U32 / (1 - n * U32)
        with np.errstate(all="ignore"):
            total_error = error.sum(axis=1, keepdims=True) * (1 + gamma) + gamma * total + n * 2.0**-149
            moved = (error + output * total_error) / (total - total_error)
            bound = moved * (1 + 2 * U32) + 2 * U32 * output + 2.0**-149
            bound = np.where(total > total_error, np.minimum(bound, 1.0 + 2.0**-20), 1.0 + 2.0**-20)
        nothing = (total == 0.0) & (error == 0.0).all(axis=1, keepdims=True)
        of_nothing = abs(float(np.float32(self.of_nothing)) - self.of_nothing)
        return np.where(nothing, of_nothing, bound)
