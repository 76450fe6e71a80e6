# SPDX-License-Identifier: Apache-2.0
"""Decision trees, forests and Bagging of trees as one TreeEnsemble operator of ai.onnx.ml 3.

scikit-learn reads x as float32, compares it with float64 thresholds, adds the leaf values of the trees in float64, in
the order of the trees, and divides by their number. The operator does the same on the float32 value held as float64;
its result is a float32, the only rounding that scikit-learn does not do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from edgepar.export.emitter import ML_DOMAIN, Emitter
from edgepar.export.tree_nodes import Floats, TreeNodes, node_attributes, write_sums


def tree_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """DecisionTree, ExtraTree, RandomForest or ExtraTrees classifier: label and probabilities."""
    _soft_votes(
        emitter,
        # value[:, 0, :] holds the class shares of each node, as predict_proba reads them.
        [_all_outputs(tree, tree.value[:, 0, : len(classes)]) for tree in members(estimator)],
        classes,
    )


def tree_regressor(emitter: Emitter, estimator: Any) -> None:
    """DecisionTree, ExtraTree, RandomForest or ExtraTrees regressor, of one target or several."""
    _mean_of_values(emitter, [_all_outputs(tree, tree.value[:, :, 0]) for tree in members(estimator)])


def bagging_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """BaggingClassifier of trees: label and probabilities; a member may not know all classes or features."""
    trees = []
    for member, features in _members_and_features(estimator):
        shares = np.zeros((member.tree_.node_count, len(classes)))
        shares[:, member.classes_] = member.tree_.value[:, 0, : len(member.classes_)]
        trees.append(_all_outputs(member.tree_, shares, features))
    _soft_votes(emitter, trees, classes)


def bagging_regressor(emitter: Emitter, estimator: Any) -> None:
    """BaggingRegressor of trees: their mean."""
    trees = [
        _all_outputs(member.tree_, member.tree_.value[:, :, 0], features)
        for member, features in _members_and_features(estimator)
    ]
    _mean_of_values(emitter, trees)


def members(estimator: Any) -> list[Any]:
    """The fitted trees of a decision tree or an ensemble, in the order in which scikit-learn adds them."""
    ensemble = getattr(estimator, "estimators_", None)
    if ensemble is None:
        return [estimator.tree_]
    return [member.tree_ for member in np.asarray(ensemble, dtype=object).ravel()]


def is_tree(estimator: Any) -> bool:
    """Whether this is one of scikit-learn's own decision trees."""
    from sklearn import tree

    known = (
        tree.DecisionTreeClassifier, tree.DecisionTreeRegressor, tree.ExtraTreeClassifier, tree.ExtraTreeRegressor,
    )  # fmt: skip
    return type(estimator) in known


def nodes_of(
    tree: Any, values: Floats, targets: Sequence[int] = (0,), features: npt.NDArray[Any] | None = None
) -> TreeNodes:
    """A fitted tree of scikit-learn with these leaf values; it read columns ``features`` of X, or all of them."""
    column = tree.feature if features is None else features[np.maximum(tree.feature, 0)]
    return TreeNodes(
        left=tree.children_left,
        right=tree.children_right,
        feature=column,
        threshold=tree.threshold,
        missing_left=tree.missing_go_to_left.astype(np.bool_),
        visits=tree.n_node_samples.astype(np.float64),
        values=values,
        targets=targets,
    )


def _all_outputs(tree: Any, values: Floats, features: npt.NDArray[Any] | None = None) -> TreeNodes:
    return nodes_of(tree, values, range(values.shape[1]), features)


def _members_and_features(estimator: Any) -> list[tuple[Any, npt.NDArray[Any]]]:
    return list(zip(estimator.estimators_, map(np.asarray, estimator.estimators_features_), strict=True))


def _soft_votes(emitter: Emitter, trees: list[TreeNodes], classes: npt.NDArray[Any]) -> None:
    """The mean of class shares, and the class of the first maximum."""
    if len(classes) == 1:
        # onnxruntime's classifier looks for a second label, and a missing string ends the process.
        label, probabilities = emitter.outputs
        _mean(emitter, write_sums(emitter, emitter.x_rounded(), trees, 1), probabilities, len(trees))
        emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)
        return
    attributes = node_attributes(trees, "class")
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
    double = emitter.op("Cast", [votes], stem="sum", to=onnx.TensorProto.DOUBLE)
    _mean(emitter, double, probabilities, len(trees))
    if not own_label:
        emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)


def _mean_of_values(emitter: Emitter, trees: list[TreeNodes]) -> None:
    n_targets = len(trees[0].targets)
    total = write_sums(emitter, emitter.x_rounded(), trees, n_targets)
    if n_targets == 1:
        total = emitter.op("Squeeze", [total, emitter.axes(1)], stem="total")
    _mean(emitter, total, emitter.outputs[0], len(trees))


def _mean(emitter: Emitter, total: str, output: str, n_trees: int) -> None:
    # The division comes after the sum, as in scikit-learn: leaf values divided beforehand would break exact ties.
    emitter.op("Div", [total, emitter.parameter("n_trees", float(n_trees))], output)
