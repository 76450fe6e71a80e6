# SPDX-License-Identifier: Apache-2.0
"""Decision trees and forests, alone and behind scalers (float64 inside, rounded to float32 by the tree)."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from tests.bounds import HALF_ULP_F32, ULP, Bounds
from tests.case import (
    Case,
    blobs,
    cancer,
    diabetes,
    digits,
    forest,
    integers,
    iris,
    on_thresholds,
    relabelled,
    scaled,
    transformed,
    two_targets,
    wide_scales,
    wine,
    with_nan,
)

CASES: list[Case] = [
    Case("digits_forest", forest(100), digits, demo=True),
    Case("iris_tree", lambda: DecisionTreeClassifier(random_state=0), iris),
    Case("cancer_forest", forest(25), cancer),
    Case("cancer_forest_min_leaf", forest(20, min_samples_leaf=3), cancer),
    Case("wine_extra_trees", lambda: ExtraTreesClassifier(30, random_state=0), wine),
    Case("digits_forest_depth_2", forest(20, max_depth=2), digits),
    Case("integer_tree", lambda: DecisionTreeClassifier(random_state=0), integers),
    Case("threshold_tree", lambda: DecisionTreeClassifier(random_state=0), on_thresholds),
    Case("two_tree_ties", forest(2, bootstrap=False, max_features=1), integers),
    Case("one_leaf_tree", lambda: DecisionTreeClassifier(max_depth=1, min_samples_leaf=100), iris),
    Case("one_class_tree", DecisionTreeClassifier, relabelled(iris, [4, 4, 4])),
    Case("one_class_string_forest", forest(3), relabelled(iris, ["only", "only", "only"])),
    Case("nan_tree", lambda: DecisionTreeClassifier(random_state=0), with_nan(wine)),
    Case("nan_forest", forest(20), with_nan(iris)),
    Case("one_feature_tree", DecisionTreeClassifier, transformed(iris, lambda X: X[:, :1])),
    Case("wide_scale_forest", forest(10), transformed(iris, wide_scales)),
    Case("200_feature_forest", forest(15), blobs(4, 200, seed=1)),
    Case("diabetes_tree", lambda: DecisionTreeRegressor(max_depth=6, random_state=0), diabetes, "regressor"),
    Case("diabetes_forest", lambda: RandomForestRegressor(30, random_state=0), diabetes, "regressor"),
    Case("diabetes_extra_trees", lambda: ExtraTreesRegressor(12, random_state=0), diabetes, "regressor"),
    Case("two_target_forest", lambda: RandomForestRegressor(9, random_state=0), two_targets, "regressor"),
    Case("extra_tree", lambda: ExtraTreeClassifier(random_state=0), wine),
    Case(
        "extra_tree_regressor", lambda: ExtraTreeRegressor(max_depth=7, random_state=0), diabetes, "regressor"
    ),
    Case("digits_bagging", lambda: BaggingClassifier(n_estimators=10, random_state=0), digits),
    Case(
        "feature_bagging",
        lambda: BaggingClassifier(max_features=0.4, bootstrap_features=True, random_state=0),
        relabelled(cancer, ["well", "ill"]),
    ),
    # So few rows a tree that most trees lack a class.
    Case(
        "class_bagging",
        lambda: BaggingClassifier(ExtraTreeClassifier(), 15, max_samples=4, random_state=0),
        relabelled(iris, [7, -3, 100]),
    ),
    Case(
        "diabetes_bagging",
        lambda: BaggingRegressor(max_features=6, n_estimators=8, random_state=0),
        diabetes,
        "regressor",
    ),
    Case("two_target_bagging", lambda: BaggingRegressor(random_state=0), two_targets, "regressor"),
    Case(
        "isolation_forest",
        lambda: IsolationForest(n_estimators=20, random_state=0),
        cancer,
        "outlier_detector",
    ),
    Case(
        "contaminated_isolation_forest",
        lambda: IsolationForest(n_estimators=15, contamination=0.1, max_features=3, random_state=0),
        wine,
        "outlier_detector",
    ),
    Case(
        "one_sample_isolation_forest",
        lambda: IsolationForest(n_estimators=5, max_samples=1, random_state=0),
        iris,
        "outlier_detector",
    ),
    # Trees behind scalers: float64 inside, rounded to float32 by the tree.
    Case("standard_forest", scaled(StandardScaler(), RandomForestClassifier(30, random_state=0)), wine),
    Case("min_max_forest", scaled(MinMaxScaler(), RandomForestClassifier(10, random_state=0)), digits),
    Case("clipped_forest", scaled(MinMaxScaler(clip=True), RandomForestClassifier(10, random_state=0)), wine),
    Case("max_abs_tree", scaled(MaxAbsScaler(), DecisionTreeClassifier(random_state=0)), wine),
    Case("normalized_tree", scaled(Normalizer(), DecisionTreeClassifier(random_state=0)), wine),
    Case(
        "nan_standard_forest",
        scaled(StandardScaler(), RandomForestClassifier(10, random_state=0)),
        with_nan(wine),
    ),
    Case(
        "standard_regressor",
        scaled(StandardScaler(), DecisionTreeRegressor(max_depth=8, random_state=0)),
        diabetes,
        "regressor",
    ),
]


def _bounds(estimator: Any, X: np.ndarray) -> Bounds:
    """The same float64 sum, rounded once to float32, then the same division."""
    if not is_classifier(estimator):
        return Bounds(value=np.abs(estimator.predict(X)) * (HALF_ULP_F32 + ULP))
    return Bounds(probabilities=estimator.predict_proba(X) * (HALF_ULP_F32 + ULP))


def _bagging(estimator: Any, X: np.ndarray) -> Bounds:
    """A mean whose sum scikit-learn may add in another order, and a rounding to float32."""
    terms = len(estimator.estimators_) + 2
    if is_classifier(estimator):
        return Bounds(probabilities=estimator.predict_proba(X) * (HALF_ULP_F32 + terms * ULP))
    magnitude = max(np.abs(member.tree_.value).max() for member in estimator.estimators_)
    value = np.abs(estimator.predict(X)) * HALF_ULP_F32 + terms * ULP * magnitude
    return Bounds(value=value)


def _isolation_forest(estimator: IsolationForest, X: np.ndarray) -> Bounds:
    """2 to a power between -largest and 0 whose sum has been rounded to float32."""
    score = np.abs(estimator.score_samples(X))
    with np.errstate(divide="ignore"):
        power = -np.log2(score)
    error = score * np.log(2) * power * (HALF_ULP_F32 + (len(estimator.estimators_) + 8) * ULP) + 8 * ULP
    return Bounds(score=error, decision=error + ULP)


BOUNDS = dict.fromkeys(
    (
        "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor",
        "RandomForestClassifier", "RandomForestRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
    ),
    _bounds,
) | {
    "BaggingClassifier": _bagging,
    "BaggingRegressor": _bagging,
    "IsolationForest": _isolation_forest,
}  # fmt: skip
