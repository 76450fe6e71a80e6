# SPDX-License-Identifier: Apache-2.0
"""From distances or products to similarities: the kernels of support vector machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Similarity(Op):
    """An elementwise map.

    ``rbf`` exp(-gamma x); ``polynomial`` (gamma x + coef0)^degree; ``sigmoid`` tanh(gamma x + coef0); ``cosine``
    max(1 - x, 0).
    """

    kind: Literal["rbf", "polynomial", "sigmoid", "cosine"]
    gamma: float = 1.0
    coef0: float = 0.0
    degree: int = 1

    def infer(self, *inputs: Value) -> Value:
        return Value(self.output, inputs[0].shape, "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0]
        with np.errstate(over="ignore"):
            if self.kind == "rbf":
                return np.exp(-self.gamma * x)
            if self.kind == "cosine":
                return np.maximum(1.0 - x, 0.0)
            z = self.gamma * x + self.coef0
            return np.asarray(z**self.degree if self.kind == "polynomial" else np.tanh(z))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """The error of the argument through the exact map, then the roundings of the map."""
        x, error = inputs[0], errors[0]
        product = np.abs(self.gamma) * (np.abs(x) + error)
        with np.errstate(all="ignore"):
            if self.kind == "rbf":
                # gamma as a float and the product round once each; exp is within 2 ulp.
                moved = self.gamma * error + 2 * (1 + U32) * U32 * product
                bound = output * np.expm1(np.minimum(moved, 700.0)) * (1 + 4 * U32) + 4 * U32 * output
            elif self.kind == "cosine":
                bound = error + U32 * (np.abs(1.0 - x) + error)
            else:
                z = np.abs(self.gamma * x + self.coef0)
                moved = np.abs(self.gamma) * error + 3 * U32 * (product + abs(self.coef0))
                if self.kind == "sigmoid":
                    # tanh never spreads; exp within 2 ulp of t <= 1, its argument exact, two sums and a quotient.
                    bound = np.minimum(moved + 8 * U32, 2.0)
                else:
                    most = (z + moved) ** self.degree
                    bound = most - z**self.degree + self.degree * U32 * (1 + 2.0**-10) * most
                    bound = np.where(most < 2.0**127, bound, np.inf)
            bound = np.where(product + abs(self.coef0) < 2.0**127, bound, np.inf)
        return np.asarray((bound + (max(self.degree, 1) + 1) * 2.0**-149) * self.sides)
