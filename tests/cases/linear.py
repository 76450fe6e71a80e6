# SPDX-License-Identifier: Apache-2.0
"""Linear models."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.linear_model import LinearRegression, Ridge, RidgeClassifier
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC

from tests.bounds import ULP, Bounds
from tests.case import (
    Case,
    cancer,
    diabetes,
    digits,
    iris,
    linear,
    logistic,
    relabelled,
    scaled,
    transformed,
    two_targets,
    wide_scales,
    wine,
)

CASES: list[Case] = [
    Case("digits_logistic", scaled(StandardScaler(), logistic()), digits, demo=True),
    Case("cancer_logistic", scaled(StandardScaler(), logistic()), cancer),
    Case("iris_logistic", logistic, iris),
    Case("iris_logistic_no_intercept", linear(logistic, fit_intercept=False), iris),
    Case("wine_logistic_max_norm", scaled(Normalizer(norm="max"), logistic()), wine),
    Case("cancer_logistic_l1_norm", scaled(Normalizer(norm="l1"), logistic()), cancer),
    Case("digits_logistic_min_max", scaled(MinMaxScaler((-1, 1)), logistic()), digits),
    Case("one_feature_logistic", logistic, transformed(cancer, lambda X: X[:, 1:2])),
    Case("wide_scale_logistic", scaled(StandardScaler(), logistic()), transformed(iris, wide_scales)),
    Case("cancer_ridge_classifier", scaled(MaxAbsScaler(), RidgeClassifier()), cancer),
    Case("digits_ridge_classifier", RidgeClassifier, digits),
    Case("digits_linear_svc", scaled(MinMaxScaler(), LinearSVC(random_state=0)), digits),
    Case("cancer_linear_svc", scaled(StandardScaler(), LinearSVC(random_state=0)), cancer),
    Case(
        "iris_crammer_singer_svc",
        linear(LinearSVC, multi_class="crammer_singer", fit_intercept=False, max_iter=20_000, random_state=0),
        relabelled(iris, ["setosa", "versicolor", "virginica"]),
    ),
    Case("diabetes_linear", LinearRegression, diabetes, "regressor"),
    Case(
        "diabetes_linear_no_intercept", linear(LinearRegression, fit_intercept=False), diabetes, "regressor"
    ),
    Case("diabetes_ridge", scaled(StandardScaler(with_mean=False), Ridge()), diabetes, "regressor"),
    Case("two_target_linear", LinearRegression, two_targets, "regressor"),
    Case("two_target_ridge", scaled(StandardScaler(with_std=False), Ridge()), two_targets, "regressor"),
]


def _bounds(estimator: Any, X: np.ndarray) -> Bounds:
    coef, intercept = np.atleast_2d(estimator.coef_), np.atleast_1d(estimator.intercept_)
    # Two sums of F products and an intercept in any order, the features a norm apart: (F + 1) + (F + 3) roundings.
    terms = np.abs(X) @ np.abs(coef).T + np.abs(intercept)
    score = (2 * X.shape[1] + 4) * ULP * terms
    if not is_classifier(estimator):
        return Bounds(value=score.reshape(estimator.predict(X).shape))
    decision = score.reshape(estimator.decision_function(X).shape)
    if not hasattr(estimator, "predict_proba"):
        return Bounds(decision=decision)
    # A probability moves by no more than itself times the change of a difference of scores; then a few roundings.
    relative = 2 * score.max(axis=1, keepdims=True) + (len(estimator.classes_) + 8) * ULP
    ceiling = np.maximum(estimator.predict_proba(X), ULP)
    return Bounds(decision=decision, probabilities=np.expm1(relative) * ceiling + 2 * ULP)


BOUNDS = dict.fromkeys(
    ("LinearRegression", "LinearSVC", "LogisticRegression", "Ridge", "RidgeClassifier"), _bounds
)
