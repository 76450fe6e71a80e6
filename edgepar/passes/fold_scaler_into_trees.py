# SPDX-License-Identifier: Apache-2.0
"""Scalers before trees become other thresholds, exactly.

A scaler maps each feature by a function f that never decreases or never increases, also as computed: every rounded step
is monotone. So what ``f(x) <= t`` decides over all float32 x is one boundary on the float32 line. It is found by
bisection, running the Model's own steps, never by algebra.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.ops import Elementwise, Op, Trees
from edgepar.ops.op import Array
from edgepar.passes.rewrite import producer, rewrite

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Rank of +infinity among the float32 in ascending order, when 0.0 has rank 0.
INFINITY_RANK = 0x7F800000


def fold_scaler_into_trees(graph: Graph) -> Graph:
    """Trees behind scalers of the input read the input itself; scalers that nothing else reads are gone."""
    new: dict[str, Op] = {}
    for op in graph.ops:
        if isinstance(op, Trees):
            chain = _chain(graph, op)
            folded = _fold(op, chain, graph.input.name) if chain else None
            if folded is not None:
                new[op.output] = folded
    return rewrite(graph, new) if new else graph


def _chain(graph: Graph, op: Trees) -> list[Elementwise]:
    """The scalers between the input and the trees, in order; empty when there is anything else between them."""
    chain: list[Elementwise] = []
    value = op.inputs[0]
    while value != graph.input.name:
        before = producer(graph, value)
        if not isinstance(before, Elementwise):
            return []
        chain.insert(0, before)
        value = before.inputs[0]
    return chain


def _fold(op: Trees, chain: list[Elementwise], source: str) -> Trees | None:
    """The trees on the unscaled input; None where children are shared and would have to change sides."""
    inner = np.flatnonzero(op.left >= 0)
    origin = f"{op.origin} with {', '.join(scaler.origin for scaler in chain)} folded in"
    if not len(inner):
        return replace(op, inputs=(source,), origin=origin)
    # Forests ask many questions more than once.
    keys = np.stack([op.feature[inner].astype(np.float64), op.threshold[inner]])
    pairs, back = np.unique(keys, axis=1, return_inverse=True)
    feature, threshold = pairs[0].astype(np.int64), pairs[1]
    boundary, mirrored = boundaries(chain, feature, threshold, op.n_features)
    back = np.asarray(back).reshape(-1)
    swap = np.zeros(len(op.left), dtype=np.bool_)
    swap[inner] = mirrored[back]
    children = np.concatenate([op.left[inner], op.right[inner]])
    if swap.any() and len(np.unique(children)) != len(children):
        return None
    new_threshold = op.threshold.copy()
    new_threshold[inner] = boundary[back]
    missing = np.where(swap, ~op.missing_left, op.missing_left)
    folded = replace(
        op,
        inputs=(source,),
        origin=origin,
        threshold=new_threshold,
        left=np.where(swap, op.right, op.left),
        right=np.where(swap, op.left, op.right),
        missing_left=missing,
    )
    constant = (op.left >= 0) & (_direction(chain, op.n_features)[op.feature] == 0)
    return _send_infinities(folded, constant)


def boundaries(
    chain: list[Elementwise], feature: Ints, threshold: Array, n_features: int
) -> tuple[Array, Flags]:
    """For each question ``f(x[feature]) <= threshold`` a float32 b and whether the answer is turned round.

    ``x <= b`` holds for exactly the float32 x that answer yes, or for exactly those that answer no where the second
    result says so. Features that f makes constant count as finite.
    """

    def yes(rank: Ints) -> Flags:
        y = from_rank(rank)
        for scaler in chain:
            y = scaler.apply(y, feature)
        return np.asarray(y <= threshold)

    direction = _direction(chain, n_features)[feature]
    # Constant maps answer NaN at infinity; their ends are the largest finite numbers.
    end = np.where(direction == 0, INFINITY_RANK - 1, INFINITY_RANK)
    at_lowest, at_highest = yes(-end), yes(end)
    # The answer at the low end holds up to some rank; find the last one.
    low, high = -end.copy(), end.copy()
    while True:
        apart = high - low > 1
        if not apart.any():
            break
        middle = (low + high) // 2
        same = yes(middle) == at_lowest
        low, high = np.where(apart & same, middle, low), np.where(apart & ~same, middle, high)
    constant = at_lowest == at_highest
    boundary = np.where(constant, np.inf, from_rank(low))
    return boundary, ~at_lowest


def _direction(chain: list[Elementwise], n_features: int) -> Ints:
    """1 where f never decreases, -1 where it never increases, 0 where a factor of 0 makes it constant."""
    direction = np.ones(n_features, dtype=np.int64)
    for scaler in chain:
        for step in scaler.steps:
            if step.function in ("mul", "div"):
                operand = step.operand.astype(np.dtype(scaler.arithmetic))
                direction = direction * np.sign(operand).astype(np.int64)
    return direction


def _send_infinities(folded: Trees, constant: Flags) -> Trees:
    """A feature times 0 is NaN where the feature is infinite: send both infinities where NaN goes.

    A question about such a feature is ``x <= infinity`` by now, with the side of finite numbers on the left. Where NaN
    goes right, it becomes ``x <= largest`` and, below it, ``x <= -infinity``; both share the right child.
    """
    at = np.flatnonzero(constant & ~folded.missing_left)
    if not len(at):
        return folded
    below = len(folded.left) + np.arange(len(at))
    left, threshold = folded.left.copy(), folded.threshold.copy()
    left[at], threshold[at] = below, np.finfo(np.float32).max
    return replace(
        folded,
        feature=np.concatenate([folded.feature, folded.feature[at]]),
        threshold=np.concatenate([threshold, np.full(len(at), -np.inf)]),
        left=np.concatenate([left, folded.right[at]]),
        right=np.concatenate([folded.right, folded.left[at]]),
        missing_left=np.concatenate([folded.missing_left, np.zeros(len(at), dtype=np.bool_)]),
        leaf=np.concatenate([folded.leaf, np.full(len(at), -1, dtype=np.int64)]),
        visits=None if folded.visits is None else np.concatenate([folded.visits, folded.visits[at]]),
    )


def from_rank(rank: Ints) -> Array:
    """The float32 of a rank, as float64; rank 0 is 0.0, neighbours differ by 1."""
    bits = np.where(rank >= 0, rank, 0x80000000 - rank).astype(np.uint32)
    return bits.view(np.float32).astype(np.float64)
