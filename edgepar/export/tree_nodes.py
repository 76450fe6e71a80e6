# SPDX-License-Identifier: Apache-2.0
"""Trees of any library as one operator of ai.onnx.ml that adds their leaves.

TreeEnsembleRegressor of version 3 holds them with float64 thresholds and leaf values; its result is a float32. It knows
no sets of categories: CategoryFlags of ai.edgepar puts a 0 or 1 for each set behind the features. TreeEnsemble of
version 5 knows sets, but onnxruntime takes only whole numbers for them, and rounds what it compares with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from edgepar.export.emitter import ML_DOMAIN, Emitter

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_HALF = 0.5  # between the flag of a number that is in no set and that of one that is


@dataclass(frozen=True, eq=False)
class TreeNodes:
    """One tree, a row a node; node 0 is the root.

    Attributes
    ----------
    left, right : Ints
        Child for yes and for no; -1 in a leaf.
    feature, threshold, missing_left : arrays
        The question of a node, and whether NaN goes left. Of no meaning in a leaf.
    visits : Floats
        How many training samples met the node, in any unit.
    values : Floats
        ``[nodes, len(targets)]``, what a leaf adds.
    targets : Sequence[int]
        Which sums the tree adds to.
    mode : str
        ``BRANCH_LEQ`` or ``BRANCH_LT``.
    members : Mapping[int, Floats]
        Nodes that ask whether the feature is one of these numbers instead; NaN is not.
    n_features : int
        Features that X has; what is in ``members`` needs it.
    """

    left: Ints
    right: Ints
    feature: Ints
    threshold: Floats
    missing_left: npt.NDArray[np.bool_]
    visits: Floats
    values: Floats
    targets: Sequence[int] = (0,)
    mode: str = "BRANCH_LEQ"
    members: Mapping[int, Floats] = field(default_factory=dict)
    n_features: int = 0

    @property
    def is_leaf(self) -> npt.NDArray[np.bool_]:
        """One entry a node."""
        return np.asarray(self.left < 0)


def write_sums(
    emitter: Emitter, x: str, trees: Sequence[TreeNodes], n_targets: int, base: Floats | None = None
) -> str:
    """The sums of leaf values of all trees and the base, float64 [N, n_targets]; returns the value's name."""
    if any(tree.members for tree in trees):
        x, trees = _flag_sets(emitter, x, trees)
    attributes = node_attributes(trees, "target")
    attributes.append(helper.make_attribute("n_targets", n_targets))
    if base is not None and np.any(base != 0.0):
        attributes.append(tensor_attribute("base_values_as_tensor", base))
    total = emitter.name("total")
    node = helper.make_node("TreeEnsembleRegressor", [x], [total], domain=ML_DOMAIN)
    node.attribute.extend(attributes)
    emitter.node(node)
    return emitter.op("Cast", [total], stem="sum", to=onnx.TensorProto.DOUBLE)


def _flag_sets(emitter: Emitter, x: str, trees: Sequence[TreeNodes]) -> tuple[str, list[TreeNodes]]:
    """X with a flag for each distinct set, and the trees that ask for flags: yes is the right child then."""
    sets: dict[tuple[int, tuple[float, ...]], int] = {}
    numbers: dict[tuple[int, float], int] = {}
    changed = []
    for tree in trees:
        left, right, feature = tree.left.copy(), tree.right.copy(), tree.feature.copy()
        threshold, missing_left = tree.threshold.copy(), tree.missing_left.copy()
        for node, members in tree.members.items():
            key = (int(tree.feature[node]), tuple(members.tolist()))
            for number in key[1]:
                numbers.setdefault((key[0], number), len(numbers))
            feature[node] = tree.n_features + sets.setdefault(key, len(sets))
            left[node], right[node] = tree.right[node], tree.left[node]
            threshold[node], missing_left[node] = _HALF, False
        changed.append(
            replace(
                tree, left=left, right=right, feature=feature, threshold=threshold, missing_left=missing_left,
                members={},
            )
        )  # fmt: skip
    table = np.zeros((len(numbers), len(sets)))
    for (column, members_of_set), at in sets.items():
        for number in members_of_set:
            table[numbers[column, number], at] = 1.0
    flagged = emitter.call(
        "CategoryFlags",
        [
            x,
            emitter.indices("category_columns", np.array([column for column, _ in numbers], dtype=np.int64)),
            emitter.parameter("categories", np.array([number for _, number in numbers])),
            emitter.parameter("category_sets", table),
        ],
    )
    return flagged, changed


def node_attributes(trees: Sequence[TreeNodes], prefix: str) -> list[onnx.AttributeProto]:
    """Nodes and leaves of all trees as attributes of an operator of version 3; ``prefix`` is target or class."""
    counts = [len(tree.left) for tree in trees]
    tree_ids = np.repeat(np.arange(len(trees)), counts)
    node_ids = np.concatenate([np.arange(count) for count in counts])
    is_leaf = np.concatenate([tree.is_leaf for tree in trees])

    def per_node(name: str) -> npt.NDArray[Any]:
        return np.where(is_leaf, 0, np.concatenate([getattr(tree, name) for tree in trees]))

    modes = np.where(is_leaf, "LEAF", np.repeat([tree.mode for tree in trees], counts))
    leaves = [np.flatnonzero(tree.is_leaf) for tree in trees]
    widths = [len(tree.targets) for tree in trees]
    integers = {
        "nodes_treeids": tree_ids,
        "nodes_nodeids": node_ids,
        "nodes_featureids": per_node("feature"),
        "nodes_truenodeids": per_node("left"),
        "nodes_falsenodeids": per_node("right"),
        "nodes_missing_value_tracks_true": per_node("missing_left"),
        f"{prefix}_treeids": np.repeat(
            np.arange(len(trees)), [len(rows) * width for rows, width in zip(leaves, widths, strict=True)]
        ),
        f"{prefix}_nodeids": np.concatenate(
            [np.repeat(rows, width) for rows, width in zip(leaves, widths, strict=True)]
        ),
        f"{prefix}_ids": np.concatenate(
            [np.tile(tree.targets, len(rows)) for tree, rows in zip(trees, leaves, strict=True)]
        ),
    }
    attributes = [_integers(name, array) for name, array in integers.items()]
    attributes.append(_strings("nodes_modes", modes))
    attributes.append(tensor_attribute("nodes_values_as_tensor", per_node("threshold")))
    weights = [tree.values[rows].ravel() for tree, rows in zip(trees, leaves, strict=True)]
    attributes.append(tensor_attribute(f"{prefix}_weights_as_tensor", np.concatenate(weights)))
    attributes.append(_hit_rates(np.concatenate([_shares(tree) for tree in trees])))
    return attributes


def _shares(tree: TreeNodes) -> Floats:
    """Share of the training samples that met each node."""
    return np.asarray(tree.visits / max(float(tree.visits[0]), 1e-300), dtype=np.float64)


def _hit_rates(shares: Floats) -> onnx.AttributeProto:
    attribute = onnx.AttributeProto(name="nodes_hitrates", type=onnx.AttributeProto.FLOATS)
    attribute.floats.extend(shares.astype(np.float32).tolist())
    return attribute


def _integers(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.INTS)
    attribute.ints.extend(array.astype(np.int64).tolist())
    return attribute


def _strings(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.STRINGS)
    attribute.strings.extend(text.encode() for text in array.tolist())
    return attribute


def tensor_attribute(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    """An attribute that holds float64 numbers."""
    tensor = numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float64), name)
    return onnx.AttributeProto(name=name, type=onnx.AttributeProto.TENSOR, t=tensor)
