# SPDX-License-Identifier: Apache-2.0
"""Division of a sample by its own norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Normalize(Op):
    """``x / norm(x)``; a sample of zeros stays as it is (scikit-learn's Normalizer)."""

    norm: Literal["l1", "l2", "max"]

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, inputs[0].shape, "float32")

    def _norm(self, x: Array) -> Array:
        flat = np.abs(x.reshape(len(x), -1))
        if self.norm == "l1":
            norm = flat.sum(axis=1)
        elif self.norm == "l2":
            norm = np.sqrt((flat * flat).sum(axis=1))
        else:
            norm = flat.max(axis=1)
        return np.where(norm == 0.0, 1.0, norm).reshape((-1,) + (1,) * (x.ndim - 1))

    def evaluate(self, *inputs: Array) -> Array:
        return np.asarray(inputs[0] / self._norm(inputs[0]), dtype=np.float64)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        x, error = inputs[0], errors[0]
        n = x[0].size
        norm = self._norm(x)
        error_of_norm = self._norm(error) * np.any(error > 0) + (n + 4) * U32 * norm
        return np.asarray(
            (error + np.abs(output) * error_of_norm) / norm * (1 + 8 * U32)
            + 2 * U32 * np.abs(output)
            + 2.0**-149
        )
