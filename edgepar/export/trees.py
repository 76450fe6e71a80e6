# SPDX-License-Identifier: Apache-2.0
"""Decision trees and forests as one TreeEnsemble operator of ai.onnx.ml 3 with float64 thresholds and leaf values.

scikit-learn reads x as float32, compares it with float64 thresholds, adds the leaf values of the trees in float64, in
the order of the trees, and divides by their number. The operator does the same on the float32 value held as float64;
its result is a float32, the only rounding that scikit-learn does not do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from edgepar.export.emitter import ML_DOMAIN, Emitter

_LEAF = -1  # sklearn.tree._tree.TREE_LEAF, the child of a leaf


def tree_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """DecisionTree, RandomForest or ExtraTrees classifier: label and probabilities."""
    trees = members(estimator)
    # value[:, 0, :] holds the class shares of each node, as predict_proba reads them.
    shares = [tree.value[:, 0, : len(classes)] for tree in trees]
    if len(classes) == 1:
        # onnxruntime's classifier looks for a second label, and a missing string ends the process.
        label, probabilities = emitter.outputs
        _mean(emitter, _sums(emitter, trees, shares), probabilities, len(trees))
        emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)
        return
    attributes = _attributes(trees, shares, "class")
    label, probabilities = emitter.outputs
    # The operator's own label is the first maximum of the float64 sums, but for two classes it asks whether the sum of
    # the second exceeds 0.5, which is the rule for one tree: there the label is taken from the probabilities.
    own_label = len(classes) > 2
    names = classes if own_label else np.arange(2)
    key = "classlabels_strings" if names.dtype.kind == "U" else "classlabels_int64s"
    attributes.append(helper.make_attribute(key, names.tolist()))
    votes = emitter.name("votes")
    node = helper.make_node(
        "TreeEnsembleClassifier",
        [emitter.x_rounded()],
        [label if own_label else emitter.name("unused_label"), votes],
        domain=ML_DOMAIN,
    )
    node.attribute.extend(attributes)
    emitter.node(node)
    _mean(emitter, votes, probabilities, len(trees))
    if not own_label:
        emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)


def tree_regressor(emitter: Emitter, estimator: Any) -> None:
    """DecisionTree, RandomForest or ExtraTrees regressor, of one target or several."""
    trees = members(estimator)
    total = _sums(emitter, trees, [tree.value[:, :, 0] for tree in trees])
    if estimator.n_outputs_ == 1:
        total = emitter.op("Squeeze", [total, emitter.axes(1)], stem="total")
    _mean(emitter, total, emitter.outputs[0], len(trees))


def _sums(emitter: Emitter, trees: list[Any], values: list[npt.NDArray[np.float64]]) -> str:
    """The sum of leaf values, one a target; `values` is per tree [nodes, targets]."""
    attributes = _attributes(trees, values, "target")
    attributes.append(helper.make_attribute("n_targets", values[0].shape[1]))
    total = emitter.name("total")
    node = helper.make_node("TreeEnsembleRegressor", [emitter.x_rounded()], [total], domain=ML_DOMAIN)
    node.attribute.extend(attributes)
    emitter.node(node)
    return total


def _mean(emitter: Emitter, total: str, output: str, n_trees: int) -> None:
    # The division comes after the sum, as in scikit-learn: leaf values divided beforehand would break exact ties.
    double = emitter.op("Cast", [total], stem="sum", to=onnx.TensorProto.DOUBLE)
    emitter.op("Div", [double, emitter.parameter("n_trees", float(n_trees))], output)


def members(estimator: Any) -> list[Any]:
    """The fitted trees of a decision tree or forest, in the order in which scikit-learn adds them."""
    forest = getattr(estimator, "estimators_", None)
    return [estimator.tree_] if forest is None else [member.tree_ for member in forest]


def _attributes(
    trees: list[Any], values: list[npt.NDArray[np.float64]], prefix: str
) -> list[onnx.AttributeProto]:
    """The nodes and leaves of all trees as operator attributes; `values` is per tree [nodes, weights of a leaf]."""
    leaves = [tree.children_left == _LEAF for tree in trees]
    counts = [tree.node_count for tree in trees]
    tree_ids = np.repeat(np.arange(len(trees)), counts)
    node_ids = np.concatenate([np.arange(count) for count in counts])
    is_leaf = np.concatenate(leaves)

    def per_node(name: str, at_leaf: float = 0) -> npt.NDArray[Any]:
        return np.where(is_leaf, at_leaf, np.concatenate([getattr(tree, name) for tree in trees]))

    thresholds = per_node("threshold")
    modes = np.where(is_leaf, "LEAF", "BRANCH_LEQ")
    width = values[0].shape[1]
    weights = np.concatenate([value[leaf] for value, leaf in zip(values, leaves, strict=True)]).ravel()
    integers = {
        "nodes_treeids": tree_ids,
        "nodes_nodeids": node_ids,
        "nodes_featureids": per_node("feature"),
        "nodes_truenodeids": per_node("children_left"),
        "nodes_falsenodeids": per_node("children_right"),
        "nodes_missing_value_tracks_true": per_node("missing_go_to_left"),
        f"{prefix}_treeids": np.repeat(tree_ids[is_leaf], width),
        f"{prefix}_nodeids": np.repeat(node_ids[is_leaf], width),
        f"{prefix}_ids": np.tile(np.arange(width), int(is_leaf.sum())),
    }
    attributes = [_integers(name, array) for name, array in integers.items()]
    attributes.append(_strings("nodes_modes", modes))
    attributes.append(_tensor("nodes_values_as_tensor", thresholds))
    attributes.append(_tensor(f"{prefix}_weights_as_tensor", weights))
    return attributes


def _integers(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.INTS)
    attribute.ints.extend(array.astype(np.int64).tolist())
    return attribute


def _strings(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    attribute = onnx.AttributeProto(name=name, type=onnx.AttributeProto.STRINGS)
    attribute.strings.extend(text.encode() for text in array.tolist())
    return attribute


def _tensor(name: str, array: npt.NDArray[Any]) -> onnx.AttributeProto:
    tensor = numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float64), name)
    return onnx.AttributeProto(name=name, type=onnx.AttributeProto.TENSOR, t=tensor)
