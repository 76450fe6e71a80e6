# SPDX-License-Identifier: Apache-2.0
"""Sums of leaf values over an ensemble of decision trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import U32, Array, Op, Value

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Trees(Op):
    """An ensemble as node tables.

    A sample goes left when ``x[feature] <= threshold`` (float64 comparison of the float32 input), or when the feature is
    NaN and ``missing_left`` is set; else right.

    Attributes
    ----------
    roots : Ints
        Node index of each tree's root.
    feature, left, right : Ints
        One entry a node; ``left[i] == -1`` marks a leaf.
    threshold : Array
        One float64 a node.
    missing_left : NDArray[bool]
        One entry a node.
    leaf : Ints
        Row of ``leaf_values`` for a leaf, -1 for other nodes.
    leaf_values : Array
        ``[n_distinct_leaves, n_outputs]``.
    base : Array
        ``[n_outputs]``, added once to the sum.
    divisor : float
        The sum of leaf values is divided by it (the number of trees for averages), before the base is added.
    aggregate : str
        How leaf values of the trees meet.
    """

    n_features: int
    roots: Ints
    feature: Ints
    threshold: Array
    left: Ints
    right: Ints
    missing_left: npt.NDArray[np.bool_]
    leaf: Ints
    leaf_values: Array
    base: Array
    divisor: float = 1.0
    aggregate: Literal["sum", "min", "max"] = "sum"

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        inner = self.left >= 0
        if x.len != self.n_features or (inner.any() and int(self.feature[inner].max()) >= x.len):
            raise UnsupportedModelError(
                f"{self.origin}: the trees look at {self.n_features} features, the input has {x.len}."
            )
        return Value(self.output, (self.leaf_values.shape[1],), "float32")

    def leaf_rows(self, x: Array) -> Ints:
        """Row of ``leaf_values`` that each sample reaches in each tree, ``[n_samples, n_trees]``."""
        x = x.reshape(len(x), -1)
        node = np.broadcast_to(self.roots, (len(x), len(self.roots))).copy()
        rows = np.arange(len(x))[:, None]
        while True:
            inner = self.left[node] >= 0
            if not inner.any():
                return np.asarray(self.leaf[node])
            value = x[rows, np.where(inner, self.feature[node], 0)]
            with np.errstate(invalid="ignore"):
                go_left = (value <= self.threshold[node]) | (np.isnan(value) & self.missing_left[node])
            node = np.where(inner, np.where(go_left, self.left[node], self.right[node]), node)

    def evaluate(self, *inputs: Array) -> Array:
        reached = self.leaf_rows(inputs[0])
        total = self.leaf_values[reached[:, 0]].copy()
        for tree in range(1, reached.shape[1]):
            term = self.leaf_values[reached[:, tree]]
            if self.aggregate == "sum":
                total += term
            else:
                total = (np.minimum if self.aggregate == "min" else np.maximum)(total, term)
        return np.asarray(total / self.divisor + self.base)

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Fixed-point leaves: half a step a tree, then one conversion and one multiplication; decisions are exact."""
        if np.any(errors[0] > 0):
            return np.full(output.shape, np.inf)
        step = self.leaf_step()
        rounding = len(self.roots) * step / 2 / abs(self.divisor)
        if self.leaves_are_exact():
            rounding = 0.0
        return np.asarray(
            rounding + 3 * U32 * (np.abs(output - self.base) + np.abs(output)) + np.zeros_like(output)
        )

    def leaf_step(self) -> float:
        """Value of one unit of the device's int32 leaves: a power of two, such that no sum of all trees overflows."""
        largest = float(np.abs(self.leaf_values).max(initial=0.0))
        if largest == 0.0:
            return 2.0**-30
        terms = len(self.roots) if self.aggregate == "sum" else 1
        # frexp: largest * terms < 2**exponent, so sums stay below 2**30 in magnitude.
        exponent = int(np.frexp(largest * terms)[1])
        return float(2.0 ** (exponent - 30))

    def leaves_are_exact(self) -> bool:
        """Whether every leaf value is a whole number of steps (pure leaves of a forest are)."""
        scaled = self.leaf_values / self.leaf_step()
        return bool(np.all(scaled == np.rint(scaled)))
