# SPDX-License-Identifier: Apache-2.0
"""Gaussian mixtures and quadratic discriminants."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from tests.bounds import ULP, Bounds
from tests.case import Case, blobs, cancer, iris, linear, relabelled, scaled, transformed, wine


def _mixture(n_components: int, covariance_type: str, **options: Any) -> Any:
    return linear(
        GaussianMixture, n_components=n_components, covariance_type=covariance_type, random_state=0, **options
    )


def _degenerate(X: np.ndarray) -> np.ndarray:
    """A feature that repeats another, and one that never changes."""
    return np.column_stack([X, X[:, 0], np.ones(len(X))])


CASES: list[Case] = [
    *(
        Case(f"iris_{kind}_mixture", _mixture(3, kind), iris, "clusterer")
        for kind in ("full", "tied", "diag", "spherical")
    ),
    *(
        Case(f"offset_{kind}_mixture", _mixture(3, kind), transformed(iris, lambda X: X + 1e6), "clusterer")
        for kind in ("full", "tied")
    ),
    Case(
        "wine_full_mixture", scaled(StandardScaler(), GaussianMixture(3, random_state=0)), wine, "clusterer"
    ),
    Case("14_component_mixture", _mixture(14, "full"), blobs(14, 5, seed=2), "clusterer"),
    Case("14_component_tied_mixture", _mixture(14, "tied"), blobs(14, 5, seed=2), "clusterer"),
    Case("one_component_mixture", _mixture(1, "full"), iris, "clusterer"),
    *(
        Case(
            f"one_feature_{kind}_mixture",
            _mixture(2, kind),
            transformed(wine, lambda X: X[:, :1]),
            "clusterer",
        )
        for kind in ("full", "tied", "diag", "spherical")
    ),
    Case(
        "130_feature_mixture",
        _mixture(2, "full", reg_covar=0.1),
        blobs(2, 130, seed=3, counts=[300, 300]),
        "clusterer",
    ),
    Case("130_feature_spherical_mixture", _mixture(3, "spherical"), blobs(3, 130, seed=3), "clusterer"),
    Case("degenerate_mixture", _mixture(2, "full"), transformed(iris, _degenerate), "clusterer"),
    Case("iris_quadratic", QuadraticDiscriminantAnalysis, iris),
    Case("cancer_quadratic", scaled(StandardScaler(), QuadraticDiscriminantAnalysis(reg_param=0.1)), cancer),
    Case(
        "wine_quadratic", linear(QuadraticDiscriminantAnalysis, reg_param=0.01, priors=[0.2, 0.7, 0.1]), wine
    ),
    Case(
        "shrunk_quadratic",
        linear(QuadraticDiscriminantAnalysis, solver="eigen", shrinkage="auto"),
        relabelled(wine, ["c", "a", "b"]),
    ),
    Case("offset_quadratic", QuadraticDiscriminantAnalysis, transformed(iris, lambda X: X + 1e6)),
    Case("one_feature_quadratic", QuadraticDiscriminantAnalysis, transformed(cancer, lambda X: X[:, 1:2])),
    Case("14_class_quadratic", QuadraticDiscriminantAnalysis, blobs(14, 5, seed=2)),
]


def _quadratic(X: np.ndarray, means: np.ndarray, factors: Any) -> np.ndarray:
    """How far two float64 orders of |x @ factor - mean @ factor|^2 / 2 may be apart."""
    n = X.shape[1]
    error = np.empty((len(X), len(means)))
    for k, (mean, factor) in enumerate(zip(means, factors, strict=True)):
        y = np.abs((X - mean) @ factor)
        y_error = (n + 3) * ULP * ((np.abs(X) + np.abs(mean)) @ np.abs(factor))
        error[:, k] = ((y + y_error) * y_error + (len(factor.T) + 2) * ULP * y * y).sum(axis=1)
    return error


def _expanded(X: np.ndarray, means: np.ndarray, precisions: np.ndarray) -> np.ndarray:
    """The same for sum of means^2 p - 2 x means p + x^2 p."""
    return (X.shape[1] + 6) * ULP * ((np.abs(X)[:, None, :] + np.abs(means)) ** 2 * precisions).sum(axis=2)


def _posterior(scores: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of probabilities and of the evidence whose scores are off: every class at the worst end."""
    top = (scores + error).max(axis=1, keepdims=True)
    p = np.exp(scores - top) / np.exp(scores - top).sum(axis=1, keepdims=True)
    high, low = np.exp(scores + error - top), np.exp(scores - error - top)
    others_high, others_low = (e.sum(axis=1, keepdims=True) - e for e in (high, low))
    with np.errstate(invalid="ignore", divide="ignore"):
        most, least = high / (high + np.maximum(others_low, 0)), low / (low + np.maximum(others_high, 0))
    moved = np.maximum(np.nan_to_num(most, nan=1.0) - p, p - np.nan_to_num(least))
    size = np.abs(scores).max(axis=1, keepdims=True)
    rounded = (p.shape[1] + 8) * ULP * p + 8 * ULP * size * p + 2 * ULP
    evidence = error.max(axis=1) + (p.shape[1] + 8) * ULP + 4 * ULP * size[:, 0]
    return moved + rounded, evidence


def _gaussian_mixture(model: GaussianMixture, X: np.ndarray) -> Bounds:
    means, chol = np.asarray(model.means_, float), np.asarray(model.precisions_cholesky_, float)
    kind, n = model.covariance_type, X.shape[1]
    if kind == "full":
        error = _quadratic(X, means, chol)
        log_det = np.log(np.diagonal(chol, axis1=1, axis2=2))
    elif kind == "tied":
        error = _quadratic(X, means, [chol] * len(means))
        log_det = np.log(np.diagonal(chol))[None]
    else:
        factors = chol if kind == "diag" else np.repeat(chol[:, None], n, axis=1)
        error = _expanded(X, means, factors**2)
        log_det = np.log(factors)
    constants = np.abs(log_det).sum(axis=1) + n * np.log(2 * np.pi) + np.abs(np.log(model.weights_))
    scores = model._estimate_weighted_log_prob(X)  # noqa: SLF001 - its public forms are what is bounded here
    error = 2 * error + (n + 8) * ULP * (constants + np.abs(scores))
    probabilities, score = _posterior(scores, error)
    return Bounds(probabilities=probabilities, score=score)


def _quadratic_discriminant(model: QuadraticDiscriminantAnalysis, X: np.ndarray) -> Bounds:
    factors = [r * s**-0.5 for r, s in zip(model.rotations_, model.scalings_, strict=True)]
    scores = model._decision_function(X)  # noqa: SLF001 - two classes have their difference alone
    log_det = np.array([np.abs(np.log(s)).sum() for s in model.scalings_])
    error = 2 * _quadratic(X, model.means_, factors)
    error += (X.shape[1] + 8) * ULP * (log_det + np.abs(np.log(model.priors_)) + np.abs(scores))
    probabilities, _ = _posterior(scores, error)
    return Bounds(
        decision=error.sum(axis=1) if len(model.classes_) == 2 else error, probabilities=probabilities
    )


BOUNDS = {"GaussianMixture": _gaussian_mixture, "QuadraticDiscriminantAnalysis": _quadratic_discriminant}
