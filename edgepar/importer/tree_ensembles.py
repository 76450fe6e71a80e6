# SPDX-License-Identifier: Apache-2.0
"""TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble of ai.onnx.ml.

Answers are those of onnxruntime, also where the specification is silent: two classes with one column of weights, base
values, the threshold of 0.5 for weights that are all positive.
"""

from __future__ import annotations

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.forests import (
    LEAF,
    MEMBER,
    MODES,
    Floats,
    Forest,
    Ints,
    ask_for_sets,
    check_leaf_table,
    hit_rates,
    to_trees,
)
from edgepar.importer.nodes import Node
from edgepar.importer.post_transforms import apply_transform, transform_by_name
from edgepar.importer.symbols import Flagged, Labels, Symbol, Tensor
from edgepar.ops import Linear
from edgepar.ops.op import Arithmetic
from edgepar.ops.trees import Aggregate

_NODE_COLUMNS = ("nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids")
_OLD_ATTRIBUTES = (
    "nodes_treeids", *_NODE_COLUMNS, "nodes_modes", "nodes_hitrates", "nodes_hitrates_as_tensor", "nodes_values",
    "nodes_values_as_tensor", "nodes_missing_value_tracks_true", "post_transform", "base_values",
    "base_values_as_tensor",
)  # fmt: skip
_AGGREGATES: dict[str, Aggregate] = {"SUM": "sum", "AVERAGE": "sum", "MIN": "min", "MAX": "max"}


def classifier(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """TreeEnsembleClassifier: label and scores."""
    weights = ("class_treeids", "class_nodeids", "class_ids", "class_weights", "class_weights_as_tensor")
    node.only_attributes(*_OLD_ATTRIBUTES, *weights, "classlabels_int64s", "classlabels_strings")
    x, sets = _input(node)
    labels = class_labels(node, "classlabels_int64s")
    if len(labels) < 2:
        raise node.unsupported(f"{len(labels)} class labels", "a classifier has 2 or more")
    forest, given = _read_old(node, "class", len(labels))
    if sets:
        ask_for_sets(node, forest, x.len, sets)
    base = _floats(node, "base_values")
    transform = transform_by_name(node)
    if len(labels) == 2 and not (given[:, 0].any() and given[:, 1].any()):
        return _one_column(builder, node, x, forest, given, base, labels, transform)
    if len(base) not in (0, len(labels)):
        raise node.unsupported(
            f"{len(base)} base values for {len(labels)} classes", "give none or one for each class"
        )
    if len(labels) == 2:
        return _two_columns(builder, node, x, forest, given, base, labels, transform)
    if not (len(base) or (given.any(axis=0).all() and _first_maximum_is_a_given_one(forest, given))):
        raise node.unsupported(
            "some leaves give no weight to some classes",
            "each leaf has to weigh all classes, or no weight may be negative and each leaf needs a positive one",
        )
    scores = _scores(builder, node, x, forest, base if len(base) else np.zeros(len(labels)))
    index = builder.classify(node, scores, "argmax")
    return builder.label(node, index, labels), apply_transform(builder, node, scores, transform)


def _first_maximum_is_a_given_one(forest: Forest, given: np.ndarray) -> bool:
    """Onnxruntime leaves classes without any weight out of the maximum: the same where that cannot be one."""
    if given.all():
        return True
    return bool((forest.leaf_values >= 0).all() and (forest.leaf_values.max(axis=1) > 0).all())


def _one_column(
    builder: Builder,
    node: Node,
    x: Tensor,
    forest: Forest,
    given: np.ndarray,
    base: Floats,
    labels: Labels,
    transform: str,
) -> tuple[Symbol, ...]:
    """Two classes, weights for one: the sum is the score of the second class."""
    column = 1 if given[:, 1].any() else 0
    if len(base) > 1 or (column == 1 and len(base)):
        raise node.unsupported(
            f"{len(base)} base values for two classes whose weights all belong to class {column}",
            "give one base value and weights of class 0",
        )
    all_positive = not (forest.leaf_values[:, column][given[:, column]] < 0).any()
    forest.leaf_values = forest.leaf_values[:, column : column + 1]
    scores = _scores(builder, node, x, forest, base if len(base) else np.zeros(1))
    index = builder.classify(node, scores, "positive", 0.5 if all_positive else 0.0)
    label = builder.label(node, index, labels)
    if column == 1:
        pair = _pair(builder, node, scores, 0.0)
        return label, apply_transform(builder, node, pair, transform)
    if transform == "LOGISTIC":
        return label, builder.activation(node, scores, "binary_logistic")
    if all_positive:
        return label, builder.activation(node, scores, "complement")
    return label, _pair(builder, node, scores, -1.0)


def _pair(builder: Builder, node: Node, score: Tensor, factor: float) -> Tensor:
    """``[factor * s, s]``."""
    op = Linear(
        (score.value,),
        builder.fresh(),
        node.where,
        np.array([[factor], [1.0]]),
        np.zeros(2),
        arithmetic="float32",
    )
    return Tensor(builder.add(op), "float32", (2,), True)


def _two_columns(
    builder: Builder,
    node: Node,
    x: Tensor,
    forest: Forest,
    given: np.ndarray,
    base: Floats,
    labels: Labels,
    transform: str,
) -> tuple[Symbol, ...]:
    """Two classes with weights for both: onnxruntime answers 1 where the second score is above 0, else 0."""
    if len(base):
        raise node.unsupported("base values and weights for both of two classes", "leave base_values out")
    if not given[:, 1].all():
        raise node.unsupported(
            "some leaves give no weight to the second of two classes", "weigh both classes in each leaf"
        )
    if isinstance(labels[0], int) and labels != (0, 1):
        raise node.unsupported(
            f"weights for both of the two classes {labels[0]} and {labels[1]}",
            "onnxruntime answers 0 and 1 then; give weights to one class only, or labels 0 and 1",
        )
    scores = _scores(builder, node, x, forest, np.zeros(2))
    index = builder.classify(node, scores, "positive")
    return builder.label(node, index, labels), apply_transform(builder, node, scores, transform)


def regressor(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """TreeEnsembleRegressor: one number a target."""
    weights = ("target_treeids", "target_nodeids", "target_ids", "target_weights", "target_weights_as_tensor")
    node.only_attributes(*_OLD_ATTRIBUTES, *weights, "n_targets", "aggregate_function")
    x, sets = _input(node)
    targets = node.int("n_targets", 0)
    forest, given = _read_old(node, "target", targets)
    if sets:
        ask_for_sets(node, forest, x.len, sets)
    name = node.one_of("aggregate_function", "SUM", tuple(_AGGREGATES))
    if name in ("MIN", "MAX") and not given.all():
        raise node.unsupported(
            f"{name} over leaves without a value for some target", "give each leaf a value a target"
        )
    base = _floats(node, "base_values")
    if len(base) not in (0, targets):
        raise node.damaged(f"{len(base)} base values for {targets} targets")
    transform = transform_by_name(node)
    if targets == 1 and transform != "NONE":
        raise node.unsupported(
            f"post_transform {transform} of one target", "onnxruntime ignores it; leave it out"
        )
    scores = _scores(
        builder, node, x, forest, base if len(base) else np.zeros(targets),
        divisor=float(len(forest.roots)) if name == "AVERAGE" else 1.0, aggregate=_AGGREGATES[name],
    )  # fmt: skip
    return (apply_transform(builder, node, scores, transform),)


def _input(node: Node) -> tuple[Tensor, tuple[tuple[int, Floats], ...]]:
    """The features, and the sets whose flags stand behind them."""
    found = node.symbol(0)
    return (found.x, found.sets) if isinstance(found, Flagged) else (node.tensor(0), ())


def _scores(
    builder: Builder,
    node: Node,
    x: Tensor,
    forest: Forest,
    base: Floats,
    divisor: float = 1.0,
    aggregate: Aggregate = "sum",
) -> Tensor:
    """Scores of the operators that answer in float32 whatever they take."""
    arithmetic: Arithmetic = x.dtype
    op = to_trees(
        node,
        x,
        builder.fresh(),
        forest,
        base=base,
        divisor=divisor,
        aggregate=aggregate,
        arithmetic=arithmetic,
    )
    return Tensor(builder.add(op), "float32", (op.leaf_values.shape[1],), True)


def class_labels(node: Node, integers: str) -> Labels:
    """The labels of a classifier of ai.onnx.ml."""
    texts = node.texts("classlabels_strings")
    numbers = node.ints(integers)
    if texts and len(numbers):
        raise node.damaged("class labels are given as strings and as integers")
    return tuple(texts) if texts else tuple(int(v) for v in numbers)


def _floats(node: Node, name: str) -> Floats:
    """An attribute that is a list of floats or, with ``_as_tensor``, an array of doubles."""
    tensor = node.tensor_attribute(f"{name}_as_tensor")
    plain = node.floats(name)
    if tensor is None:
        values = plain
    else:
        if len(plain):
            raise node.damaged(f"{name} and {name}_as_tensor are both given")
        if tensor.dtype.kind != "f":
            raise node.damaged(f"{name}_as_tensor has type {tensor.dtype}")
        values = tensor.astype(np.float64).reshape(-1)
    if name == "base_values" and not np.isfinite(values).all():
        raise node.unsupported("a base value is not finite", "base values are finite numbers")
    return values


def _read_old(node: Node, prefix: str, targets: int) -> tuple[Forest, np.ndarray]:
    """Nodes of the operators before TreeEnsemble, and which leaf gives a weight to which target."""
    tree_ids = node.ints("nodes_treeids")
    columns = {name: node.ints(name) for name in _NODE_COLUMNS}
    modes = node.texts("nodes_modes")
    values = _floats(node, "nodes_values")
    missing = node.ints("nodes_missing_value_tracks_true")
    lengths = {name: len(column) for name, column in columns.items()}
    lengths |= {"nodes_modes": len(modes), "nodes_values": len(values)}
    if len(missing):
        lengths["nodes_missing_value_tracks_true"] = len(missing)
    _same_lengths(node, len(tree_ids), "nodes_treeids", lengths)
    mode = _mode_numbers(node, modes)
    position = _Positions(node, tree_ids, columns["nodes_nodeids"])
    inner = mode != LEAF
    forest = Forest(
        roots=_roots(node, tree_ids),
        mode=mode,
        feature=columns["nodes_featureids"].copy(),
        value=values.copy(),
        yes=np.full(len(mode), -1, dtype=np.int64),
        no=np.full(len(mode), -1, dtype=np.int64),
        missing=missing.astype(np.bool_) if len(missing) else np.zeros(len(mode), dtype=np.bool_),
        leaf=np.full(len(mode), -1, dtype=np.int64),
        leaf_values=np.zeros((0, targets)),
        members={},
        visits=hit_rates(node, _floats(node, "nodes_hitrates"), len(mode)),
    )
    forest.yes[inner] = position.of(
        tree_ids[inner], columns["nodes_truenodeids"][inner], "the true branch of a node"
    )
    forest.no[inner] = position.of(
        tree_ids[inner], columns["nodes_falsenodeids"][inner], "the false branch of a node"
    )
    leaves = np.flatnonzero(~inner)
    forest.leaf[leaves] = np.arange(len(leaves))
    check_leaf_table(node, len(leaves), targets)
    forest.leaf_values, given = _leaf_table(node, position, forest.leaf, len(leaves), prefix, targets)
    return forest, given


def _leaf_table(
    node: Node, position: _Positions, leaf: Ints, leaves: int, prefix: str, targets: int
) -> tuple[Floats, np.ndarray]:
    trees, nodes, ids = (node.ints(f"{prefix}_{name}") for name in ("treeids", "nodeids", "ids"))
    weights = _floats(node, f"{prefix}_weights")
    _same_lengths(
        node, len(trees), f"{prefix}_treeids",
        {f"{prefix}_nodeids": len(nodes), f"{prefix}_ids": len(ids), f"{prefix}_weights": len(weights)},
    )  # fmt: skip
    row = leaf[position.of(trees, nodes, "a weight")]
    if (row < 0).any():
        raise node.unsupported("a weight belongs to a node that is no leaf", "give weights to leaves only")
    if len(ids) and not (ids.min() >= 0 and ids.max() < targets):
        raise node.damaged(f"weights for {prefix} {int(ids.min())} to {int(ids.max())}, there are {targets}")
    table, given = np.zeros((leaves, targets)), np.zeros((leaves, targets), dtype=np.bool_)
    table[row, ids] = weights
    given[row, ids] = True
    if int(given.sum()) != len(ids):
        raise node.unsupported(f"a leaf has two weights for one {prefix}", "give one weight")
    return table, given


def _roots(node: Node, tree_ids: Ints) -> Ints:
    """The first node of each tree, which is where onnxruntime starts."""
    if not len(tree_ids):
        raise node.damaged("there is no tree")
    starts = np.flatnonzero(np.concatenate([[True], tree_ids[1:] != tree_ids[:-1]]))
    if len(np.unique(tree_ids[starts])) != len(starts):
        raise node.damaged("the nodes of a tree do not stand together in the list")
    return starts


def _mode_numbers(node: Node, modes: list[str]) -> Ints:
    numbers = {name: number for number, name in enumerate(MODES) if number != MEMBER} | {"LEAF": LEAF}
    unknown = sorted(set(modes) - set(numbers))
    if unknown:
        raise node.unsupported(f"the node mode {unknown[0]!r}", f"supported are {', '.join(numbers)}")
    return np.array([numbers[name] for name in modes], dtype=np.int64)


def _same_lengths(node: Node, length: int, name: str, others: dict[str, int]) -> None:
    for other, found in others.items():
        if found != length:
            raise node.damaged(f"{other} has {found} entries, {name} has {length}")


class _Positions:
    """Where (tree id, node id) stands in the list of nodes."""

    def __init__(self, node: Node, tree_ids: Ints, node_ids: Ints) -> None:
        self._node = node
        self._trees, self._nodes = np.unique(tree_ids), np.unique(node_ids)
        keys, _ = self._keys(tree_ids, node_ids)
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]
        if (self._sorted[1:] == self._sorted[:-1]).any():
            raise node.damaged("a tree has two nodes of one number")

    def _keys(self, tree_ids: Ints, node_ids: Ints) -> tuple[Ints, np.ndarray]:
        """One number a pair, and which pairs can exist at all."""
        t, n = np.searchsorted(self._trees, tree_ids), np.searchsorted(self._nodes, node_ids)
        t, n = np.minimum(t, len(self._trees) - 1), np.minimum(n, len(self._nodes) - 1)
        known = (self._trees[t] == tree_ids) & (self._nodes[n] == node_ids)
        return np.asarray(t * len(self._nodes) + n, dtype=np.int64), known

    def of(self, tree_ids: Ints, node_ids: Ints, what: str) -> Ints:
        """List positions of the pairs; an error says what refers to a node that is not there."""
        if not len(self._sorted):
            if len(tree_ids):
                raise self._node.damaged("there is no tree")
            return np.zeros(0, dtype=np.int64)
        keys, known = self._keys(tree_ids, node_ids)
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        known &= self._sorted[at] == keys
        if not known.all():
            bad = int(np.argmin(known))
            raise self._node.damaged(
                f"{what} refers to node {int(node_ids[bad])} of tree {int(tree_ids[bad])}, which does not exist"
            )
        return np.asarray(self._order[at], dtype=np.int64)
