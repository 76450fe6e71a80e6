# SPDX-License-Identifier: Apache-2.0
"""One-vs-one answers to one score a class."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class PairVotes(Op):
    """Votes and, between them, bounded confidences, as scikit-learn's one-vs-one decision function has it.

    The inputs are predictions (1 for the second class of a pair, else 0) and confidences in the second class, one a
    pair (0, 1), (0, 2), ..., (1, 2), ... of ``classes``; or scores alone, which speak for the first class from 0 on.
    """

    classes: int

    def infer(self, *inputs: Value) -> Value:
        pairs = self.classes * (self.classes - 1) // 2
        if self.classes < 2 or len(inputs) not in (1, 2) or any(value.len != pairs for value in inputs):
            found = " and ".join(str(value.len) for value in inputs)
            raise UnsupportedModelError(
                f"{self.origin}: {found} answers of pairs for {self.classes} classes; give {pairs} each."
            )
        return Value(self.output, (self.classes,), "float32")

    def _answers(self, inputs: tuple[Array, ...]) -> tuple[Array, Array]:
        """Predictions and confidences of pairs, ``[n_samples, n_pairs]``."""
        flat = [x.reshape(len(x), -1) for x in inputs]
        if len(flat) == 2:
            return flat[0], flat[1]
        return (flat[0] < 0.0).astype(np.float64), -flat[0]

    def evaluate(self, *inputs: Array) -> Array:
        predictions, confidences = self._answers(inputs)
        pairs = pair_sides(self.classes)
        votes = (1.0 - predictions) @ np.maximum(-pairs, 0.0) + predictions @ np.maximum(pairs, 0.0)
        confidence = confidences @ pairs
        return np.asarray(votes + confidence / (3.0 * (np.abs(confidence) + 1.0)))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Votes are small whole numbers; s / (3 (|s| + 1)) has a slope of 1 / (3 (|s| + 1)^2) and lies within 1/3."""
        confidences = self._answers(inputs)[1]
        error = errors[-1].reshape(confidences.shape)
        if len(inputs) == 2:
            unsure = errors[0].reshape(confidences.shape)
        else:
            # A score that may be on either side of 0 is a vote for either class.
            sure = (np.abs(confidences) > error) | ((error == 0.0) & np.isfinite(confidences))
            unsure = 1.0 - sure
        size = np.abs(pair_sides(self.classes))
        gamma = self.classes * U32 / (1 - self.classes * U32)
        with np.errstate(over="ignore", invalid="ignore"):
            confidence_error = error @ size + gamma * ((np.abs(confidences) + error) @ size)
            confidence_error = np.nan_to_num(confidence_error, nan=np.inf)
            nearest = np.maximum(np.abs(confidences @ pair_sides(self.classes)) - confidence_error, 0.0)
            moved = np.minimum(confidence_error / (3.0 * (nearest + 1.0) ** 2), 2.0 / 3.0)
        return np.asarray((unsure @ size + moved + 2 * U32 + U32 * np.abs(output)) * self.sides)


def pair_sides(classes: int) -> Array:
    """``[pairs, classes]``: -1 for the first class of a pair, 1 for the second, in the order of the pairs."""
    pairs = list(combinations(range(classes), 2))
    sides = np.zeros((len(pairs), classes))
    for row, (first, second) in enumerate(pairs):
        sides[row, first], sides[row, second] = -1.0, 1.0
    return sides
