# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Naive Bayes of categories: joint log likelihoods from a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class CategoricalNB(Op):
    """``log_prior`` and, for each feature, the row of its category; a category without a row adds nothing.

    Attributes
    ----------
    counts : Array
        ``[n_features]``: categories of each feature, 0 to ``counts[i] - 1``.
    log_prob : Array
        ``[n_categories, n_classes]``: the rows of the first feature, then those of the second, and so on.
    log_prior : Array
        ``[n_classes]``.
    """

    counts: npt.NDArray[np.int64]
    log_prob: Array
    log_prior: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if (
            self.counts.shape != (x.len,)
            or (self.counts < 1).any()
            or self.log_prob.shape != (self.counts.sum(), len(self.log_prior))
        ):
            raise UnsupportedModelError(
                f"{self.origin}: logarithms {list(self.log_prob.shape)} of the categories of {len(self.counts)} "
                f"features and {len(self.log_prior)} priors do not fit {x.len} features; give one category or more a "
                "feature and a row for each."
            )
        return Value(self.output, (len(self.log_prior),), "float32")

    def starts(self) -> npt.NDArray[np.int64]:
        """Where the rows of each feature begin, and behind them the number of rows."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    def _rows(self, x: Array) -> npt.NDArray[np.int64]:
        """``[n_samples, n_features]``: row of each category; the one past the last where there is none."""
        known = (x > -1.0) & (x < self.counts)
        category = np.where(known, np.trunc(np.where(known, x, 0.0)), 0.0).astype(np.int64)
        return np.where(known, self.starts()[:-1] + category, len(self.log_prob))

    def _table(self) -> Array:
        """The rows, and one of zeros behind them."""
        return np.vstack([self.log_prob, np.zeros(len(self.log_prior))])

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        return np.asarray(self._sums(self._table(), x) + self.log_prior)

    def _sums(self, table: Array, x: Array) -> Array:
        """Sum of the rows of a sample's categories, feature by feature: all at once would need much memory."""
        sums = np.zeros((len(x), len(self.log_prior)))
        for rows in self._rows(x).T:
            sums += table[rows]
        return sums

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """A rounded row a feature, added in any order; a feature that may be of several categories adds their range."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(x.shape)
        table, rows = self._table(), self._rows(x)
        gamma = (x.shape[1] + 3) * U32 / (1 - (x.shape[1] + 3) * U32)
        bound = gamma * (self._sums(np.abs(table), x) + np.abs(self.log_prior))
        unsure = (self._rows(x - error) != rows) | (self._rows(x + error) != rows)
        for feature, (begin, end) in enumerate(zip(self.starts()[:-1], self.starts()[1:], strict=True)):
            # Any row of the feature, or none.
            spread = np.maximum(table[begin:end].max(axis=0), 0.0) - np.minimum(
                table[begin:end].min(axis=0), 0.0
            )
            bound += unsure[:, feature, None] * (1 + gamma) * spread
        return np.asarray(bound * self.sides)
