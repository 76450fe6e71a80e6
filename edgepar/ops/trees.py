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
Aggregate = Literal["sum", "min", "max"]


@dataclass(frozen=True, eq=False)
class Trees(Op):
    """An ensemble as node tables.

    A sample goes left when ``x[feature] <= threshold`` (float64 comparison of the float32 input), or when the
    feature is NaN and ``missing_left`` is set; else right. A node may be the child of two nodes (a test for equality
    takes two comparisons), but no path meets a node twice. Of two parents that share a child one has it on the left,
    and following left children first meets it there first.

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
    visits : Array | None
        Share of samples that meet each node of a tree, where the Model knows; speed may depend on it, no answer does.
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
    aggregate: Aggregate = "sum"
    visits: Array | None = None

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
        return self._walk(x, None)[0]

    def _walk(self, x: Array, error: Array | None) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Leaf rows, and the samples that meet no threshold within their error."""
        x = x.reshape(len(x), -1)
        node = np.broadcast_to(self.roots, (len(x), len(self.roots))).copy()
        safe = np.ones(node.shape, dtype=np.bool_)
        open_ = np.flatnonzero(self.left[node] >= 0)
        rows = np.broadcast_to(np.arange(len(x))[:, None], node.shape).reshape(-1)
        flat_node, flat_safe = node.reshape(-1), safe.reshape(-1)
        while len(open_):
            at = flat_node[open_]
            feature = self.feature[at]
            value = x[rows[open_], feature]
            with np.errstate(invalid="ignore"):
                go_left = (value <= self.threshold[at]) | (np.isnan(value) & self.missing_left[at])
                if error is not None:
                    # Infinity equals itself, so a sample there is safe when it carries no error.
                    e = error[rows[open_], feature]
                    flat_safe[open_] &= (
                        (np.abs(value - self.threshold[at]) > e) | (e == 0.0) | np.isnan(value)
                    )
            at = np.where(go_left, self.left[at], self.right[at])
            flat_node[open_] = at
            open_ = open_[self.left[at] >= 0]
        return np.asarray(self.leaf[node]), np.asarray(safe.all(axis=1))

    def evaluate(self, *inputs: Array) -> Array:
        return self._combine(self.leaf_rows(inputs[0]), self.leaf_values) / self.divisor + self.base

    def _combine(self, reached: Ints, table: Array) -> Array:
        total = table[reached[:, 0]].copy()
        for tree in range(1, reached.shape[1]):
            term = table[reached[:, tree]]
            if self.aggregate == "sum":
                total += term
            else:
                total = (np.minimum if self.aggregate == "min" else np.maximum)(total, term)
        return total

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Infinite where an error reaches a threshold; else half a fixed-point step a leaf and a few roundings."""
        error = errors[0].reshape(len(errors[0]), -1)
        reached, safe = self._walk(inputs[0], error if np.any(error > 0) else None)
        # Only trees that add to an output round there.
        steps = (self.largest_of_trees() > 0).sum(axis=0) if self.aggregate == "sum" else 1
        bound = 4 * U32 * (np.abs(output - self.base) + np.abs(output)) + 2.0**-148
        if len(self.roots) > 1 and not self.leaves_are_exact():
            bound = bound + steps * self.leaf_step() / 2 / abs(self.divisor)
        if self.arithmetic == "float32" and self.aggregate == "sum":
            # The Model adds float32 numbers, in an order of its own.
            terms = len(self.roots) + 2
            gamma = terms * U32 / (1 - terms * U32)
            bound = bound + gamma * (self._combine(reached, np.abs(self.leaf_values)) / abs(self.divisor))
        return np.where(safe[:, None], bound, np.inf)

    def leaf_step(self) -> float:
        """Value of one unit of the device's int32 leaves: a power of two, such that no sum of all trees overflows."""
        largest = float(np.abs(self.leaf_values).max(initial=0.0))
        if largest == 0.0:
            return 2.0**-30
        most = float(self.largest_of_trees().sum(axis=0).max()) if self.aggregate == "sum" else largest
        # frexp: most < 2**exponent, so sums stay below 2**30 in magnitude; a leaf stays below 2**29.
        exponent = max(int(np.frexp(most)[1]), int(np.frexp(largest)[1]) + 1)
        return float(2.0 ** (exponent - 30))

    def largest_of_trees(self) -> Array:
        """The largest magnitude that each tree adds to each output, ``[n_trees, n_outputs]``."""
        tree = np.full(len(self.left), -1)
        tree[self.roots] = np.arange(len(self.roots))
        level = self.roots[self.left[self.roots] >= 0]
        while len(level):
            for side in (self.left, self.right):
                tree[side[level]] = tree[level]
            below = np.unique(np.concatenate([self.left[level], self.right[level]]))
            level = below[self.left[below] >= 0]
        leaves = np.flatnonzero((self.left < 0) & (tree >= 0))
        largest = np.zeros((len(self.roots), self.leaf_values.shape[1]))
        np.maximum.at(largest, tree[leaves], np.abs(self.leaf_values[self.leaf[leaves]]))
        return largest

    def leaves_are_exact(self) -> bool:
        """Whether every leaf value is a whole number of steps (pure leaves of a forest are)."""
        scaled = self.leaf_values / self.leaf_step()
        return bool(np.all(scaled == np.rint(scaled)))
