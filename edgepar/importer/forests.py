# SPDX-License-Identifier: Apache-2.0
"""Trees of any node mode to trees that only ask ``x <= threshold``, checked on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Tensor
from edgepar.ops import Trees
from edgepar.ops.op import Arithmetic
from edgepar.ops.trees import Aggregate

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAF, LEQ, LT, GTE, GT, EQ, NEQ, MEMBER = -1, 0, 1, 2, 3, 4, 5, 6
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER")

#: Elements of the table of leaf values that a model may ask for: 2 GiB, far beyond every target.
_MOST_LEAF_VALUES = 2**28


@dataclass
class Forest:
    """Nodes of all trees; children are node indices, ``leaf`` is a row of ``leaf_values`` or -1.

    ``value`` is what the feature is compared with, ``members`` holds the set of a BRANCH_MEMBER node, ``visits`` the
    share of samples that meet each node, if the file says it.
    """

    roots: Ints
    mode: Ints
    feature: Ints
    value: Floats
    yes: Ints
    no: Ints
    missing: Flags
    leaf: Ints
    leaf_values: Floats
    members: Mapping[int, Floats]
    visits: Floats | None = None


def check_leaf_table(node: Node, leaves: int, targets: int) -> None:
    """Refuse sizes that only a damaged or hostile file has, before memory is asked for."""
    if targets < 1:
        raise node.damaged(f"{targets} targets or classes")
    if leaves * targets > _MOST_LEAF_VALUES:
        raise node.unsupported(
            f"{leaves} leaves with {targets} values each", f"at most {_MOST_LEAF_VALUES} leaf values fit"
        )


def to_trees(
    node: Node,
    x: Tensor,
    output: str,
    forest: Forest,
    *,
    base: Floats,
    divisor: float = 1.0,
    aggregate: Aggregate = "sum",
    arithmetic: Arithmetic,
) -> Trees:
    """The operation for a forest, after all checks."""
    _check_nodes(node, x, forest)
    _check_shape(node, forest)
    _ask_only_leq(forest)
    rows, leaf = _distinct_rows(forest)
    return Trees(
        inputs=(x.value,),
        output=output,
        origin=node.where,
        n_features=x.len,
        roots=forest.roots,
        feature=forest.feature,
        threshold=forest.value,
        left=forest.yes,
        right=forest.no,
        missing_left=forest.missing,
        leaf=leaf,
        leaf_values=rows,
        base=base,
        divisor=divisor,
        aggregate=aggregate,
        arithmetic=arithmetic,
        visits=forest.visits,
    )


def ask_for_sets(node: Node, forest: Forest, n_features: int, sets: Sequence[tuple[int, Floats]]) -> None:
    """Questions for the flags behind the features become questions for the sets that they stand for."""
    asked = np.flatnonzero((forest.mode != LEAF) & (forest.feature >= n_features))
    at = forest.feature[asked] - n_features
    value = forest.value[asked]
    if not ((at < len(sets)) & (forest.mode[asked] == LEQ) & (value >= 0.0) & (value < 1.0)).all():
        raise node.unsupported(
            "a tree asks for a flag of categories otherwise than <= 0.5", "ask whether it is 0 or 1"
        )
    columns = np.array([column for column, _ in sets])
    members = dict(forest.members)
    members.update((node_at, sets[i][1]) for node_at, i in zip(asked.tolist(), at.tolist(), strict=True))
    forest.members = members
    forest.feature[asked] = columns[at]
    forest.mode[asked] = MEMBER
    # A flag of 0 takes the true branch; a set's members take it, and NaN is in no set.
    forest.yes[asked], forest.no[asked] = forest.no[asked], forest.yes[asked]
    forest.missing[asked] = False


def _distinct_rows(forest: Forest) -> tuple[Floats, Ints]:
    rows, inverse = np.unique(forest.leaf_values, axis=0, return_inverse=True)
    leaf = np.where(forest.leaf >= 0, np.asarray(inverse).reshape(-1)[np.maximum(forest.leaf, 0)], -1)
    return np.asarray(rows, dtype=np.float64), leaf.astype(np.int64)


def hit_rates(node: Node, rates: Floats, length: int) -> Floats | None:
    """The attribute nodes_hitrates, which is nothing but a hint: numbers that cannot be are passed over."""
    if not len(rates):
        return None
    if len(rates) != length:
        raise node.damaged(f"nodes_hitrates has {len(rates)} entries for {length} nodes")
    return rates if np.isfinite(rates).all() and (rates >= 0).all() and (rates > 0).any() else None


def _check_nodes(node: Node, x: Tensor, forest: Forest) -> None:
    inner = forest.mode != LEAF
    if len(forest.roots) == 0:
        raise node.damaged("there is no tree")
    feature = forest.feature[inner]
    if feature.size and not (feature.min() >= 0 and feature.max() < x.len):
        bad = int(feature.max() if feature.max() >= x.len else feature.min())
        raise node.damaged(f"a tree looks at feature {bad}, the input has features 0 to {x.len - 1}")
    compared = inner & (forest.mode != MEMBER)
    if np.isnan(forest.value[compared]).any():
        raise node.damaged("a threshold is NaN")
    if not np.isfinite(forest.leaf_values).all():
        raise node.unsupported("a leaf value is not finite", "leaf values are finite numbers")


def _check_shape(node: Node, forest: Forest) -> None:
    """Every node has one parent and hangs below a root; nothing here recurses or walks node by node."""
    n = len(forest.mode)
    inner = np.flatnonzero(forest.mode != LEAF)
    children = np.concatenate([forest.yes[inner], forest.no[inner]])
    parents = np.bincount(children, minlength=n)
    if (parents > 1).any():
        shared = int(np.argmax(parents > 1))
        raise node.damaged(f"tree node {shared} of the list has more than one parent, so this is no tree")
    is_root = np.zeros(n, dtype=np.bool_)
    is_root[forest.roots] = True
    if len(forest.roots) != int(is_root.sum()) or (is_root & (parents > 0)).any():
        raise node.damaged("the root of a tree is used twice or is the child of another node")
    if ((parents == 0) & ~is_root).any():
        lost = int(np.argmax((parents == 0) & ~is_root))
        raise node.damaged(f"tree node {lost} of the list belongs to no tree")
    ancestor = np.arange(n)
    ancestor[forest.yes[inner]] = inner
    ancestor[forest.no[inner]] = inner
    for _ in range(max(1, n.bit_length())):  # each round doubles the distance
        ancestor = ancestor[ancestor]
    if not is_root[ancestor].all():
        raise node.damaged("the children of a tree lead back to a parent: a cycle")


def _ask_only_leq(forest: Forest) -> None:
    """Replace every other mode; a feature is a float32 or a float64, so the neighbours in float64 decide."""
    mode, value = forest.mode, forest.value
    order = (mode == LT) | (mode == GTE)
    lowest = order & (value == -np.inf)
    # x < t is x <= the number before t; nothing lies before -inf, so that x >= -inf is asked as x <= inf.
    value[order & ~lowest] = np.nextafter(value[order & ~lowest], -np.inf)
    value[lowest] = np.inf
    mirrored = (((mode == GTE) & ~lowest) | (mode == GT)) | ((mode == LT) & lowest)
    forest.yes[mirrored], forest.no[mirrored] = forest.no[mirrored], forest.yes[mirrored]
    # A NaN takes the false branch, which is the left one now, unless the node says true.
    forest.missing[mirrored] = ~forest.missing[mirrored]
    mode[order | (mode == GT)] = LEQ
    _split_equalities(forest)
    leaves = forest.mode == LEAF
    forest.feature[leaves] = 0
    forest.value[leaves] = 0.0
    forest.yes[leaves] = -1
    forest.no[leaves] = -1
    forest.missing[leaves] = False


def _split_equalities(forest: Forest) -> None:
    """X == v is x <= v and not x <= the number before v: two nodes, and both outcomes of the first share a child.

    With T and F the subtrees for equal and different, node A asks ``x <= v`` (else F) and node B below it asks
    ``x <= before v`` (then F, else T). A set is a chain of such pairs with one T.
    """
    todo = np.flatnonzero((forest.mode == EQ) | (forest.mode == NEQ) | (forest.mode == MEMBER))
    if not len(todo):
        return
    mode, feature, value = forest.mode.tolist(), forest.feature.tolist(), forest.value.tolist()
    yes, no, missing = forest.yes.tolist(), forest.no.tolist(), forest.missing.tolist()
    leaf = forest.leaf.tolist()
    visits = [0.0] * len(mode) if forest.visits is None else forest.visits.tolist()
    known = forest.visits is not None

    def append(f: int, v: float, left: int, right: int, nan_left: bool) -> int:
        # How often a node of a chain is met is not known; no more often than where the chain begins.
        entry = (LEQ, f, v, left, right, nan_left, -1, visits[at])
        for column, item in zip((mode, feature, value, yes, no, missing, leaf, visits), entry, strict=True):
            column.append(item)
        return len(mode) - 1

    for at in todo.tolist():
        f, nan_yes = feature[at], missing[at]
        if mode[at] == MEMBER:
            wanted, equal, other = np.unique(forest.members[at]).tolist(), yes[at], no[at]
            nan_equal = nan_yes
        else:
            wanted = [value[at]]
            equal, other = (yes[at], no[at]) if mode[at] == EQ else (no[at], yes[at])
            # NaN differs from everything: the true branch of NEQ in any case.
            nan_equal = nan_yes if mode[at] == EQ else False
        for position, v in reversed(list(enumerate(wanted))):
            first = position == 0
            before = float(np.nextafter(v, -np.inf))
            if v == -np.inf:
                left, nan_left = equal, nan_equal and first
            else:
                # A NaN that counts as equal takes A's left and B's right.
                left, nan_left = append(f, before, other, equal, False), nan_equal and first
            if first:
                mode[at], value[at], yes[at], no[at], missing[at] = LEQ, v, left, other, nan_left
            else:
                other = append(f, v, left, other, False)
        if not wanted:
            # No member: never true, but a NaN may be sent there.
            mode[at], value[at], yes[at], no[at], missing[at] = LEQ, np.inf, other, equal, not nan_equal
    forest.mode = np.asarray(mode, dtype=np.int64)
    forest.feature = np.asarray(feature, dtype=np.int64)
    forest.value = np.asarray(value, dtype=np.float64)
    forest.yes, forest.no = np.asarray(yes, dtype=np.int64), np.asarray(no, dtype=np.int64)
    forest.missing = np.asarray(missing, dtype=np.bool_)
    forest.leaf = np.asarray(leaf, dtype=np.int64)
    forest.visits = np.asarray(visits) if known else None
