# SPDX-License-Identifier: Apache-2.0
"""Boosted trees of scikit-learn: a base and the leaves of all trees, added, and the link of the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter
from edgepar.export.tree_nodes import Floats, TreeNodes, write_sums
from edgepar.export.trees import nodes_of

#: HistGradientBoostingRegressor's losses whose prediction is exp of the sum.
_LOG_LINK = ("poisson", "gamma")


def gradient_boosting_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """GradientBoostingClassifier: two classes have one sum, and 0 is the second class's."""
    decision = _decision(emitter, _gradient_boosting_sums(emitter, estimator), len(classes))
    label, probabilities = emitter.output("label"), emitter.output("probabilities")
    if len(classes) > 2:
        many_classes(emitter, decision, classes)
        return
    emitter.call("NonNegativeLabel", [decision, emitter.classes(classes)], label or "")
    if estimator.loss == "exponential":
        decision = emitter.op("Mul", [decision, emitter.parameter("two", 2.0)], stem="log_odds")
    emitter.call("LogisticProba", [decision], probabilities or "")


def gradient_boosting_regressor(emitter: Emitter, estimator: Any) -> None:
    """GradientBoostingRegressor: the sum itself, for every loss."""
    sums = _gradient_boosting_sums(emitter, estimator)
    emitter.op("Squeeze", [sums, emitter.axes(1)], emitter.outputs[0])


def _gradient_boosting_sums(emitter: Emitter, estimator: Any) -> str:
    rate = float(estimator.learning_rate)
    trees = [
        nodes_of(member.tree_, rate * member.tree_.value[:, :, 0], (target,))
        for stage in estimator.estimators_
        for target, member in enumerate(stage)
    ]
    # The default init and 'zero' answer the same to every sample; no public method gives the raw numbers.
    any_sample = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    base = estimator._raw_predict_init(any_sample)[0]  # noqa: SLF001
    return write_sums(emitter, emitter.x_rounded(), trees, len(base), base)


def has_constant_init(estimator: Any) -> bool:
    """Whether a GradientBoosting starts from the same numbers for every sample."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    init = estimator.init_
    if isinstance(init, str):
        return init == "zero"
    if type(init) is DummyClassifier:
        return init.strategy in ("prior", "most_frequent", "constant")
    return type(init) is DummyRegressor


def hist_gradient_boosting_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """HistGradientBoostingClassifier: label, probabilities and decision."""
    decision = _decision(emitter, _hist_gradient_boosting_sums(emitter, estimator), len(classes))
    if len(classes) > 2:
        many_classes(emitter, decision, classes)
    else:
        two_classes(emitter, decision, classes)


def hist_gradient_boosting_regressor(emitter: Emitter, estimator: Any) -> None:
    """HistGradientBoostingRegressor: exp of the sum for the losses with a log link."""
    sums = _hist_gradient_boosting_sums(emitter, estimator)
    if estimator.loss in _LOG_LINK:
        sums = emitter.op("Exp", [sums], stem="exponential")
    emitter.op("Squeeze", [sums, emitter.axes(1)], emitter.outputs[0])


def _hist_gradient_boosting_sums(emitter: Emitter, estimator: Any) -> str:
    """Thresholds are compared with float64 numbers; categories are sets of numbers, unknown ones go as NaN goes."""
    columns, categories = _columns(estimator)
    trees = [
        _hist_tree(predictor, target, columns, categories)
        for iteration in estimator._predictors  # noqa: SLF001 - scikit-learn publishes none of this
        for target, predictor in enumerate(iteration)
    ]
    base = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()  # noqa: SLF001
    return write_sums(emitter, emitter.x(), trees, len(base), base)


def _columns(estimator: Any) -> tuple[npt.NDArray[np.int64], dict[int, Floats]]:
    """Which column of X each column of the trees is, and the categories by column of the trees.

    scikit-learn puts columns of categories first and encodes them by their order.
    """
    chosen = estimator.is_categorical_
    if chosen is None:
        return np.arange(estimator.n_features_in_), {}
    columns = np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)])
    encoder = estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001
    numbers = (np.asarray(values, dtype=np.float64) for values in encoder.categories_)
    return columns, dict(enumerate(numbers))


def has_text_categories(estimator: Any) -> bool:
    """Whether a HistGradientBoosting was fitted on categories that are no numbers."""
    if estimator.is_categorical_ is None:
        return False
    encoder = estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001
    return any(np.asarray(values).dtype.kind not in "biuf" for values in encoder.categories_)


def _hist_tree(
    predictor: Any, target: int, columns: npt.NDArray[np.int64], categories: dict[int, Floats]
) -> TreeNodes:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    left = np.where(leaf, -1, nodes["left"].astype(np.int64))
    right = np.where(leaf, -1, nodes["right"].astype(np.int64))
    missing_left = nodes["missing_go_to_left"].astype(np.bool_)
    members = {}
    for at in np.flatnonzero(nodes["is_categorical"].astype(np.bool_) & ~leaf).tolist():
        known = categories[int(nodes["feature_idx"][at])]
        known = known[~np.isnan(known)]
        bitset = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][at]]
        code = np.arange(len(known))
        goes_left = (bitset[code // 32] >> (code % 32).astype(np.uint32) & 1).astype(np.bool_)
        # What is in no set goes where NaN goes, so the set is that of the other side.
        if missing_left[at]:
            left[at], right[at] = right[at], left[at]
            members[at] = known[~goes_left]
        else:
            members[at] = known[goes_left]
        missing_left[at] = False
    return TreeNodes(
        left=left,
        right=right,
        feature=np.where(leaf, 0, columns[np.where(leaf, 0, nodes["feature_idx"])]),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        missing_left=missing_left,
        visits=nodes["count"].astype(np.float64),
        values=nodes["value"][:, None],
        targets=(target,),
        members=members,
        n_features=len(columns),
    )


def ada_boost_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """AdaBoostClassifier of trees (SAMME): each tree votes for one class with its weight, against all others."""
    trees = []
    n_classes = len(classes)
    weights = np.asarray(estimator.estimator_weights_, dtype=np.float64)
    for member, weight in zip(estimator.estimators_, weights, strict=False):
        voted = member.classes_[member.tree_.value[:, 0, : len(member.classes_)].argmax(axis=1)]
        is_class = voted[:, None] == estimator.classes_
        votes = np.where(is_class, weight, -1 / (n_classes - 1) * weight)
        if n_classes == 2:
            # decision_function answers with the difference of both columns.
            votes = votes[:, 1:] - votes[:, :1]
        trees.append(nodes_of(member.tree_, votes, range(votes.shape[1])))
    sums = write_sums(emitter, emitter.x_rounded(), trees, 1 if n_classes == 2 else n_classes)
    sums = emitter.op("Div", [sums, emitter.parameter("total_weight", weights.sum())], stem="mean")
    decision = _decision(emitter, sums, n_classes)
    if n_classes == 2:
        # softmax of (-d / 2, d / 2)
        two_classes(emitter, decision, classes)
        return
    label, probabilities = emitter.output("label"), emitter.output("probabilities")
    emitter.call("ArgMaxLabel", [decision, emitter.classes(classes)], label or "")
    scaled = emitter.op("Div", [decision, emitter.parameter("other_classes", float(n_classes - 1))])
    emitter.op("Softmax", [scaled], probabilities or "", axis=1)


def ada_boost_regressor(emitter: Emitter, estimator: Any) -> None:
    """AdaBoostRegressor of trees: the weighted median of what they say."""
    members = estimator.estimators_
    trees = [nodes_of(member.tree_, member.tree_.value[:, 0], (at,)) for at, member in enumerate(members)]
    said = write_sums(emitter, emitter.x_rounded(), trees, len(trees))
    weights = emitter.parameter("weights", estimator.estimator_weights_[: len(members)])
    emitter.call("WeightedMedian", [said, weights], emitter.outputs[0])


def _decision(emitter: Emitter, sums: str, n_classes: int) -> str:
    """The sums in the shape and under the name of decision_function."""
    name = emitter.output("decision") or ""
    if n_classes == 2:
        return emitter.op("Squeeze", [sums, emitter.axes(1)], name, stem="decision")
    return emitter.op("Identity", [sums], name, stem="decision")


def two_classes(emitter: Emitter, decision: str, classes: npt.NDArray[Any]) -> None:
    """The second class above 0; probabilities by the logistic function."""
    emitter.call("SignLabel", [decision, emitter.classes(classes)], emitter.output("label") or "")
    emitter.call("LogisticProba", [decision], emitter.output("probabilities") or "")


def many_classes(emitter: Emitter, decision: str, classes: npt.NDArray[Any]) -> None:
    """The class of the first maximum; probabilities by softmax."""
    emitter.call("ArgMaxLabel", [decision, emitter.classes(classes)], emitter.output("label") or "")
    emitter.op("Softmax", [decision], emitter.output("probabilities") or "", axis=1)
