# SPDX-License-Identifier: Apache-2.0
"""Linear models."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegressionCV,
    MultiTaskElasticNet,
    MultiTaskElasticNetCV,
    MultiTaskLasso,
    MultiTaskLassoCV,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR

from edgepar.export import ESTIMATORS
from tests.bounds import ULP, Bounds
from tests.case import (
    Case,
    blobs,
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
    Case("390_feature_ridge_classifier", RidgeClassifier, blobs(7, 390, seed=4)),
    Case("500_feature_ridge_classifier", RidgeClassifier, blobs(2, 500, seed=4)),
    Case("digits_linear_svc", scaled(MinMaxScaler(), LinearSVC(random_state=0)), digits),
    Case("cancer_linear_svc", scaled(StandardScaler(), LinearSVC(random_state=0)), cancer),
    Case(
        "iris_crammer_singer_svc",
        linear(LinearSVC, multi_class="crammer_singer", fit_intercept=False, max_iter=20_000, random_state=0),
        relabelled(iris, ["setosa", "versicolor", "virginica"]),
    ),
    Case("cancer_sgd", scaled(StandardScaler(), SGDClassifier(random_state=0)), cancer),
    Case("iris_sgd_log", linear(SGDClassifier, loss="log_loss", random_state=0), iris),
    Case("digits_sgd_log", scaled(StandardScaler(), SGDClassifier(loss="log_loss", random_state=0)), digits),
    Case(
        "digits_sgd_huber",
        scaled(MinMaxScaler(), SGDClassifier(loss="modified_huber", random_state=0)),
        digits,
    ),
    Case(
        "cancer_sgd_huber",
        scaled(StandardScaler(), SGDClassifier(loss="modified_huber", alpha=0.1, random_state=0)),
        cancer,
    ),
    Case("iris_sgd_one_class", linear(SGDOneClassSVM, nu=0.3, random_state=0), iris, "outlier_detector"),
    Case("diabetes_poisson", linear(PoissonRegressor, max_iter=1000), diabetes, "regressor"),
    Case("wine_lda", LinearDiscriminantAnalysis, wine),
    Case("cancer_lda", linear(LinearDiscriminantAnalysis, solver="lsqr", shrinkage="auto"), cancer),
    Case("diabetes_linear", LinearRegression, diabetes, "regressor"),
    Case(
        "diabetes_linear_no_intercept", linear(LinearRegression, fit_intercept=False), diabetes, "regressor"
    ),
    Case("diabetes_ridge", scaled(StandardScaler(with_mean=False), Ridge()), diabetes, "regressor"),
    Case("two_target_linear", LinearRegression, two_targets, "regressor"),
    Case("two_target_ridge", scaled(StandardScaler(with_std=False), Ridge()), two_targets, "regressor"),
]

#: Their Models differ from those above in numbers alone, so they are tested up to the Model.
TWINS: list[Case] = [
    Case("twin_logistic_cv", scaled(StandardScaler(), LogisticRegressionCV(Cs=3)), wine),
    Case("twin_lda_eigen", linear(LinearDiscriminantAnalysis, solver="eigen"), iris),
    Case("twin_ridge_classifier_cv", RidgeClassifierCV, iris),
    Case("twin_perceptron", linear(Perceptron, penalty="l1", random_state=0), wine),
    Case("twin_passive_aggressive", linear(PassiveAggressiveClassifier, random_state=0), cancer),
    *(
        Case(f"twin_sgd_{loss}", scaled(StandardScaler(), SGDClassifier(loss=loss, random_state=0)), wine)
        for loss in ("perceptron", "squared_hinge", "squared_error", "huber", "epsilon_insensitive")
    ),
    *(
        Case(f"twin_{estimator.__name__}", estimator, diabetes, "regressor")
        for estimator in (
            RidgeCV, Lasso, LassoCV, ElasticNet, ElasticNetCV, Lars, LarsCV, LassoLars, LassoLarsCV,
            LassoLarsIC, OrthogonalMatchingPursuit, OrthogonalMatchingPursuitCV, BayesianRidge, ARDRegression,
            QuantileRegressor,
        )
    ),
    Case("twin_huber", linear(HuberRegressor, max_iter=1000), diabetes, "regressor"),
    Case(
        "twin_theil_sen", linear(TheilSenRegressor, max_subpopulation=100, random_state=0), diabetes, "regressor"
    ),
    Case("twin_gamma", linear(GammaRegressor, max_iter=1000), diabetes, "regressor"),
    Case("twin_tweedie_log", linear(TweedieRegressor, power=1.5, max_iter=1000), diabetes, "regressor"),
    Case("twin_tweedie_identity", TweedieRegressor, diabetes, "regressor"),
    Case("twin_sgd_regressor", linear(SGDRegressor, eta0=0.5, max_iter=5000, random_state=0), diabetes, "regressor"),
    Case("twin_linear_svr", linear(LinearSVR, random_state=0), diabetes, "regressor"),
    Case("twin_linear_svr_no_intercept", linear(LinearSVR, fit_intercept=False, random_state=0), diabetes,
         "regressor"),
    Case("twin_passive_aggressive_regressor", linear(PassiveAggressiveRegressor, random_state=0), diabetes,
         "regressor"),
    *(
        Case(f"twin_two_targets_{estimator.__name__}", estimator, two_targets, "regressor")
        for estimator in (
            Lasso, ElasticNet, Lars, LassoLars, RidgeCV, OrthogonalMatchingPursuit, MultiTaskLasso,
            MultiTaskElasticNet,
        )
    ),
    *(
        Case(f"twin_two_targets_{estimator.__name__}", linear(estimator, alphas=4, cv=3), two_targets, "regressor")
        for estimator in (MultiTaskLassoCV, MultiTaskElasticNetCV)
    ),
]  # fmt: skip


def _bounds(estimator: Any, X: np.ndarray) -> Bounds:
    return bounds_of_sums(estimator, X, np.zeros(X.shape))


def bounds_of_sums(estimator: Any, X: np.ndarray, off: np.ndarray) -> Bounds:
    """The bounds of a linear model on features that may be off already."""
    if isinstance(estimator, SGDOneClassSVM):
        intercept = np.abs(estimator.offset_)
    else:
        intercept = np.atleast_1d(estimator.intercept_)
    coef = np.atleast_2d(estimator.coef_)
    # Two sums of F products and an intercept in any order, the features a norm apart: (F + 1) + (F + 3) roundings.
    terms = np.abs(X) @ np.abs(coef).T + np.abs(intercept)
    score = (2 * X.shape[1] + 4) * ULP * terms + off @ np.abs(coef).T
    if isinstance(estimator, SGDOneClassSVM):
        return Bounds(decision=score[:, 0], score=score[:, 0] + 4 * ULP * (terms[:, 0] + intercept))
    if isinstance(estimator, (PoissonRegressor, GammaRegressor, TweedieRegressor)):
        value = np.abs(estimator.predict(X))
        if not isinstance(estimator, TweedieRegressor) or estimator.power > 0:
            return Bounds(value=value * np.expm1(score[:, 0] + 4 * ULP))
    if not is_classifier(estimator):
        return Bounds(value=score.reshape(estimator.predict(X).shape))
    decision = score.reshape(estimator.decision_function(X).shape)
    if not hasattr(estimator, "predict_proba"):
        return Bounds(decision=decision)
    # A probability moves by no more than itself times the change of a difference of scores; then a few roundings.
    relative = 2 * score.max(axis=1, keepdims=True) + (len(estimator.classes_) + 8) * ULP
    p = estimator.predict_proba(X)
    if getattr(estimator, "loss", "") == "modified_huber":
        return Bounds(decision=decision, probabilities=_of_shares(estimator, X, score, p))
    ceiling = np.maximum(p, ULP)
    return Bounds(decision=decision, probabilities=np.expm1(relative) * ceiling + 2 * ULP)


def _of_shares(model: SGDClassifier, X: np.ndarray, score: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Clipped scores, halved, and their shares of a sum that may be 0 within the error."""
    if p.shape[1] == 2:
        return score / 2 + 2 * ULP * np.ones(p.shape)
    scores = model.decision_function(X)
    off = (np.clip(scores + score, -1, 1) - np.clip(scores - score, -1, 1)) / 2 + ULP * (scores > -1)
    raised = (np.clip(scores, -1, 1) + 1) / 2
    total, total_off = raised.sum(axis=1, keepdims=True), off.sum(axis=1, keepdims=True)
    total_off = total_off + p.shape[1] * ULP * total
    known = total > total_off
    shares = (off + p * total_off) / np.where(known, total - total_off, 1.0) + 4 * ULP
    return np.where(known, shares, np.where(total + total_off == 0, ULP, 1.0))


BOUNDS = {row.name: _bounds for row in ESTIMATORS if row.family == "linear"}
