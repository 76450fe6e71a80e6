# SPDX-License-Identifier: Apache-2.0
"""Distances of a sample to the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value

Metric = Literal["sqeuclidean", "manhattan", "chebyshev", "power"]


@dataclass(frozen=True, eq=False)
class Distances(Op):
    """Sum of ``|x - row|^power`` for each row of ``rows``, ``[n_rows, n_features]``, or the largest ``|x - row|``.

    Attributes
    ----------
    metric : str
        ``sqeuclidean`` (power 2), ``manhattan`` (power 1), ``chebyshev`` (the largest), ``power``.
    power : float
        Exponent of ``power``, above 0.
    """

    rows: Array
    metric: Metric
    power: float = 2.0

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.rows.ndim != 2 or self.rows.shape[1] != x.len or not len(self.rows):
            raise UnsupportedModelError(
                f"{self.origin}: a table of {list(self.rows.shape)} does not fit {x.len} features; "
                f"give [rows, {x.len}]."
            )
        return Value(self.output, (len(self.rows),), "float32")

    def _terms(self, d: Array) -> Array:
        if self.metric == "sqeuclidean":
            return d * d
        return d**self.power if self.metric == "power" else d

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        found = np.zeros((len(x), len(self.rows)))
        with np.errstate(over="ignore"):
            for i, column in enumerate(self.rows.T):  # feature by feature, to keep the arrays small
                d = np.abs(x[:, i, None] - column)
                if self.metric == "chebyshev":
                    np.maximum(found, d, out=found)
                else:
                    found += self._terms(d)
        return found

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Each difference is off by its input, its row's rounding and its own; docs/exactness.md has the rest.

        Whole numbers whose distance stays below ``2**24`` are exact: every step of the sum is.
        """
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(x.shape)
        n = x.shape[1]
        bounds = np.zeros(output.shape)
        total = np.zeros(output.shape)
        with np.errstate(all="ignore"):
            if self.metric == "chebyshev":
                bounds = self._largest_bound(x, error)
            else:
                for i in range(n):
                    d, delta = self._difference(x, error, i)
                    most = self._terms(d + delta)
                    if self.metric == "sqeuclidean":
                        off = (2 * d + delta) * delta
                    elif self.metric == "manhattan":
                        off = delta
                    else:
                        least = self._terms(np.maximum(d - delta, 0.0))
                        off = np.maximum(most - self._terms(d), self._terms(d) - least) + (
                            self._term_error(d, delta) * most
                        )
                    bounds += off
                    total += most
                rounds = (n + 2) * U32
                bounds += rounds / (1 - rounds) * total + n * 2.0**-148
                bounds[total >= 2.0**127] = np.inf
        return np.where(self._exact(x, error, output), 0.0, bounds * self.sides)

    def _difference(self, x: Array, error: Array, i: int) -> tuple[Array, Array]:
        """``|x - row|`` of one feature and how far the device's is from it, ``[n_samples, n_rows]``."""
        column, e = self.rows[:, i], error[:, i, None]
        d = x[:, i, None] - column
        off = e + np.abs(column.astype(np.float32).astype(np.float64) - column)
        x32, column32 = x[:, i, None].astype(np.float32), column.astype(np.float32)
        # Where the device knows x, what it computes is known as well.
        known = (e == 0.0) & (x32.astype(np.float64) == x[:, i, None])
        miss = np.abs((x32 - column32).astype(np.float64) - d)
        return np.abs(d), np.where(known, miss, off + U32 * (np.abs(d) + off))

    def _largest_bound(self, x: Array, error: Array) -> Array:
        """The worst of the features that may be the largest."""
        n = x.shape[1]
        sure = np.zeros((len(x), len(self.rows)))
        for i in range(n):
            d, delta = self._difference(x, error, i)
            np.maximum(sure, d - delta, out=sure)
        bounds = np.zeros(sure.shape)
        for i in range(n):
            d, delta = self._difference(x, error, i)
            np.maximum(bounds, np.where(d + delta >= sure, delta, 0.0), out=bounds)
        return bounds

    def _term_error(self, d: Array, delta: Array) -> Array:
        """Relative error of one power, given its base: products, or exp and log."""
        if self.is_whole():
            return np.full(d.shape, self.power * U32 * (1 + 2.0**-10))
        with np.errstate(divide="ignore"):
            log = np.abs(np.log(np.maximum(d - delta, 2.0**-149)))
        # In exp(power log d): 4 roundings of the exponent, 2 ulps of exp.
        exponent = 4 * U32 * self.power * np.maximum(log, np.abs(np.log(d + delta + 2.0**-149)))
        return np.where(d + delta == 0.0, 0.0, np.expm1(exponent) + 4 * U32)

    def is_whole(self) -> bool:
        """Whether the power is a small whole number, which products compute."""
        return self.power == round(self.power) and 1 <= self.power <= 16

    def _exact(self, x: Array, error: Array, output: Array) -> Array:
        whole = (error == 0.0).all(axis=1) & (x == np.round(x)).all(axis=1)
        rows = bool((self.rows == np.round(self.rows)).all() and (np.abs(self.rows) < 2.0**24).all())
        small = (np.abs(x) < 2.0**24).all(axis=1)
        steps = self.metric != "power" or self.is_whole()
        return np.asarray((whole & small)[:, None] & (output < 2.0**24) & (rows and steps))
