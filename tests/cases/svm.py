# SPDX-License-Identifier: Apache-2.0
"""Support vector machines."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import is_classifier
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from edgepar.ops.coupling import bound_of_coupling
from tests.bounds import ULP, Bounds
from tests.case import (
    Case,
    blobs,
    cancer,
    diabetes,
    digits,
    iris,
    linear,
    relabelled,
    scaled,
    transformed,
    wine,
)

CASES: list[Case] = [
    Case("digits_svc", SVC, digits),
    Case("cancer_svc", scaled(StandardScaler(), SVC()), cancer),
    Case("iris_svc_ovo", linear(SVC, decision_function_shape="ovo", C=10.0), iris),
    Case("wine_svc_poly_break_ties", scaled(StandardScaler(), SVC(kernel="poly", coef0=1.0, break_ties=True)), wine),
    Case("wine_svc_sigmoid", scaled(MinMaxScaler(), SVC(kernel="sigmoid", gamma="auto", coef0=-0.5)), wine),
    Case("string_labels_nu_svc", linear(NuSVC, kernel="linear", nu=0.2), relabelled(iris, ["b", "c", "a"])),
    Case("shifted_labels_svc", linear(SVC, kernel="linear"), relabelled(iris, [9, -4, 100])),
    Case("negative_labels_svc", linear(SVC, gamma=0.5), relabelled(cancer, [1, -1])),
    Case("14_class_svc", linear(SVC, kernel="poly", degree=2), blobs(14, 5, seed=2)),
    Case("200_feature_linear_svc", linear(SVC, kernel="linear"), blobs(14, 200, seed=3, counts=[3] * 14)),
    Case("one_feature_svc", SVC, transformed(iris, lambda X: X[:, 2:3])),
    Case("offset_svc", linear(SVC, gamma=0.5), transformed(iris, lambda X: X + 1000.0)),
    Case("float32_svc", SVC, transformed(wine, lambda X: (X - X.mean(axis=0)).astype(np.float32))),
    Case("digits_svc_proba", linear(SVC, gamma=1e-3, probability=True, random_state=0), digits),
    Case("cancer_svc_proba", scaled(StandardScaler(), SVC(probability=True, random_state=0)), cancer),
    Case("iris_nu_svc_proba", linear(NuSVC, decision_function_shape="ovo", probability=True, random_state=1), iris),
    Case("string_labels_svc_proba", linear(SVC, kernel="linear", C=50.0, probability=True, random_state=0),
         relabelled(wine, ["b", "c", "a"])),
    Case("14_class_svc_proba", linear(SVC, kernel="poly", degree=2, probability=True, random_state=0),
         blobs(14, 5, seed=2)),
    Case("diabetes_svr", scaled(StandardScaler(), SVR(C=100.0)), diabetes, "regressor"),
    Case("diabetes_svr_poly", scaled(StandardScaler(), SVR(kernel="poly", coef0=1.0)), diabetes, "regressor"),
    Case("diabetes_svr_linear", linear(SVR, kernel="linear", C=100.0), diabetes, "regressor"),
    Case("svr_without_support_vectors", linear(SVR, epsilon=1e3), diabetes, "regressor"),
    Case("diabetes_nu_svr", scaled(MinMaxScaler(), NuSVR(gamma="auto")), diabetes, "regressor"),
    Case("wine_one_class_svm", scaled(StandardScaler(), OneClassSVM(nu=0.2)), wine, "outlier_detector"),
    Case("iris_one_class_svm_linear", linear(OneClassSVM, kernel="linear"), iris, "outlier_detector"),
]  # fmt: skip


def _kernel(model: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Similarities in magnitude and how far two float64 computations of them may be apart, [N, M] each."""
    vectors, gamma, n = model.support_vectors_, model._gamma, X.shape[1]  # noqa: SLF001
    if not len(vectors):
        return np.zeros((len(X), 0)), np.zeros((len(X), 0))
    if model.kernel == "rbf":
        squares = np.stack([((X - vector) ** 2).sum(axis=1) for vector in vectors], axis=1)
        value = np.exp(-gamma * squares)
        return value, value * (gamma * squares * (2 * n + 8) + 4) * ULP
    size, signed = np.abs(X) @ np.abs(vectors).T, X @ vectors.T
    if model.kernel == "linear":
        return size, (2 * n + 2) * ULP * size
    base, moved = (
        np.abs(gamma * signed + model.coef0),
        (2 * n + 8) * ULP * (gamma * size + abs(model.coef0)),
    )
    if model.kernel == "sigmoid":
        return np.abs(np.tanh(base)), moved + 4 * ULP
    most = (base + moved) ** model.degree
    return most, most - base**model.degree + 2 * (model.degree + 2) * ULP * most


def _bounds(model: Any, X: np.ndarray) -> Bounds:
    value, error = _kernel(model, X)
    if is_classifier(model) and len(model.classes_) > 2:
        scores, terms = _pair_scores(model, value, error)
        decision = _confidences(model, X, scores, terms)
        return Bounds(decision=decision, probabilities=_probabilities(model, X, scores))
    coef, intercept = np.abs(model.dual_coef_[0]), abs(model.intercept_[0])
    total = error @ coef + (2 * len(coef) + 8) * ULP * (value @ coef + intercept)
    if is_classifier(model):
        return Bounds(decision=total, probabilities=_probabilities(model, X, total[:, None]))
    if hasattr(model, "offset_"):
        return Bounds(decision=total, score=total + 4 * ULP * (value @ coef + 2 * intercept))
    return Bounds(value=total)


def _probabilities(model: Any, X: np.ndarray, error: np.ndarray) -> np.ndarray | None:
    """Sigmoids move with their scores, the coupled shares with them, and a sweep more or less may be enough."""
    if not hasattr(model, "predict_proba"):
        return None
    scores = _ovo(model, X).reshape(error.shape) * (1 if len(model.classes_) > 2 else -1)
    exponent = model.probA_ * scores + model.probB_
    moved = np.abs(model.probA_) * error + 4 * ULP * (np.abs(model.probA_ * scores) + np.abs(model.probB_))
    first = np.clip(expit(-exponent), 1e-7, 1 - 1e-7)
    pairs = np.hstack([first, 1 - first])
    off = pairs * np.expm1(np.hstack([moved, moved])) + 8 * ULP
    return bound_of_coupling(pairs, off, model.predict_proba(X), ULP)


def _ovo(model: Any, X: np.ndarray) -> np.ndarray:
    """Scores of the pairs, whatever shape the decisions have."""
    shape = model.decision_function_shape
    model.decision_function_shape = "ovo"
    try:
        return model.decision_function(X)
    finally:
        model.decision_function_shape = shape


def _pair_scores(model: Any, value: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the scores of the pairs may be apart, and the magnitudes that they are sums of."""
    n_classes = len(model.classes_)
    owner = np.repeat(np.arange(n_classes), model.n_support_)
    first, second = np.triu_indices(n_classes, 1)
    coef = np.abs(
        np.where(owner == first[:, None], model.dual_coef_[second - 1], 0.0)
        + np.where(owner == second[:, None], model.dual_coef_[first], 0.0)
    )
    terms = value @ coef.T + np.abs(model.intercept_)
    return error @ coef.T + (2 * len(owner) + 8) * ULP * terms, terms


def _confidences(model: Any, X: np.ndarray, scores: np.ndarray, terms: np.ndarray) -> np.ndarray:
    n_classes = len(model.classes_)
    first, second = np.triu_indices(n_classes, 1)
    if model.decision_function_shape == "ovo":
        return scores
    # Pairs that may turn move a vote of both classes; the sum of a class moves by its scores', its map by a third.
    turned = np.abs(_ovo(model, X)) <= scores
    both = np.eye(n_classes)[first] + np.eye(n_classes)[second]
    return turned @ both + (scores + 2 * n_classes * ULP * terms) @ both + 8 * n_classes * ULP


BOUNDS = dict.fromkeys(("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM"), _bounds)
