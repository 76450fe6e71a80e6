# SPDX-License-Identifier: Apache-2.0
"""Trees -> node tables, fixed-point leaves and exact sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Trees
from edgepar.ops.op import Array
from edgepar.ops.trees import Ints
from edgepar.passes.draft import Draft
from edgepar.plan import Call, Element, Float, Null, Ref, Unsigned

NODE = np.dtype([("word", "<u4"), ("feature", "<u2"), ("right", "<u2")])
WIDE_NODE = np.dtype([("word", "<u4"), ("feature", "<u4"), ("right", "<u4")])
#: Nodes that any model may have, however few it states.
_LEAST_LIMIT = 100_000
_MISSING_LEFT, _WIDE_MISSING_LEFT = 0x8000, 0x80000000


def device_thresholds(threshold: Array) -> npt.NDArray[np.float32]:
    """The largest float32 that is not above each threshold: ``x <= t`` stays the same for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = threshold.astype(np.float32)
    above = rounded.astype(np.float64) > threshold
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded


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


def lower_trees(draft: Draft, op: Trees) -> None:
    """Trees over cores with integer sums each, then outputs over cores; a single tree is core 0's alone."""
    outputs, trees = op.leaf_values.shape[1], len(op.roots)
    if op.divisor <= 0.0:
        raise UnsupportedModelError(
            f"{op.origin}: the sum of leaves is divided by {op.divisor}; it must be above 0."
        )
    x = draft.read(op)
    used = np.unique(op.leaf[op.left < 0])
    rounded: npt.NDArray[np.generic]
    if trees == 1:
        rounded = (op.leaf_values[used] / op.divisor + op.base).astype(np.float32)
    else:
        rounded = np.rint(op.leaf_values[used] / op.leaf_step()).astype(np.int32)
    values, distinct = np.unique(rounded, axis=0, return_inverse=True)
    leaf_row = np.zeros(len(op.leaf_values), dtype=np.int64)
    leaf_row[used] = distinct.reshape(-1)
    nodes, roots = node_table(op, leaf_row)
    wide = "_wide" if nodes.dtype == WIDE_NODE else ""
    node_type = f"ep_tree{wide}_node_t"
    node_ref = draft.table("nodes", node_type, nodes, op)
    root_ref = draft.table("roots", "uint32_t", roots, op)
    draft.notes.append(
        f"{op.origin}: {trees} trees, {len(nodes)} nodes of {nodes.dtype.itemsize} bytes, {len(values)} distinct leaves"
    )
    if trees == 1:
        _lower_single(draft, op, wide, node_ref, root_ref, draft.table("leaves", "float", values, op))
        return
    leaves = draft.table("leaves", "int32_t", values, op)
    scores = draft.write(op)
    if op.aggregate == "sum":
        sums = _lower_sum(draft, op, wide, (node_ref, root_ref, leaves))
    else:
        rows = draft.buffer("leaf_rows", "uint32_t", trees, op)
        sums = draft.buffer("extremes", "int32_t", outputs, op)
        draft.phase(
            "trees",
            draft.split(
                f"ep_trees{wide}_leaf_f32", node_ref, root_ref, x, rows, op=op, unit="tree", units=trees
            ),
        )
        draft.phase(
            "trees: combine",
            draft.split(
                f"ep_leaves_{op.aggregate}_i32", rows, leaves, sums, Unsigned(trees), Unsigned(outputs), op=op,
                unit="output", units=outputs,
            ),
        )  # fmt: skip
    base = draft.floats("base", op.base, op) if np.any(op.base != 0.0) else Null()
    scale = Float(op.leaf_step() / op.divisor)
    if not np.any(op.base != 0.0):
        draft.sums[op.output] = sums
    draft.phase(
        "trees: scores",
        draft.first(
            "ep_scores_from_i32_f32", sums, scale, base, scores, Unsigned(0), Unsigned(outputs), op=op
        ),
    )


def _lower_sum(draft: Draft, op: Trees, wide: str, tables: tuple[Ref, Ref, Ref]) -> Ref:
    outputs, trees = op.leaf_values.shape[1], len(op.roots)
    stride = outputs | 1
    acc = draft.buffer("sums_of_cores", "int32_t", draft.cores * stride, op)
    mine = Ref(acc.name, core_stride=stride)
    zero = draft.apply("ep_zero_i32", mine, Unsigned(outputs))
    nodes, roots, leaves = tables

    draft.phase(
        "trees",
        Call(zero, "every", op.origin),
        draft.split(
            f"ep_trees{wide}_f32", nodes, roots, leaves, draft.read(op), mine, Unsigned(outputs), op=op, unit="tree",
            units=trees,
        ),
    )  # fmt: skip
    if draft.cores == 1:
        return acc
    sums = draft.buffer("sums", "int32_t", outputs, op)
    draft.phase(
        "trees: combine",
        draft.split(
            "ep_sum_i32",
            acc,
            sums,
            Unsigned(draft.cores),
            Unsigned(stride),
            op=op,
            unit="output",
            units=outputs,
        ),
    )
    return sums


def _lower_single(draft: Draft, op: Trees, wide: str, nodes: Ref, roots: Ref, values: Ref) -> None:
    outputs = op.leaf_values.shape[1]
    row = draft.buffer("leaf_row", "uint32_t", 1, op)
    draft.phase(
        "tree",
        draft.first(
            f"ep_trees{wide}_leaf_f32", nodes, roots, draft.read(op), row, Unsigned(0), Unsigned(1), op=op
        ),
        draft.first(
            "ep_leaf_copy_f32", Element(row), values, draft.write(op), Unsigned(outputs), Unsigned(0),
            Unsigned(outputs), op=op,
        ),
    )  # fmt: skip
