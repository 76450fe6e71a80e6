# SPDX-License-Identifier: Apache-2.0
"""What the nearest rows of a table say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value


def nearest(distances: Array, k: int) -> npt.NDArray[np.int64]:
    """Rows of the k smallest distances of each sample, ``[n_samples, k]``; equal ones in the order of the rows."""
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Which rows may be among the k nearest of one sample when distances move within their errors.

    ``sure`` are nearest anyway, ``open`` those of which ``places`` more are.
    """

    sure: npt.NDArray[np.int64]
    open: npt.NDArray[np.int64]
    places: int


def candidates(distance: Array, error: Array, chosen: npt.NDArray[np.int64]) -> Candidates:
    """The candidates of one sample, whose nearest rows by reference are ``chosen``."""
    inside = np.zeros(len(distance), dtype=np.bool_)
    inside[chosen] = True
    # Exact distances that are equal go by the number of the row on both sides.
    high, low = distance + error, np.where(error == 0.0, np.nextafter(distance, np.inf), distance - error)
    farthest_in, nearest_out = high[inside].max(), low[~inside].min(initial=np.inf)
    if farthest_in < nearest_out:
        return Candidates(chosen, chosen[:0], 0)
    # An inside row may leave when it can be beyond some outside one, an outside row may come in likewise.
    leaving = inside & ~(high < nearest_out)
    coming = ~inside & ~(low > farthest_in)
    return Candidates(np.flatnonzero(inside & ~leaving), np.flatnonzero(leaving | coming), int(leaving.sum()))


@dataclass(frozen=True, eq=False)
class Neighbours(Op):
    """Sum of the targets of the k nearest rows, or their mean weighted by distance.

    Attributes
    ----------
    targets : Array
        ``[n_rows, n_outputs]``; classes as 1 for the row's own and 0.
    k : int
        How many, up to the number of rows.
    exponent : float | None
        None for the plain sum; else weights are ``distance^-exponent``, and where a distance is 0, 1 for those
        rows and 0 for the others.
    """

    targets: Array
    k: int
    exponent: float | None = None

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.targets.ndim != 2 or len(self.targets) != x.len or not 1 <= self.k <= x.len:
            raise UnsupportedModelError(
                f"{self.origin}: {self.k} neighbours and targets {list(self.targets.shape)} do not fit {x.len} "
                f"distances; give 1 to {x.len} neighbours and [{x.len}, outputs]."
            )
        return Value(self.output, (self.targets.shape[1],), "float32")

    def is_votes(self) -> bool:
        """Whether each row has one target of 1, its class."""
        return bool(np.isin(self.targets, (0.0, 1.0)).all() and (self.targets.sum(axis=1) == 1.0).all())

    def weights(self, distances: Array) -> Array:
        """Weights for sorted distances ``[n_samples, k]``, relative to the nearest."""
        if self.exponent is None:
            return np.ones(distances.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = distances[:, :1] / distances
            return np.asarray(np.where(distances[:, :1] == 0.0, distances == 0.0, ratio**self.exponent))

    def evaluate(self, *inputs: Array) -> Array:
        distances = inputs[0].reshape(len(inputs[0]), -1)
        rows = nearest(distances, self.k)
        if self.exponent is None:
            return np.asarray(self.targets[rows].sum(axis=1))
        weights = self.weights(np.take_along_axis(distances, rows, axis=1))
        return np.asarray(
            (weights[:, :, None] * self.targets[rows]).sum(axis=1) / weights.sum(axis=1)[:, None]
        )

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Where the k-th place is open, the extreme sums of its candidates; then weights and roundings."""
        distances = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(distances.shape)
        rows = nearest(distances, self.k)
        bound = np.zeros(output.shape)
        rounded = self.targets.astype(np.float32).astype(np.float64)
        # Counts of classes are exact; other sums round the targets and k additions.
        off = (self.k + 2) * U32 * np.abs(self.targets) + np.abs(rounded - self.targets)
        for s, chosen in enumerate(rows):
            found = candidates(distances[s], error[s], chosen)
            if self.exponent is None:
                if found.places:
                    bound[s] = self._swaps(found, output[s])
                if not self.is_votes():
                    taken = np.concatenate([chosen, found.open])
                    bound[s] += off[taken].sum(axis=0) + self.k * 2.0**-148
            else:
                bound[s] = self._weighted(
                    self.exponent, found, distances[s], error[s], chosen, output[s], off
                )
        return bound * self.sides

    def _swaps(self, found: Candidates, output: Array) -> Array:
        """How far the sum moves when other candidates take the open places."""
        ordered = np.sort(self.targets[found.open], axis=0)
        base = self.targets[found.sure].sum(axis=0)
        least = base + ordered[: found.places].sum(axis=0)
        most = base + ordered[len(ordered) - found.places :].sum(axis=0)
        return np.asarray(np.maximum(most - output, output - least))

    def _weighted(
        self,
        exponent: float,
        found: Candidates,
        distance: Array,
        error: Array,
        chosen: npt.NDArray[np.int64],
        output: Array,
        off: Array,
    ) -> Array:
        near, near_error = distance[chosen], error[chosen]
        everyone = np.concatenate([found.sure, found.open])
        anything = np.abs(self.targets[everyone] - output).max(axis=0) + off[everyone].max(axis=0)
        zero_is_open = bool(((near - near_error <= 0.0) & ((near > 0.0) | (near_error > 0.0))).any())
        if found.places or zero_is_open:
            # A mean of candidates, whatever their weights.
            return np.asarray(anything)
        weights = self.weights(near[None])[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(near > 0.0, near_error / (near - near_error), 0.0)
            # Two distances, their quotient, the root (or exp and log), the product.
            ratio = np.where(weights > 0.0, near[0] / near, 1.0)
            log = np.abs(np.log(np.where(ratio > 0.0, ratio, 1.0)))
        moved = np.expm1(exponent * (relative + relative[0] + 2 * U32 + 4 * U32 * log)) + 6 * U32
        if near[0] == 0.0:
            moved = np.full(len(near), 2 * U32)
        total = weights.sum()
        spread = (weights * moved) @ np.abs(self.targets[chosen] - output) / total / max(1 - moved.max(), 0.5)
        if moved.max() > 0.5:
            return np.asarray(anything)
        return np.asarray(spread + 2 * weights @ off[chosen] / total + 3 * U32 * np.abs(output) + 2.0**-148)
