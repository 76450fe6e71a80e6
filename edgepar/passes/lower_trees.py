# SPDX-License-Identifier: Apache-2.0
"""Trees -> node tables, fixed-point leaves and exact sums."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Trees
from edgepar.ops.op import Array
from edgepar.ops.trees import Ints
from edgepar.passes.code_trees import Coded, Grid, Layout, Questions, ask, code, order_for_cores
from edgepar.passes.draft import Draft
from edgepar.plan import Argument, Call, Element, Float, Null, Ref, Signed, Unsigned

NODE = np.dtype([("word", "<u4"), ("feature", "<u2"), ("right", "<u2")])
WIDE_NODE = np.dtype([("word", "<u4"), ("feature", "<u4"), ("right", "<u4")])
#: Nodes that any model may have, however few it states.
_LEAST_LIMIT = 100_000
_LARGEST, _SMALLEST = float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny)
_MISSING_LEFT, _WIDE_MISSING_LEFT = 0x8000, 0x80000000
#: Sums that a root can name, and words that it can stand behind.
_MOST_SUMS, _MOST_ROOT = 256, 2**24
#: Bytes of L1 that are left for tables of other steps.
_SPARE_BYTES = 2048
#: Cycles of a tree, and of a decision on nodes in L1 and in L2, as the RTL of CV32E40P takes them.
_TREE_COST, _NEAR_DECISION, _FAR_DECISION = 25.0, 10.0, 50.0
#: Fewer trees than this do not ask enough for codes to pay.
_FEWEST_TREES = 4


def device_thresholds(threshold: Array) -> npt.NDArray[np.float32]:
    """The largest float32 that is not above each threshold: ``x <= t`` stays the same for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = threshold.astype(np.float32)
    above = rounded.astype(np.float64) > threshold
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded + np.float32(0.0)  # -0 becomes 0: kernels may compare bits


def order_nodes(op: Trees) -> tuple[Ints, Ints, npt.NDArray[np.uint32]]:
    """Node numbers with every left child behind its parent, where each one's right child stands, and the roots.

    A right child that has its place behind the parent already (nodes of folded scalers share theirs) keeps it. Other
    shared nodes stand once for each parent, and such copies could grow without bound: UnsupportedModelError.
    """
    left, right = op.left.tolist(), op.right.tolist()
    most = max(_LEAST_LIMIT, 4 * len(left))
    place = [-1] * len(left)
    order: list[int] = []
    right_place: list[int] = []
    roots = []
    for root in op.roots.tolist():
        roots.append(len(order))
        pending = [(root, -1)]
        while pending:
            node, parent = pending.pop()
            if parent >= 0:
                if place[node] > parent:
                    right_place[parent] = place[node]
                    continue
                right_place[parent] = len(order)
            if len(order) > most:
                raise UnsupportedModelError(
                    f"{op.origin}: nodes have several parents, and told apart they are more than {most}; "
                    f"give each node one parent."
                )
            at = place[node] = len(order)
            order.append(node)
            right_place.append(at)
            if left[node] >= 0:
                pending.append((right[node], at))
                pending.append((left[node], -1))
    return np.asarray(order), np.asarray(right_place), np.asarray(roots, dtype=np.uint32)


def node_table(
    op: Trees, leaf_row: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.uint32]]:
    """The device's nodes, narrow where they fit, and the roots; ``leaf_row`` gives each leaf's row of values."""
    order, right_place, roots = order_nodes(op)
    inner = op.left[order] >= 0
    distance = right_place - np.arange(len(order))
    feature = np.where(inner, op.feature[order], 0)
    wide = int(distance.max(initial=0)) > 0xFFFF or int(feature.max(initial=0)) > 0x7FFF
    flag = _WIDE_MISSING_LEFT if wide else _MISSING_LEFT
    nodes = np.zeros(len(order), dtype=WIDE_NODE if wide else NODE)
    thresholds = device_thresholds(op.threshold[order]).view(np.uint32)
    nodes["word"] = np.where(inner, thresholds, leaf_row[op.leaf[order]].astype(np.uint32))
    nodes["feature"] = feature | np.where(inner & op.missing_left[order], flag, 0)
    nodes["right"] = distance
    return nodes, roots


def _check_range(op: Trees) -> None:
    """UnsupportedModelError where float32 cannot hold the answers, or the value of one unit of the sums."""
    summed = len(op.roots) if op.aggregate == "sum" else 1
    largest = float(np.abs(op.leaf_values).max(initial=0.0)) * summed / op.divisor
    largest += float(np.abs(op.base).max(initial=0.0))
    # One unit of a sum below the normal numbers loses digits; a lone tree holds its values as they are.
    lost = len(op.roots) > 1 and op.leaf_step() / op.divisor < _SMALLEST
    if lost or largest > _LARGEST:
        raise UnsupportedModelError(
            f"{op.origin}: the values of the leaves reach {largest:.3g}; float32 takes sums from "
            f"{2.0**30 * _SMALLEST:.3g} to {_LARGEST:.3g}: give what is predicted another unit."
        )


def lower_trees(draft: Draft, op: Trees) -> None:
    """Trees over cores with integer sums each, then outputs over cores; a single tree is core 0's alone."""
    outputs, trees = op.leaf_values.shape[1], len(op.roots)
    if op.divisor <= 0.0:
        raise UnsupportedModelError(
            f"{op.origin}: the sum of leaves is divided by {op.divisor}; it must be above 0."
        )
    _check_range(op)
    if (
        trees >= _FEWEST_TREES
        and op.aggregate == "sum"
        and draft.build.fp in ("fpu", "emulation-free")
        and _lower_coded(draft, op)
    ):
        return
    x = draft.read(op)
    cycles = _expected_cycles(op, draft)
    used = np.unique(op.leaf[op.left < 0])
    rounded: npt.NDArray[np.generic]
    if trees == 1:
        rounded = (op.leaf_values[used] / op.divisor + op.base).astype(np.float32)
    else:
        rounded = np.rint(op.leaf_values[used] / op.leaf_step()).astype(np.int32)
    values, distinct = np.unique(rounded, axis=0, return_inverse=True)
    leaf_row = np.zeros(len(op.leaf_values), dtype=np.int64)
    leaf_row[used] = distinct.reshape(-1)
    target = _one_output(op) if op.aggregate == "sum" and trees > 1 and outputs > 1 else None
    if target is not None:
        # Nodes hold the numbers themselves: rows would be zeros but for one of them.
        leaf_row[used] = rounded.sum(axis=1)
    nodes, roots = node_table(op, leaf_row)
    wide = "_wide" if nodes.dtype == WIDE_NODE else ""
    node_type = f"ep_tree{wide}_node_t"
    node_ref = draft.table("nodes", node_type, nodes, op)
    root_ref = draft.table("roots", "uint32_t", roots, op)
    draft.notes.append(
        f"{op.origin}: {trees} trees, {len(nodes)} nodes of {nodes.dtype.itemsize} bytes, {len(values)} distinct leaves"
    )
    if trees == 1:
        _lower_single(draft, op, wide, (node_ref, root_ref), values.astype(np.float32), cycles)
        return
    if target is not None:
        sums, combine = _lower_numbers(draft, op, wide, (node_ref, root_ref), target, cycles)
        _scores(draft, op, sums, op.leaf_step(), combine)
        return
    leaves = draft.table("leaves", "int32_t", values, op)
    if op.aggregate == "sum":
        sums, combine = _lower_sum(draft, op, wide, (node_ref, root_ref, leaves), cycles)
    else:
        rows = draft.buffer("leaf_rows", "uint32_t", trees, op)
        sums = draft.buffer("extremes", "int32_t", outputs, op)
        draft.phase(
            "trees",
            replace(
                draft.split(
                    f"ep_trees{wide}_leaf_f32", node_ref, root_ref, x, rows, op=op, unit="tree", units=trees
                ),
                cycles=cycles,
            ),
        )
        combine = (
            draft.split(
                f"ep_leaves_{op.aggregate}_i32", rows, leaves, sums, Unsigned(trees), Unsigned(outputs), op=op,
                unit="output", units=outputs,
            ),
        )  # fmt: skip
    _scores(draft, op, sums, op.leaf_step(), combine)


def _scores(draft: Draft, op: Trees, sums: Ref, step: float, combine: tuple[Call, ...]) -> None:
    """Floats from the integer sums, whose unit is ``step`` and which ``combine`` makes output by output."""
    scores = draft.write(op)
    base = draft.floats("base", op.base, op) if np.any(op.base != 0.0) else Null()
    scale = Float(step / op.divisor)
    outputs = op.leaf_values.shape[1]
    if not np.any(op.base != 0.0):
        draft.sums[op.output] = sums
    # Each core makes floats of the sums that it has made itself, so that no barrier is needed.
    draft.phase(
        "trees: combine",
        *combine,
        draft.split("ep_scores_from_i32_f32", sums, scale, base, scores, op=op, unit="output", units=outputs),
    )


def _lower_sum(
    draft: Draft, op: Trees, wide: str, tables: tuple[Ref, Ref, Ref], cycles: float
) -> tuple[Ref, tuple[Call, ...]]:
    nodes, roots, leaves = tables
    outputs = Unsigned(op.leaf_values.shape[1])
    return _add(draft, op, f"ep_trees{wide}_f32", (nodes, roots, leaves, draft.read(op)), (outputs,), cycles)


def _one_output(op: Trees) -> Ints | None:
    """The output that each tree adds to, where no tree adds to two."""
    order, _, roots = order_nodes(op)
    at = np.flatnonzero(op.left[order] < 0)
    filled = op.leaf_values[op.leaf[order[at]]] != 0.0
    trees, outputs = len(roots), filled.shape[1]
    adds = np.zeros((trees, outputs), dtype=np.bool_)
    np.logical_or.at(adds, np.searchsorted(roots, at, side="right") - 1, filled)
    return None if (adds.sum(axis=1) > 1).any() else np.argmax(adds, axis=1)


def _lower_numbers(
    draft: Draft, op: Trees, wide: str, tables: tuple[Ref, Ref], target: Ints, cycles: float
) -> tuple[Ref, tuple[Call, ...]]:
    """Trees whose leaves are numbers for one output each."""
    trees = len(op.roots)
    found = draft.buffer("leaf_numbers", "uint32_t", trees, op)
    target_ref = draft.table("targets", "uint32_t", target.astype(np.uint32), op)
    walk = draft.split(
        f"ep_trees{wide}_leaf_f32", *tables, draft.read(op), found, op=op, unit="tree", units=trees
    )
    # Each core adds up the trees that it has walked itself, so that no barrier is needed.
    return _add(
        draft, op, "ep_leaves_add_i32", (found, target_ref), (), 6.0 * trees, (replace(walk, cycles=cycles),)
    )


def _add(
    draft: Draft,
    op: Trees,
    kernel: str,
    before: tuple[Argument, ...],
    behind: tuple[Argument, ...],
    cycles: float,
    first: tuple[Call, ...] = (),
    free: int = 0,
) -> tuple[Ref, tuple[Call, ...]]:
    """Sums of each core's trees, and the call that makes those of all.

    The kernel takes its sums between the arguments ``before`` and ``behind``, and ``cycles`` on one core; other calls
    on the core's own trees may come ``first``; the last ``free`` trees go to whoever is free.
    """
    outputs, trees = op.leaf_values.shape[1], len(op.roots)
    stride = outputs | 1
    acc = draft.buffer("sums_of_cores", "int32_t", draft.cores * stride, op)
    mine = Ref(acc.name, core_stride=stride)
    draft.clear(mine, outputs, op)
    call = draft.split(kernel, *before, mine, *behind, op=op, unit="tree", units=trees)
    call = replace(call, cycles=cycles)
    draft.phase("trees", *first, draft.leave_free(call, free) if free else call)
    if draft.cores == 1:
        return acc, ()
    sums = draft.buffer("sums", "int32_t", outputs, op)
    combine = draft.split(
        "ep_sum_i32",
        acc,
        sums,
        Unsigned(draft.cores),
        Unsigned(stride),
        op=op,
        unit="output",
        units=outputs,
    )
    return sums, (combine,)


def _lower_coded(draft: Draft, op: Trees) -> bool:
    """Trees of one word a node, if they fit that form; says so."""
    order, right_place, roots = order_nodes(op)
    layout = Layout(order, right_place, roots.astype(np.int64))
    questions = ask(op, layout, device_thresholds(op.threshold[order]))
    leaves = _leaves(op, layout)
    if questions is None or leaves is None:
        return False
    budget = draft.fast_table_bytes()
    hot_words = None
    if budget is not None:
        others = leaves.table.nbytes + 4 * len(roots) + 8 * questions.n_codes + _SPARE_BYTES
        others += (
            0
            if isinstance(questions.how, Grid)
            else questions.how.features.nbytes + questions.how.cuts.nbytes
        )
        hot_words = max((budget - others) // 4, 0)
    coded = code(op, layout, questions, leaves.word, hot_words)
    if coded is None or int(coded.roots.max()) >= _MOST_ROOT or not _pays(questions, coded):
        return False
    codes = _lower_codes(draft, op, questions)
    hot = draft.table("nodes", "uint32_t", coded.hot, op, fast=budget is not None)
    cold = draft.table("far_nodes", "uint32_t", coded.cold, op) if len(coded.cold) else Null()
    free = _free_trees(len(roots), draft.cores)
    turn = order_for_cores(coded.cost, draft.cores, free)
    entry = draft.table(
        "roots", "uint32_t", (coded.roots[turn] << 8 | leaves.target[turn]).astype(np.uint32), op
    )
    words = len(coded.hot) + len(coded.cold)
    fast = {"l1": "L1", "ram": "RAM"}.get(draft.target.fast_level or "")
    draft.notes.append(
        f"{op.origin}: {len(roots)} trees, {words} words of 4 bytes, {coded.decisions:.0f} decisions expected a sample"
        + (f", {coded.in_hot:.0%} of them on {len(coded.hot)} words in {fast}" if len(coded.cold) else "")
    )
    if leaves.kernel == "ep_coded_trees_row":
        table = draft.table("leaves", "int32_t", leaves.table, op)
        outputs = Unsigned(op.leaf_values.shape[1])
        cycles = float(coded.cost.sum()) + 3.0 * len(roots) * op.leaf_values.shape[1]
        sums, combine = _add(
            draft, op, leaves.kernel, (hot, cold, entry, table, codes), (outputs,), cycles, free=free
        )
    else:
        cycles = float(coded.cost.sum())
        sums, combine = _add(draft, op, leaves.kernel, (hot, cold, entry, codes), (), cycles, free=free)
    _scores(draft, op, sums, leaves.step, combine)
    return True


def _free_trees(trees: int, cores: int) -> int:
    """Trees that no core has of its own: paths differ from sample to sample, and so do shares of equal expected cost.

    None where the others would be too few for each core to be busy while it asks for them.
    """
    free = 3 * cores // 2
    return free if cores > 1 and 3 * free <= trees else 0


def _pays(questions: Questions, coded: Coded) -> bool:
    """Whether making codes is less work than what a decision on them saves."""
    if isinstance(questions.how, Grid):
        work = 2.0 * questions.n_codes
    else:
        work = float(np.sum(3.0 + np.ceil(np.log2(questions.how.features["cuts"] + 1.0))))
    return coded.decisions > work


def _lower_codes(draft: Draft, op: Trees, questions: Questions) -> Ref:
    codes = draft.buffer("codes", "uint32_t", 2 * questions.n_codes, op)
    x = draft.read(op)
    n = questions.n_codes
    how = questions.how
    if isinstance(how, Grid):
        arguments: tuple[Argument, ...] = (x, codes, Unsigned(how.shift), Signed(how.base))
        name = "ep_codes_by_grid_f32"
    else:
        features = draft.table("coded_features", "ep_coded_feature_t", how.features, op)
        cuts = draft.table("cuts", "int32_t", how.cuts, op)
        arguments, name = (features, cuts, x, codes), "ep_codes_by_rank_f32"
    draft.phase("codes of features", draft.split(name, *arguments, op=op, unit="feature", units=n))
    return codes


@dataclass(frozen=True, eq=False)
class _Leaves:
    """What leaves hold: the kernel that reads it, the unit of the sums, bits of each place, and the table of rows."""

    kernel: str
    step: float
    word: Ints
    target: Ints
    table: npt.NDArray[np.int32]


def _leaves(op: Trees, layout: Layout) -> _Leaves | None:
    """The shortest form of leaf values: a vote for one sum, a number for the tree's sum, or rows of numbers."""
    at = np.flatnonzero(op.left[layout.node] < 0)
    row = op.leaf[layout.node[at]]
    used, within = np.unique(row, return_inverse=True)
    within = np.asarray(within).reshape(-1)
    values = op.leaf_values[used]
    trees, outputs = len(op.roots), values.shape[1]
    word = np.zeros(len(layout.node), dtype=np.int64)
    nothing = np.zeros((0, outputs), dtype=np.int32)
    filled = values != 0.0
    target = np.argmax(filled, axis=1)
    number = values[np.arange(len(values)), target]
    # A power of two, so that sums of votes and of numbers give the same floats.
    if (
        outputs > 1
        and (filled.sum(axis=1) == 1).all()
        and (number == number[0]).all()
        and np.frexp(number[0])[0] == 0.5
    ):
        word[at] = target[within]
        return _Leaves(
            "ep_coded_trees_vote", float(number[0]), word, np.zeros(trees, dtype=np.int64), nothing
        )
    step = op.leaf_step()
    tree = np.searchsorted(layout.roots, at, side="right") - 1
    lowest, highest = np.full(trees, outputs), np.full(trees, -1)
    some = filled[within].any(axis=1)
    np.minimum.at(lowest, tree[some], target[within][some])
    np.maximum.at(highest, tree[some], target[within][some])
    if (filled.sum(axis=1) <= 1).all() and (lowest >= highest).all() and outputs <= _MOST_SUMS:
        word[at] = np.rint(number / step).astype(np.int64)[within]
        return _Leaves("ep_coded_trees_sum", step, word, np.maximum(highest, 0), nothing)
    rows, distinct = np.unique(np.rint(values / step).astype(np.int32), axis=0, return_inverse=True)
    word[at] = np.asarray(distinct).reshape(-1)[within]
    return _Leaves("ep_coded_trees_row", step, word, np.zeros(trees, dtype=np.int64), rows)


def _expected_cycles(op: Trees, draft: Draft) -> float:
    """Of all trees on one core, by the visits of their nodes; of unknown visits, by trees of that many leaves."""
    inner = op.left >= 0
    trees = len(op.roots)
    if op.visits is None:
        decisions = trees * np.log2(1.0 + inner.sum() / trees)
    else:
        share = op.visits / max(float(op.visits[op.roots].mean()), 1e-30)
        decisions = float(share[inner].sum())
    in_l1 = draft.target.scratch_in != "l1" or inner.sum() * 16 <= draft.target.fast_bytes
    return float(decisions) * (_NEAR_DECISION if in_l1 else _FAR_DECISION) + _TREE_COST * trees


def _lower_single(
    draft: Draft,
    op: Trees,
    wide: str,
    tables: tuple[Ref, Ref],
    values: npt.NDArray[np.float32],
    cycles: float,
) -> None:
    outputs = op.leaf_values.shape[1]
    leaves = draft.table("leaves", "float", values, op)
    row = draft.buffer("leaf_row", "uint32_t", 1, op)
    draft.leaf_values[op.output] = (row, values)
    draft.phase(
        "tree",
        replace(
            draft.first(
                f"ep_trees{wide}_leaf_f32", *tables, draft.read(op), row, Unsigned(0), Unsigned(1), op=op
            ),
            cycles=cycles,
        ),
        draft.first(
            "ep_leaf_copy_f32", Element(row), leaves, draft.write(op), Unsigned(outputs), Unsigned(0),
            Unsigned(outputs), op=op,
        ),
    )  # fmt: skip
