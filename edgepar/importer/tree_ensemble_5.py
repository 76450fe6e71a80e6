# SPDX-License-Identifier: Apache-2.0
"""TreeEnsemble of ai.onnx.ml 5: inner nodes and leaves in separate lists."""

from __future__ import annotations

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.forests import (
    LEAF,
    MEMBER,
    MODES,
    Floats,
    Forest,
    check_leaf_table,
    hit_rates,
    to_trees,
)
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops.trees import Aggregate

_AGGREGATES: tuple[tuple[str, Aggregate], ...] = (
    ("AVERAGE", "sum"),
    ("SUM", "sum"),
    ("MIN", "min"),
    ("MAX", "max"),
)
_COLUMNS = ("nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs")


def tree_ensemble(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """TreeEnsemble: one number a target."""
    node.only_attributes(
        "aggregate_function", "post_transform", "n_targets", "tree_roots", "nodes_hitrates",
        "nodes_missing_value_tracks_true", "nodes_modes", "leaf_weights", "leaf_targetids", "nodes_featureids",
        "nodes_splits", "membership_values", *_COLUMNS,
    )  # fmt: skip
    x = node.tensor(0)
    targets = node.int("n_targets", 1)
    number = node.int("aggregate_function", 1)
    if not 0 <= number < len(_AGGREGATES):
        raise node.damaged(f"aggregate_function is {number}, not 0 to 3")
    name, aggregate = _AGGREGATES[number]
    if aggregate != "sum" and targets != 1:
        raise node.unsupported(
            f"{name} over leaves that have one target of {targets} each", "MIN and MAX take one target"
        )
    transform = node.int("post_transform", 0)
    if transform != 0:
        raise node.unsupported(
            f"post_transform is {transform}, a number that onnxruntime and the specification read differently",
            "leave it out and add a Softmax or Sigmoid node",
        )
    forest = _read(node, targets)
    op = to_trees(
        node, x, builder.fresh(), forest, base=np.zeros(targets), aggregate=aggregate, arithmetic=x.dtype,
        divisor=float(len(forest.roots)) if name == "AVERAGE" else 1.0,
    )  # fmt: skip
    return (Tensor(builder.add(op), x.dtype, (targets,), x.dtype == "float32"),)


def _array(node: Node, name: str) -> np.ndarray:
    found = node.tensor_attribute(name)
    if found is None:
        raise node.damaged(f"the attribute {name} is missing")
    if found.dtype.kind not in "fiu":
        raise node.damaged(f"{name} has type {found.dtype}")
    return found.reshape(-1)


def _read(node: Node, targets: int) -> Forest:
    mode = _array(node, "nodes_modes").astype(np.int64)
    value = _array(node, "nodes_splits").astype(np.float64)
    feature = node.ints("nodes_featureids")
    yes, no, yes_leaf, no_leaf = (node.ints(name).copy() for name in _COLUMNS)
    missing = node.ints("nodes_missing_value_tracks_true")
    weights = _array(node, "leaf_weights").astype(np.float64)
    target = node.ints("leaf_targetids")
    roots = node.ints("tree_roots")
    columns = {"nodes_splits": value, "nodes_featureids": feature} | dict(
        zip(_COLUMNS, (yes, no, yes_leaf, no_leaf), strict=True)
    )
    if len(missing):
        columns["nodes_missing_value_tracks_true"] = missing
    for name, column in columns.items():
        if len(column) != len(mode):
            raise node.damaged(f"{name} has {len(column)} entries, nodes_modes has {len(mode)}")
    if len(target) != len(weights):
        raise node.damaged(f"leaf_targetids has {len(target)} entries, leaf_weights has {len(weights)}")
    if len(target) and not (target.min() >= 0 and target.max() < targets):
        raise node.damaged(
            f"leaves for targets {int(target.min())} to {int(target.max())}, there are {targets}"
        )
    if len(mode) and not (mode.min() >= 0 and mode.max() < len(MODES)):
        raise node.unsupported(f"node modes {int(mode.min())} to {int(mode.max())}", "modes go from 0 to 6")
    if len(roots) == 0 or not (roots.min() >= 0 and roots.max() < len(mode)):
        raise node.damaged(f"tree_roots are {roots[:4].tolist()}, there are {len(mode)} nodes")
    check_leaf_table(node, len(weights), targets)
    table = np.zeros((len(weights), targets))
    table[np.arange(len(weights)), target] = weights
    members = _members(node, mode)
    # Leaves become nodes behind the inner ones, one for each reference: a node whose branches meet in one leaf is the
    # format's way to write a tree of one leaf.
    children = []
    leaves: list[np.ndarray] = []
    to_leaves = (yes_leaf != 0, no_leaf != 0)
    count = len(mode)
    for branch, to_leaf in zip((yes, no), to_leaves, strict=True):
        limit = np.where(to_leaf, len(weights), len(mode))
        if ((branch < 0) | (branch >= limit)).any():
            bad = int(np.argmax((branch < 0) | (branch >= limit)))
            raise node.damaged(
                f"a branch of node {bad} leads to entry {int(branch[bad])}, which does not exist"
            )
        new = branch.copy()
        new[to_leaf] = count + np.arange(int(to_leaf.sum()))
        count += int(to_leaf.sum())
        leaves.append(branch[to_leaf])
        children.append(new)
    extra = np.concatenate(leaves)
    blank = np.full(len(extra), -1, dtype=np.int64)
    return Forest(
        roots=roots,
        mode=np.concatenate([mode, np.full(len(extra), LEAF, dtype=np.int64)]),
        feature=np.concatenate([feature, np.zeros(len(extra), dtype=np.int64)]),
        value=np.concatenate([value, np.zeros(len(extra))]),
        yes=np.concatenate([children[0], blank]),
        no=np.concatenate([children[1], blank]),
        missing=np.concatenate(
            [
                missing.astype(np.bool_) if len(missing) else np.zeros(len(mode), np.bool_),
                np.zeros(len(extra), np.bool_),
            ]
        ),
        leaf=np.concatenate([np.full(len(mode), -1, dtype=np.int64), extra]),
        leaf_values=table,
        members=members,
        visits=_with_leaves(hit_rates(node, _hints(node), len(mode)), to_leaves),
    )


def _hints(node: Node) -> Floats:
    found = node.tensor_attribute("nodes_hitrates")
    return np.zeros(0) if found is None or found.dtype.kind != "f" else found.astype(np.float64).reshape(-1)


def _with_leaves(rates: Floats | None, to_leaves: tuple[np.ndarray, np.ndarray]) -> Floats | None:
    """Rates of inner nodes, and for each leaf half of its parent's."""
    if rates is None:
        return None
    return np.concatenate([rates, *(rates[to_leaf] / 2 for to_leaf in to_leaves)])


def _members(node: Node, mode: np.ndarray) -> dict[int, Floats]:
    """The set of each BRANCH_MEMBER node; sets end with a NaN each."""
    nodes = np.flatnonzero(mode == MEMBER).tolist()
    found = node.tensor_attribute("membership_values")
    values = np.zeros(0) if found is None else found.astype(np.float64).reshape(-1)
    ends = np.flatnonzero(np.isnan(values)).tolist()
    if len(values) and not np.isnan(values[-1]):
        ends.append(len(values))
    if len(ends) != len(nodes):
        raise node.damaged(f"membership_values holds {len(ends)} sets for {len(nodes)} BRANCH_MEMBER nodes")
    starts = [0, *(end + 1 for end in ends)]
    return {at: values[start:end] for at, start, end in zip(nodes, starts, ends, strict=False)}
