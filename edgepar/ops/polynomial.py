# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG002 - an operation need not use all that shapes and bounds may depend on
"""Products of features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value

#: Half the spacing of float32 below 2**-126, and a little more.
_TINY = 2.0**-149
#: Products below it surely are no infinity in float32.
_LARGEST = 2.0**127


@dataclass(frozen=True, eq=False)
class Polynomial(Op):
    """``x[factors[k, 0]] * x[factors[k, 1]] * ...`` for each term k, multiplied in this order.

    Attributes
    ----------
    factors : Array
        int64 [terms, degree]; the number of features stands for the factor 1.
    """

    factors: npt.NDArray[np.int64]

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if self.factors.ndim != 2 or not self.factors.size:
            raise UnsupportedModelError(
                f"{self.origin}: the factors have shape {list(self.factors.shape)}; give a row for each term."
            )
        if not ((self.factors >= 0) & (self.factors <= x.len)).all():
            raise UnsupportedModelError(
                f"{self.origin}: factors {self.factors.min()} to {self.factors.max()} of {x.len} features are "
                f"taken; give some from 0 to {x.len}, which stands for 1."
            )
        return Value(self.output, (len(self.factors),), "float32")

    def device_runs(self, features: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Runs of terms whose first factors ascend one by one while the others stay.

        Returns
        -------
        Where each run starts, and the number of terms, int64 [runs + 1]; and the factors of its first term, int64
        [runs, degree], with those that stand for 1 at the end.
        """
        ones_last = np.argsort(self.factors == features, axis=1, kind="stable")
        factors = np.take_along_axis(self.factors, ones_last, axis=1)
        goes_on = (np.diff(factors[:, 0]) == 1) & (factors[1:, 0] < features)
        goes_on &= (factors[1:, 1:] == factors[:-1, 1:]).all(axis=1)
        starts = np.flatnonzero(np.concatenate([[True], ~goes_on]))
        return np.append(starts, len(factors)), factors[starts]

    def evaluate(self, *inputs: Array) -> Array:
        padded = _with_one(inputs[0])
        with np.errstate(over="ignore", invalid="ignore"):
            product = padded[:, self.factors[:, 0]]
            for column in self.factors.T[1:]:
                product = product * padded[:, column]
        return np.asarray(product)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Factor by factor: what both are off, and one rounding each; factors 1 round nothing."""
        padded, off = _with_one(inputs[0]), _with_one(errors[0])
        off[:, -1] = 0.0
        first = self.factors[:, 0]
        with np.errstate(all="ignore"):
            product, error = padded[:, first], off[:, first]
            beyond = np.abs(product) + error >= _LARGEST
            for column in self.factors.T[1:]:
                y, y_off = padded[:, column], off[:, column]
                error = error * (np.abs(y) + y_off) + np.abs(product) * y_off
                product = product * y
                reach = np.abs(product) + error
                # The Model rounds too, by 2**-53 of the same numbers.
                rounding = (U32 + 2.0**-52) * reach + _TINY
                is_one = (column == padded.shape[1] - 1) | np.all(self.factors == padded.shape[1] - 1, axis=1)
                error = error + np.where(is_one, 0.0, rounding)
                beyond |= reach >= _LARGEST
        return np.where(beyond | np.isnan(error), np.inf, error)


def _with_one(x: Array) -> Array:
    """The features of each sample and a 1 behind them."""
    flat = x.reshape(len(x), -1)
    return np.concatenate([flat, np.ones((len(x), 1))], axis=1)
