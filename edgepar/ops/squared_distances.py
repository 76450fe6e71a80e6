# SPDX-License-Identifier: Apache-2.0
"""Squared Euclidean distances to centroids, and their roots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


@dataclass(frozen=True, eq=False)
class SquaredDistances(Op):
    """``sum((x - centroid)^2)`` for each centroid; ``centroids`` is ``[n_centroids, n_features]``."""

    centroids: Array

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.centroids.ndim != 2 or self.centroids.shape[1] != x.len or not len(self.centroids):
            raise UnsupportedModelError(
                f"{self.origin}: centroids {list(self.centroids.shape)} do not fit {x.len} features; "
                f"give [centroids, {x.len}]."
            )
        return Value(self.output, (len(self.centroids),), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        squares = np.empty((len(x), len(self.centroids)))
        with np.errstate(over="ignore"):
            for k, centroid in enumerate(self.centroids):  # one by one, to keep the arrays small
                squares[:, k] = ((x - centroid) ** 2).sum(axis=1)
        return squares

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """N squares of differences to rounded centroids; docs/exactness.md derives the constants."""
        x = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(len(x), -1)
        n = self.centroids.shape[1]
        gamma = (n + 1) * U32 / (1 - (n + 1) * U32)
        bounds = np.empty(output.shape)
        with np.errstate(all="ignore"):
            for k, centroid in enumerate(self.centroids):
                d = np.abs(x - centroid)
                missed = np.abs(centroid.astype(np.float32).astype(np.float64) - centroid)
                d_error = (error + missed) * (1 + 2 * U32) + U32 * d
                off = ((2 * d + d_error) * d_error).sum(axis=1)
                bounds[:, k] = off + gamma * (output[:, k] + off) + n * 2.0**-148
        return np.asarray(np.where(output < 2.0**127, bounds * self.sides, np.inf))


@dataclass(frozen=True, eq=False)
class Root(Op):
    """The square root of each element; none is negative."""

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        return Value(self.output, x.shape, "float32")

    def evaluate(self, *inputs: Array) -> Array:
        return np.sqrt(inputs[0])

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """The exact root at both ends of the error, and one rounding."""
        x, error = inputs[0], errors[0]
        with np.errstate(all="ignore"):
            high = np.where(error > 0, error / (np.sqrt(x + error) + output), 0.0)
            drop = np.minimum(error, x)
            low = np.where(drop > 0, drop / (np.sqrt(x - drop) + output), 0.0)
            moved = np.maximum(high, low)
            bound = (moved + U32 * (output + moved) * self.sides) * (1 + 2.0**-40) + 2.0**-149
        return np.asarray(np.where(np.isfinite(error), bound, np.inf))
