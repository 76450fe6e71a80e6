# SPDX-License-Identifier: Apache-2.0
"""Boosted trees of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import is_classifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.bounds import HALF_ULP_F32, ULP, Bounds
from tests.case import (
    Case,
    Data,
    blobs,
    cancer,
    diabetes,
    digits,
    integers,
    iris,
    on_thresholds,
    relabelled,
    scaled,
    transformed,
    wide_scales,
    wine,
    with_nan,
)


def _gb(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: GradientBoostingClassifier(n_estimators=n, random_state=0, **options)


def _gb_regressor(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: GradientBoostingRegressor(n_estimators=n, random_state=0, **options)


def _hist(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: HistGradientBoostingClassifier(max_iter=n, random_state=0, **options)


def _hist_regressor(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: HistGradientBoostingRegressor(max_iter=n, random_state=0, **options)


def _ada(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: AdaBoostClassifier(n_estimators=n, random_state=0, **options)


def categories() -> Data:
    """Two columns of categories, one of them with gaps and missing values, and two of numbers."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(600, 4))
    X[:, 1] = rng.integers(0, 9, 600)
    X[:, 3] = rng.choice([-4.0, 2.0, 2.5, 300.0, 1e6], 600)
    X[rng.random(600) < 0.1, 3] = np.nan
    y = (np.isin(X[:, 1], [1, 4, 5, 8]) ^ np.isin(X[:, 3], [2.5, 1e6]) ^ (X[:, 0] > 0.3)).astype(int)
    return X, y


def with_unknown_categories() -> Data:
    """The same; the rows for testing, a fifth of all, hold numbers that are between, beside and beyond categories."""
    X, y = categories()
    rng = np.random.default_rng(12)
    odd = rng.choice([0.5, -1.0, 2.25, 9.0, 1e30, -4.0, 3.0, np.nan], (len(X), 2))
    X[:, [1, 3]] = np.where(rng.random((len(X), 2)) < 0.05, odd, X[:, [1, 3]])
    return X, y


def counts() -> Data:
    """A target of small whole numbers, none below 0, that has mean exp of a sum."""
    rng = np.random.default_rng(13)
    X = rng.normal(size=(400, 5))
    return X, rng.poisson(np.exp(0.5 * X[:, 0] + np.abs(X[:, 1]))).astype(np.float64)


def positive() -> Data:
    """The same, above 0."""
    X, y = counts()
    return X, y + 0.5


def imbalanced() -> Data:
    """Three classes of 400, 30 and 10 rows."""
    return blobs(3, 4, seed=3, counts=[400, 30, 10])()


def _ada_regressor(n: int, **options: Any) -> Callable[[], Any]:
    return lambda: AdaBoostRegressor(n_estimators=n, random_state=0, **options)


CASES: list[Case] = [
    Case("digits_hist", _hist(10), digits),
    Case("cancer_hist", _hist(30), cancer),
    Case("nan_hist", _hist(15), with_nan(wine)),
    Case("category_hist", _hist(15, categorical_features=[1, 3]), categories),
    Case("unknown_category_hist", _hist(20, categorical_features=[3]), with_unknown_categories),
    Case("category_hist_regressor", _hist_regressor(15, categorical_features=[1]), categories, "regressor"),
    Case("imbalanced_hist", _hist(15), imbalanced),
    Case("200_feature_hist", _hist(8), blobs(4, 200, seed=1)),
    Case("string_labels_hist", _hist(5), relabelled(iris, ["setosa", "versicolor", "blütenlos"])),
    Case("threshold_hist", _hist(10, min_samples_leaf=3), on_thresholds),
    Case("scaled_hist", scaled(StandardScaler(), HistGradientBoostingClassifier(max_iter=8)), wine),
    Case("diabetes_hist", _hist_regressor(40), diabetes, "regressor"),
    Case("poisson_hist", _hist_regressor(15, loss="poisson"), counts, "regressor"),
    Case("gamma_hist", _hist_regressor(15, loss="gamma"), positive, "regressor"),
    Case("absolute_hist", _hist_regressor(8, loss="absolute_error"), diabetes, "regressor"),
    Case("quantile_hist", _hist_regressor(8, loss="quantile", quantile=0.8), diabetes, "regressor"),
    Case("one_leaf_hist", _hist(3, min_samples_leaf=1000), iris),
    Case("cancer_boosting", _gb(40), cancer),
    Case("iris_boosting", _gb(20), iris),
    Case("exponential_boosting", _gb(15, loss="exponential"), cancer),
    Case("zero_init_boosting", _gb(5, init="zero"), relabelled(cancer, ["ill", "well"])),
    Case("integer_boosting", _gb(25, subsample=0.7, max_features=3), integers),
    Case("constant_boosting", _gb(3, init="zero", min_samples_leaf=300), cancer),
    Case("wide_scale_boosting", _gb(8), transformed(iris, wide_scales)),
    Case("diabetes_boosting", _gb_regressor(100), diabetes, "regressor"),
    Case("huber_boosting", _gb_regressor(20, loss="huber"), diabetes, "regressor"),
    Case("absolute_boosting", _gb_regressor(20, loss="absolute_error", init="zero"), diabetes, "regressor"),
    Case("quantile_boosting", _gb_regressor(20, loss="quantile", alpha=0.3), diabetes, "regressor"),
    Case("cancer_ada_boost", _ada(30), cancer),
    Case("digits_ada_boost", _ada(20, estimator=DecisionTreeClassifier(max_depth=5)), digits),
    Case("diabetes_ada_boost", _ada_regressor(50), diabetes, "regressor"),
    Case(
        "deep_ada_boost",
        _ada_regressor(7, estimator=DecisionTreeRegressor(max_depth=8), loss="square"),
        diabetes,
        "regressor",
    ),
    Case("one_tree_ada_boost", _ada_regressor(1), diabetes, "regressor"),
    Case("string_labels_ada_boost", _ada(10), relabelled(iris, ["b", "a", "c"])),
]


def _ada_boost_regressor(estimator: AdaBoostRegressor, X: np.ndarray) -> Bounds:
    """A median moves no further than the numbers that it is one of, which are rounded to float32."""
    return Bounds(
        value=HALF_ULP_F32 * np.abs(np.array([m.predict(X) for m in estimator.estimators_])).max(axis=0)
    )


def _sums(estimator: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw sums [N, K], and how far they may be: the order of the sum in float64, and one rounding to float32."""
    if hasattr(estimator, "_predictors"):
        n_trees = len(estimator._predictors)
        largest = [[np.abs(p.nodes["value"]).max() for p in stage] for stage in estimator._predictors]
        base = np.abs(estimator._baseline_prediction).ravel()
        raw = estimator._raw_predict(X)
    else:
        n_trees = len(estimator.estimators_)
        rate = estimator.learning_rate
        largest = [[rate * np.abs(t.tree_.value).max() for t in stage] for stage in estimator.estimators_]
        raw = estimator._raw_predict(X.astype(np.float32))
        base = np.abs(estimator._raw_predict_init(X[:1].astype(np.float32))).ravel()
    magnitude = np.sum(largest, axis=0) + base
    return raw, (2 * n_trees + 4) * ULP * magnitude + HALF_ULP_F32 * np.abs(raw)


def _boosting(estimator: Any, X: np.ndarray) -> Bounds:
    raw, error = _sums(estimator, X)
    if not is_classifier(estimator):
        if getattr(estimator, "loss", "") in ("poisson", "gamma"):
            value = np.exp(raw) * (np.expm1(error) + 4 * ULP)
            return Bounds(value=value[:, 0])
        return Bounds(value=error[:, 0])
    if raw.shape[1] == 1:
        slope = 2.0 if estimator.loss == "exponential" else 1.0
        return Bounds(decision=error[:, 0], probabilities=_two_class(slope * raw[:, 0], slope * error[:, 0]))
    return Bounds(decision=error, probabilities=softmax_bound(estimator.predict_proba(X), error))


def _two_class(score: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Both probabilities move by as much."""
    moved = np.maximum(expit(score + error) - expit(score), expit(score) - expit(score - error))
    return np.repeat(moved[:, None], 2, axis=1) + 8 * ULP


def softmax_bound(p: np.ndarray, error: np.ndarray) -> np.ndarray:
    """A probability moves by no more than itself times the change of a difference of scores."""
    return np.expm1(2 * error.max(axis=1, keepdims=True)) * p + (p.shape[1] + 8) * ULP


def _ada_boost(estimator: Any, X: np.ndarray) -> Bounds:
    decision = estimator.decision_function(X)
    error = (2 * len(estimator.estimators_) + 6) * ULP * 2 + 2 * HALF_ULP_F32 * np.abs(decision)
    if decision.ndim == 1:
        return Bounds(decision=error, probabilities=_two_class(decision, error))
    return Bounds(decision=error, probabilities=softmax_bound(estimator.predict_proba(X), error))


BOUNDS = {
    **dict.fromkeys(
        (
            "GradientBoostingClassifier", "GradientBoostingRegressor", "HistGradientBoostingClassifier",
            "HistGradientBoostingRegressor",
        ),
        _boosting,
    ),
    "AdaBoostClassifier": _ada_boost,
    "AdaBoostRegressor": _ada_boost_regressor,
}  # fmt: skip
