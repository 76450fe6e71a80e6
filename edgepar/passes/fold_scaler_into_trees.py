# SPDX-License-Identifier: Apache-2.0
"""What stands between the input and trees, feature by feature, becomes other thresholds, exactly.

A scaler maps each feature by a function f that never decreases or never increases, also as computed: every rounded step
is monotone. So what ``f(x) <= t`` decides over all float32 x is one boundary on the float32 line. It is found by
bisection, running the Model's own steps, never by algebra. What a missing value is filled with decides where NaN goes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.ops import Concat, Op, Select, Trees
from edgepar.ops.op import Array
from edgepar.passes.rewrite import free_name, rewrite
from edgepar.passes.trace_features import NOWHERE, Trace, trace

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Rank of +infinity among the float32 in ascending order, when 0.0 has rank 0.
INFINITY_RANK = 0x7F800000


def fold_scaler_into_trees(graph: Graph) -> Graph:
    """Trees behind scalers of the input read the input itself; scalers that nothing else reads are gone."""
    new: dict[str, Op] = {}
    added: list[Op] = []
    for op in graph.ops:
        if isinstance(op, Trees) and op.inputs[0] != graph.input.name:
            made = _fold(graph, op, trace(graph, op.inputs[0]))
            if made is not None:
                *before, folded = made
                new[op.output] = folded
                added += before
    return rewrite(replace(graph, ops=(*added, *graph.ops)), new) if new else graph


def _fold(graph: Graph, op: Trees, found: Trace) -> list[Op] | None:
    """The trees on the features themselves, behind what brings the features together.

    None where nothing would change, or where children are shared and would have to change sides.
    """
    inner = op.left >= 0
    used = np.unique(op.feature[inner])
    traced = found.origin[used] != NOWHERE
    if not traced.all() and not found.moved[used[traced]].any():
        return None
    ask = np.flatnonzero(inner & (found.origin[np.where(inner, op.feature, 0)] != NOWHERE))
    # Forests ask many questions more than once.
    keys = np.stack([op.feature[ask].astype(np.float64), op.threshold[ask]])
    pairs, back = np.unique(keys, axis=1, return_inverse=True)
    back = np.asarray(back).reshape(-1)
    boundary, mirrored = boundaries(found, pairs[0].astype(np.int64), pairs[1])
    swap = np.zeros(len(op.left), dtype=np.bool_)
    swap[ask] = mirrored[back]
    children = np.concatenate([op.left[inner], op.right[inner]])
    if swap.any() and len(np.unique(children)) != len(children):
        return None
    threshold = op.threshold.copy()
    threshold[ask] = boundary[back]
    missing = op.missing_left.copy()
    missing[ask] = _nan_goes_left(op, found, ask) ^ swap[ask]
    before, place = _brought_together(graph, op, found, used)
    feature = np.zeros_like(op.feature)
    feature[inner] = place[np.searchsorted(used, op.feature[inner])]
    constant = np.zeros(len(op.left), dtype=np.bool_)
    constant[ask] = found.direction[op.feature[ask]] == 0
    folded = replace(
        op,
        inputs=(before[-1].output if before else graph.input.name,),
        origin=f"{op.origin} with {', '.join(dict.fromkeys(found.steps))} folded in"
        if found.steps
        else op.origin,
        n_features=_len(graph, before),
        feature=feature,
        threshold=threshold,
        left=np.where(swap, op.right, op.left),
        right=np.where(swap, op.left, op.right),
        missing_left=missing,
    )
    return [*before, _send_infinities(folded, constant)]


def _nan_goes_left(op: Trees, found: Trace, ask: Ints) -> Flags:
    """Where NaN of a feature goes: the way of what it is filled with, or the node's own way of missing values."""
    value = found.answer(np.full(len(ask), np.nan), op.feature[ask])
    return np.where(np.isnan(value), op.missing_left[ask], value <= op.threshold[ask])


def _brought_together(graph: Graph, op: Trees, found: Trace, used: Ints) -> tuple[list[Op], Ints]:
    """Operations whose last one has all features that the trees ask for, none for the input; and where each lies."""
    origin = found.origin[used]
    if (origin != NOWHERE).all():
        return [], origin
    columns = np.unique(origin[origin != NOWHERE])
    source = graph.input
    before: list[Op] = []
    if len(columns) < source.len:
        before.append(Select((source.name,), free_name(graph, f"{op.output}_features"), op.origin, columns))
        place = np.searchsorted(columns, origin)
        source = before[0].infer(source)
    else:
        place = origin
    opaque = origin == NOWHERE
    values = np.unique(found.value[used][opaque])
    starts = source.len + np.cumsum([0, *(graph.values[found.values[value]].len for value in values)])
    behind = starts[np.searchsorted(values, found.value[used])] if len(values) else place
    place = np.where(opaque, behind + found.index[used], place)
    names = (source.name, *(found.values[value] for value in values))
    before.append(Concat(names, free_name(graph, f"{op.output}_all_features"), op.origin))
    return before, place


def _len(graph: Graph, before: list[Op]) -> int:
    """Number of features that the trees read."""
    values = dict(graph.values)
    for op in before:
        values[op.output] = op.infer(*(values[name] for name in op.inputs))
    return values[before[-1].output].len if before else graph.input.len


def boundaries(found: Trace, feature: Ints, threshold: Array) -> tuple[Array, Flags]:
    """For each question ``f(x[feature]) <= threshold`` a float32 b and whether the answer is turned round.

    ``x <= b`` holds for exactly the float32 x that answer yes, or for exactly those that answer no where the second
    result says so. Features that f makes constant count as finite.
    """

    def yes(rank: Ints) -> Flags:
        return np.asarray(found.answer(from_rank(rank), feature) <= threshold)

    direction = found.direction[feature]
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
