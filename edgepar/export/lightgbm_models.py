# SPDX-License-Identifier: Apache-2.0
"""LightGBM: models of its scikit-learn interface and Boosters, from the library's own text.

LightGBM reads x as float64, asks whether it is at most a float64 threshold, and adds float64 leaves in the order of the
trees. Where a feature had no missing values in training NaN counts as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edgepar.export.boosting import many_classes, two_classes
from edgepar.export.emitter import Emitter
from edgepar.export.tree_nodes import TreeNodes, write_sums

Link = Literal["identity", "logistic", "exponential", "softmax"]

#: Objective -> what LightGBM makes of the sum.
LINKS: Mapping[str, Link] = {
    "regression": "identity",
    "regression_l1": "identity",
    "huber": "identity",
    "fair": "identity",
    "quantile": "identity",
    "mape": "identity",
    "lambdarank": "identity",
    "rank_xendcg": "identity",
    "poisson": "exponential",
    "gamma": "exponential",
    "tweedie": "exponential",
    "binary": "logistic",
    "cross_entropy": "logistic",
    "multiclass": "softmax",
}

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT = 2
_NOTHING, _ZERO, _NAN = 0, 1, 2


@dataclass(frozen=True)
class Content:
    """What LightGBM saves: entries of the head, the trees, and the parameters of the training."""

    head: Mapping[str, str]
    trees: tuple[Mapping[str, str], ...]
    parameters: Mapping[str, str]

    @property
    def objective(self) -> str:
        """Name of the objective."""
        return self.head.get("objective", "").partition(" ")[0]

    @property
    def options(self) -> Mapping[str, str]:
        """Options of the objective; those without a value are empty."""
        words = self.head.get("objective", "").split()[1:]
        return {name: value for name, _, value in (word.partition(":") for word in words)}

    @property
    def n_sums(self) -> int:
        """Number of sums that trees add to."""
        return int(self.head["num_tree_per_iteration"])


def content(model: Any) -> Content:
    """The saved form of a fitted model or Booster, with the trees that predict uses."""
    booster = getattr(model, "booster_", model)
    head_text, *tree_texts = booster.model_to_string().split("\nTree=")
    tail = ""
    if tree_texts:
        tree_texts[-1], _, tail = tree_texts[-1].partition("end of trees")
    parameters = tail.partition("parameters:")[2].partition("end of parameters")[0]
    pairs = (line.strip("[]").partition(": ") for line in parameters.splitlines())
    return Content(
        _entries(head_text), tuple(map(_entries, tree_texts)), {name: value for name, _, value in pairs}
    )


def _entries(text: str) -> dict[str, str]:
    return {name: value for name, sign, value in (line.partition("=") for line in text.splitlines()) if sign}


def n_features(model: Any) -> int:
    """Number of features of a model or Booster."""
    return int(content(model).head["max_feature_idx"]) + 1


def n_targets(model: Any) -> int:
    """Numbers that predict gives for a sample."""
    return content(model).n_sums


def is_dart(model: Any) -> bool:
    """Whether trees were dropped and weighed again."""
    return content(model).parameters.get("boosting") == "dart"


def has_linear_leaves(model: Any) -> bool:
    """Whether leaves are linear functions."""
    return any(tree.get("is_linear", "0") == "1" for tree in content(model).trees)


def has_categories(model: Any) -> bool:
    """Whether a tree asks for categories."""
    return any(int(tree.get("num_cat", "0")) > 0 for tree in content(model).trees)


def has_zero_as_missing(model: Any) -> bool:
    """Whether zeros go where missing values go."""
    return any(
        ((_integers(tree, "decision_type") >> _MISSING_SHIFT & 3) == _ZERO).any()
        for tree in content(model).trees
    )


def has_unknown_objective(model: Any) -> bool:
    """Whether predict does something to the sum that is not in LINKS."""
    saved = content(model)
    return saved.objective not in LINKS or "sqrt" in saved.options


def is_no_classifier(model: Any) -> bool:
    """Whether a classifier was trained for something else than its classes."""
    saved, n_classes = content(model), np.size(model.classes_)
    fits = {"logistic": saved.n_sums == 1 and n_classes <= 2, "softmax": saved.n_sums == n_classes > 2}
    return not fits.get(LINKS[saved.objective], False)


def stops_early(model: Any) -> bool:
    """Whether predict leaves out trees for samples that seem decided."""
    given = model.get_params() if hasattr(model, "get_params") else model.params
    return str(given.get("pred_early_stop", False)).lower() in ("true", "1")


def classifier(emitter: Emitter, model: Any, classes: npt.NDArray[Any]) -> None:
    """LGBMClassifier: label, probabilities and, from LightGBM 4.7 on, the raw sums as decision."""
    raw = _raw(emitter, model)
    sums = _score(emitter, model, raw)
    decision = emitter.output("decision")
    if len(classes) > 2:
        if decision:
            emitter.op("Identity", [raw], decision)
        many_classes(emitter, sums, classes)
        return
    if decision:
        emitter.op("Squeeze", [raw, emitter.axes(1)], decision)
    two_classes(emitter, emitter.op("Squeeze", [sums, emitter.axes(1)], stem="score"), classes)


def regressor(emitter: Emitter, model: Any) -> None:
    """LGBMRegressor and Booster: what predict answers."""
    sums = _score(emitter, model, _raw(emitter, model))
    saved = content(model)
    value = emitter.outputs[0]
    link = LINKS[saved.objective]
    if link == "softmax":
        emitter.op("Softmax", [sums], value, axis=1)
        return
    operator = {"identity": "Identity", "logistic": "Sigmoid", "exponential": "Exp"}[link]
    emitter.op("Squeeze", [emitter.op(operator, [sums], stem="value"), emitter.axes(1)], value)


def _raw(emitter: Emitter, model: Any) -> str:
    """The sums of the trees, which LightGBM does not average even where it predicts from their mean."""
    saved = content(model)
    trees = [_nodes(tree, at % saved.n_sums) for at, tree in enumerate(saved.trees)]
    return write_sums(emitter, emitter.x(), trees, saved.n_sums)


def _score(emitter: Emitter, model: Any, sums: str) -> str:
    """What predict makes an answer of: the mean of a forest, times the slope of the logistic function, if any."""
    saved = content(model)
    if _is_averaged(model):
        iterations = len(saved.trees) // saved.n_sums
        sums = emitter.op("Div", [sums, emitter.parameter("iterations", float(iterations))], stem="mean")
    slope = float(saved.options.get("sigmoid", "1"))
    return sums if slope == 1.0 else emitter.op("Mul", [sums, emitter.parameter("sigmoid", slope)])


def _is_averaged(model: Any) -> bool:
    """A random forest; its head says so in a line without a value."""
    text: str = getattr(model, "booster_", model).model_to_string()
    return "average_output" in text.partition("\nTree=")[0].split()


def _integers(tree: Mapping[str, str], name: str) -> npt.NDArray[np.int64]:
    return np.array(tree.get(name, "").split(), dtype=np.int64)


def _numbers(tree: Mapping[str, str], name: str) -> npt.NDArray[np.float64]:
    return np.array(tree.get(name, "").split(), dtype=np.float64)


def _nodes(tree: Mapping[str, str], target: int) -> TreeNodes:
    """Inner nodes first, then leaves: LightGBM numbers both from 0, and leaves are negative as children."""
    values = _numbers(tree, "leaf_value")
    inner = int(tree["num_leaves"]) - 1
    nothing = np.zeros(len(values))

    def children(name: str) -> npt.NDArray[np.int64]:
        found = _integers(tree, name)[:inner]
        return np.concatenate([np.where(found < 0, inner + ~found, found), np.full(len(values), -1)])

    kind = _integers(tree, "decision_type")[:inner]
    threshold = _numbers(tree, "threshold")[:inner]
    # NaN counts as 0 where training saw no missing value.
    missing_left = np.where(kind >> _MISSING_SHIFT & 3 == _NAN, kind & _DEFAULT_LEFT != 0, threshold >= 0.0)
    visits = np.concatenate([_numbers(tree, "internal_count")[:inner], _numbers(tree, "leaf_count")])
    return TreeNodes(
        left=children("left_child"),
        right=children("right_child"),
        feature=np.concatenate([_integers(tree, "split_feature")[:inner], nothing.astype(np.int64)]),
        threshold=np.concatenate([threshold, nothing]),
        missing_left=np.concatenate([missing_left, nothing.astype(np.bool_)]),
        visits=visits if len(visits) == inner + len(values) else np.ones(inner + len(values)),
        values=np.concatenate([np.zeros(inner), values])[:, None],
        targets=(target,),
    )
