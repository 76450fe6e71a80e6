# SPDX-License-Identifier: Apache-2.0
"""XGBoost: models of its scikit-learn interface and Boosters, from the library's own JSON.

XGBoost reads x as float32, asks whether it is below a float32 threshold, sends NaN where the node says, and adds
float32 leaves to the base score in float32. The Model adds the same numbers in float64.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edgepar.export.boosting import many_classes, two_classes
from edgepar.export.emitter import Emitter
from edgepar.export.tree_nodes import Floats, TreeNodes, write_sums

Link = Literal["identity", "logistic", "exponential", "softmax"]

#: Objective -> what XGBoost makes of the sum, for prediction and for the base score.
LINKS: Mapping[str, Link] = {
    "reg:squarederror": "identity",
    "reg:squaredlogerror": "identity",
    "reg:pseudohubererror": "identity",
    "reg:absoluteerror": "identity",
    "reg:quantileerror": "identity",
    "reg:logistic": "logistic",
    "reg:gamma": "exponential",
    "reg:tweedie": "exponential",
    "count:poisson": "exponential",
    "binary:logistic": "logistic",
    "multi:softprob": "softmax",
    "rank:pairwise": "identity",
    "rank:ndcg": "identity",
    "rank:map": "identity",
}


@dataclass(frozen=True)
class Content:
    """What XGBoost saves: parts of its JSON."""

    learner: Mapping[str, Any]

    @property
    def objective(self) -> str:
        """Name of the objective."""
        return str(self.learner["objective"]["name"])

    @property
    def booster(self) -> str:
        """gbtree, gblinear or dart."""
        return str(self.learner["gradient_booster"]["name"])

    @property
    def n_sums(self) -> int:
        """Number of sums that trees add to."""
        parameters = self.learner["learner_model_param"]
        return max(int(parameters["num_class"]), int(parameters.get("num_target", "1")))

    @property
    def trees(self) -> list[Mapping[str, Any]]:
        """The trees of a gbtree."""
        return list(self.learner["gradient_booster"]["model"]["trees"])


def content(model: Any) -> Content:
    """The saved form of a fitted model or Booster."""
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    return Content(json.loads(bytes(booster.save_raw("json")))["learner"])


def n_features(model: Any) -> int:
    """Number of features of a model or Booster."""
    return int(content(model).learner["learner_model_param"]["num_feature"])


def n_targets(model: Any) -> int:
    """Numbers that predict gives for a sample."""
    return content(model).n_sums


def is_dart(model: Any) -> bool:
    """Whether the trees have weights of their own, which float32 rounds once more."""
    return content(model).booster == "dart"


def is_linear(model: Any) -> bool:
    """Whether there are no trees."""
    return content(model).booster == "gblinear"


def has_unknown_objective(model: Any) -> bool:
    """Whether predict does something to the sum that is not in LINKS."""
    return content(model).objective not in LINKS


def is_no_classifier(model: Any) -> bool:
    """Whether a classifier was trained for something else than the classes of one label a sample."""
    saved, n_classes = content(model), np.size(model.classes_)
    fits = {"logistic": saved.n_sums == 1 and n_classes <= 2, "softmax": saved.n_sums == n_classes > 2}
    return np.ndim(model.classes_) > 1 or not fits.get(LINKS[saved.objective], False)


def has_categories(model: Any) -> bool:
    """Whether a tree asks for categories."""
    saved = content(model)
    return saved.booster == "gbtree" and any(any(tree["split_type"]) for tree in saved.trees)


def has_vector_leaves(model: Any) -> bool:
    """Whether a leaf adds to several sums."""
    saved = content(model)
    return saved.booster == "gbtree" and any(
        int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in saved.trees
    )


def has_other_missing(model: Any) -> bool:
    """Whether something else than NaN counts as missing."""
    missing = getattr(model, "missing", None)
    return missing is not None and not np.isnan(missing)


def has_infinite_base(model: Any) -> bool:
    """Whether the trees add to something that is no number, such as the logarithm of 0."""
    return not bool(np.isfinite(_base(content(model))).all())


def classifier(emitter: Emitter, model: Any, classes: npt.NDArray[Any]) -> None:
    """XGBClassifier and XGBRFClassifier: label and probabilities."""
    sums = _sums(emitter, model)
    if len(classes) > 2:
        many_classes(emitter, sums, classes)
        return
    two_classes(emitter, emitter.op("Squeeze", [sums, emitter.axes(1)], stem="margin"), classes)


def regressor(emitter: Emitter, model: Any) -> None:
    """XGBRegressor, XGBRFRegressor and Booster: what predict answers."""
    sums = _sums(emitter, model)
    link = LINKS[content(model).objective]
    many = n_targets(model) > 1
    value = "" if not many else emitter.outputs[0]
    if link == "softmax":
        emitter.op("Softmax", [sums], value, axis=1)
        return
    operator = {"identity": "Identity", "logistic": "Sigmoid", "exponential": "Exp"}[link]
    found = emitter.op(operator, [sums], value, stem="value")
    if not many:
        emitter.op("Squeeze", [found, emitter.axes(1)], emitter.outputs[0])


def _sums(emitter: Emitter, model: Any) -> str:
    saved = content(model)
    gradient_booster = saved.learner["gradient_booster"]["model"]
    trees = saved.trees[: _trees_in_use(model, gradient_booster["iteration_indptr"])]
    targets = gradient_booster["tree_info"]
    nodes = [_nodes(tree, int(target)) for tree, target in zip(trees, targets, strict=False)]
    return write_sums(emitter, emitter.x_rounded(), nodes, saved.n_sums, _base(saved))


def _trees_in_use(model: Any, ends: list[int]) -> int:
    """The scikit-learn interface predicts with the best iteration where early stopping has found one."""
    if not hasattr(model, "get_booster") or type(model).__name__.startswith("XGBRF"):
        return int(ends[-1])
    best = model.get_booster().attr("best_iteration")
    return int(ends[-1] if best is None else ends[int(best) + 1])


def _base(saved: Content) -> Floats:
    """The base score as a sum: XGBoost keeps it as a prediction, and takes the link back in float32."""
    text = str(saved.learner["learner_model_param"]["base_score"]).strip("[]")
    score = np.array([np.float32(part) for part in text.split(",")], dtype=np.float32)
    link = LINKS[saved.objective]
    with np.errstate(divide="ignore"):
        if link == "logistic":
            score = -np.log(np.float32(1.0) / score - np.float32(1.0))
        elif link == "exponential":
            score = np.log(score)
    return np.broadcast_to(score.astype(np.float64), (saved.n_sums,)).copy()


def _nodes(tree: Mapping[str, Any], target: int) -> TreeNodes:
    left = np.array(tree["left_children"], dtype=np.int64)
    # In a leaf the split condition is its value.
    numbers = np.array(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    return TreeNodes(
        left=left,
        right=np.array(tree["right_children"], dtype=np.int64),
        feature=np.array(tree["split_indices"], dtype=np.int64),
        threshold=numbers,
        missing_left=np.array(tree["default_left"]).astype(np.bool_),
        visits=np.array(tree["sum_hessian"], dtype=np.float64),
        values=numbers[:, None],
        targets=(target,),
        mode="BRANCH_LT",
    )
