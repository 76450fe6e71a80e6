# SPDX-License-Identifier: Apache-2.0
"""How much sparser the surroundings of a sample are than those of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.neighbours import Candidates, candidates, nearest
from edgepar.ops.op import U32, Array, Op, Value

#: What scikit-learn adds to a mean distance, so that none is 0.
LEAST_DISTANCE = 1e-10


@dataclass(frozen=True, eq=False)
class OutlierFactor(Op):
    """``-mean(density) (mean(max(distance, reach)) + 1e-10)`` over the k nearest rows.

    Attributes
    ----------
    reach : Array
        ``[n_rows]``: distance of each row to its own k-th neighbour.
    density : Array
        ``[n_rows]``: local reachability density of each row.
    k : int
        How many neighbours, up to the number of rows.
    exponent : float
        Power of the input that is a distance.
    """

    reach: Array
    density: Array
    k: int
    exponent: float

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.reach.shape != (x.len,) or self.density.shape != (x.len,) or not 1 <= self.k <= x.len:
            raise UnsupportedModelError(
                f"{self.origin}: {self.k} neighbours, {self.reach.size} reaches and {self.density.size} densities do "
                f"not fit {x.len} distances; give 1 to {x.len} neighbours and a reach and a density for each row."
            )
        return Value(self.output, (1,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        found = inputs[0].reshape(len(inputs[0]), -1)
        rows = nearest(found, self.k)
        distance = np.take_along_axis(found, rows, axis=1) ** self.exponent
        reached = np.maximum(distance, self.reach[rows]).mean(axis=1)
        return np.asarray(-self.density[rows].mean(axis=1) * (reached + LEAST_DISTANCE))[:, None]

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Least and greatest sums of what may be among the k nearest, then roundings; docs/exactness.md."""
        found = inputs[0].reshape(len(inputs[0]), -1)
        error = errors[0].reshape(found.shape)
        bounds = np.zeros(output.shape)
        for s, chosen in enumerate(nearest(found, self.k)):
            some = candidates(found[s], error[s], chosen)
            least, most = self._reached(found[s], error[s])
            far = [_sum_of(some, least, 1), _sum_of(some, most, -1)]
            dense = [_sum_of(some, self.density, 1), _sum_of(some, self.density, -1)]
            ends = [-d / self.k * (r / self.k + LEAST_DISTANCE) for d, r in zip(dense, far, strict=True)]
            bounds[s] = max(abs(end - output[s, 0]) for end in ends)
            # Two sums of k rounded terms, two quotients, one addition, one product.
            bounds[s] += (2 * self.k + 10) * U32 * max(abs(end) for end in ends)
        return np.asarray(bounds * self.sides)

    def _reached(self, found: Array, error: Array) -> tuple[Array, Array]:
        """``max(distance, reach)`` of each row at both ends of the error and with its rounding."""
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = (np.maximum(found + side * error, 0.0) ** self.exponent for side in (-1.0, 1.0))
            off = U32 * np.ones(found.shape)
            if self.exponent not in (0.5, 1.0):
                # exp of a product with a logarithm: 2 ulp each, and one rounding.
                log = np.abs(np.log(np.maximum(found - error, 2.0**-149)))
                off = (
                    6 * U32 * (1 + self.exponent * np.maximum(log, np.abs(np.log(found + error + 2.0**-149))))
                )
        least = np.maximum(low * (1 - off), self.reach * (1 - U32))
        return least, np.maximum(high * (1 + off), self.reach * (1 + U32))


def _sum_of(some: Candidates, values: npt.NDArray[np.float64], side: int) -> float:
    """Least sum (side 1), or greatest (-1), of the values of rows that may be the nearest."""
    ordered = np.sort(side * values[some.open])[: some.places]
    return float(values[some.sure].sum() + side * ordered.sum())
