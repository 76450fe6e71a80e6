# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""One-vs-one classification: scores of all pairs of classes, and votes.

Pairs (i, j) with i < j are numbered (0, 1), (0, 2), ..., (1, 2), ...; a score above 0 speaks for i.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.linear import Linear
from edgepar.ops.op import Array, Op, Value


def pairs(n_classes: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and second class of each pair."""
    first, second = np.triu_indices(n_classes, 1)
    return first, second


@dataclass(frozen=True, eq=False)
class SupportScores(Op):
    """Score of each pair from the similarities of a sample to support vectors, which belong to one class each.

    Attributes
    ----------
    coef : Array
        ``[n_classes - 1, n_vectors]``: of each vector, its coefficient in the pair of its class with the m-th other.
    intercept : Array
        ``[n_pairs]``.
    owner : Array
        ``[n_vectors]``: class of each vector, ascending.
    """

    coef: Array
    intercept: Array
    owner: npt.NDArray[np.int64]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.coef) + 1

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        n_pairs = self.n_classes * (self.n_classes - 1) // 2
        if (
            self.coef.shape[1:] != (x.len,)
            or self.owner.shape != (x.len,)
            or self.intercept.shape != (n_pairs,)
            or np.any(np.diff(self.owner) < 0)
            or not set(self.owner.tolist()) <= set(range(self.n_classes))
        ):
            raise UnsupportedModelError(
                f"{self.origin}: coefficients {list(self.coef.shape)}, {len(self.intercept)} intercepts and the "
                f"classes of {len(self.owner)} support vectors do not fit {x.len} similarities; "
                f"give [classes - 1, {x.len}], one intercept a pair, and vectors in the order of their classes."
            )
        return Value(self.output, (n_pairs,), "float32")

    def linear(self) -> Linear:
        """The same scores as rows of a matrix, mostly zeros."""
        first, second = pairs(self.n_classes)
        of_first = np.where(self.owner == first[:, None], self.coef[second - 1], 0.0)
        of_second = np.where(self.owner == second[:, None], self.coef[first], 0.0)
        return Linear(
            self.inputs,
            self.output,
            self.origin,
            of_first + of_second,
            self.intercept,
            arithmetic=self.arithmetic,
        )

    def evaluate(self, *inputs: Array) -> Array:
        return self.linear().evaluate(*inputs)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """No term meets more additions than in one long sum."""
        return self.linear().bound(inputs, errors, output)


@dataclass(frozen=True, eq=False)
class SupportVotes(Op):
    """Pairs that each class wins; a score of 0 is a win of the second class (libsvm)."""

    n_classes: int

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if x.len != self.n_classes * (self.n_classes - 1) // 2 or self.n_classes < 2:
            raise UnsupportedModelError(
                f"{self.origin}: {x.len} scores do not fit {self.n_classes} classes; give one for each pair."
            )
        return Value(self.output, (self.n_classes,), "float32")

    def _sides(self) -> tuple[Array, Array]:
        """``[n_pairs, n_classes]``: 1 where the class is the first, and the second, of the pair."""
        first, second = pairs(self.n_classes)
        unit = np.eye(self.n_classes)
        return unit[first], unit[second]

    def evaluate(self, *inputs: Array) -> Array:
        first, second = self._sides()
        wins = (inputs[0].reshape(len(inputs[0]), -1) > 0.0).astype(np.float64)
        return np.asarray(wins @ first + (1.0 - wins) @ second)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """A pair that may turn moves both its classes by 1."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(x.shape)
        first, second = self._sides()
        with np.errstate(invalid="ignore"):
            turned = ~(np.abs(x) > error) & ~((error == 0.0) & np.isfinite(x))
        return np.asarray(turned.astype(np.float64) @ (first + second) * self.sides)
