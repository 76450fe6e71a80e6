# SPDX-License-Identifier: Apache-2.0

"""Broken lines, one a feature: what isotonic calibration learns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class Interpolate(Op):
    """The line through ``(knots[k], values[k])`` at ``x[k]``, level outside; both are ``[n_features, n_knots]``."""

    knots: Array
    values: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if (
            self.knots.ndim != 2
            or self.knots.shape[1] == 0
            or len(self.knots) != x.len
            or self.values.shape != self.knots.shape
        ):
            raise UnsupportedModelError(
                f"{self.origin}: knots {list(self.knots.shape)} and values {list(self.values.shape)} do not fit "
                f"{x.len} features; give [features, knots] each."
            )
        return Value(self.output, (x.len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        columns = [np.interp(x[:, k], self.knots[k], self.values[k]) for k in range(len(self.knots))]
        return np.stack(columns, axis=1)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """A rounded knot, and each rounding on the way to the share of an interval, acts like a moved x.

        In an interval from ``low`` on, these moves are small against x, or against ``low`` where that is negative.
        Between x - reach and x + reach the line takes its extremes at the ends or at a knot.
        """
        x, error = (a.reshape(len(a), -1) for a in (inputs[0], errors[0]))
        bounds = np.empty(x.shape)
        for k in range(len(self.knots)):
            knots, values = self.knots[k], self.values[k]
            size = np.abs(x[:, k]) + error[:, k]
            at = np.searchsorted(knots, x[:, k] - 2 * error[:, k] - 12 * U32 * size, side="right") - 1
            lowest = np.where(at < 0, x[:, k], knots[np.maximum(at, 0)])
            reach = error[:, k] + 6 * U32 * (size + np.maximum(-lowest, 0.0)) + 2.0**-148
            low, high = x[:, k] - reach, x[:, k] + reach
            ends = np.stack([np.interp(low, knots, values), np.interp(high, knots, values)])
            least, most = ends.min(axis=0), ends.max(axis=0)
            # Of isotonic calibration the lines rise or fall all along, and the ends are the extremes.
            if not (np.all(np.diff(values) >= 0) or np.all(np.diff(values) <= 0)):
                inside = (knots >= low[:, None]) & (knots <= high[:, None])
                least = np.minimum(least, np.where(inside, values, np.inf).min(axis=1))
                most = np.maximum(most, np.where(inside, values, -np.inf).max(axis=1))
            rounding = 6 * U32 * np.abs(values).max() + 2.0**-148
            bounds[:, k] = np.maximum(most - output[:, k], output[:, k] - least) + rounding
        return bounds
