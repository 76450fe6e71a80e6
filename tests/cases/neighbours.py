# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler, normalize

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
    two_targets,
    wine,
)


def _k_nn(**options: Any) -> Any:
    return linear(KNeighborsClassifier, **options)


def _wide(X: np.ndarray) -> np.ndarray:
    """Whole numbers up to +-32000."""
    return np.round((X - X.mean(axis=0)) / np.abs(X - X.mean(axis=0)).max(axis=0) * 32000)


CASES: list[Case] = [
    Case("digits_k_neighbors", KNeighborsClassifier, digits),
    Case("14_class_k_neighbors", _k_nn(n_neighbors=7), blobs(14, 5, seed=2)),
    Case("32000_k_neighbors", KNeighborsClassifier, transformed(wine, _wide)),
    Case("string_labels_k_neighbors", _k_nn(weights="distance"), relabelled(wine, ["b", "c", "a"])),
    Case("cancer_k_neighbors", scaled(StandardScaler(), KNeighborsClassifier(9, weights="distance")), cancer),
    Case("manhattan_k_neighbors", _k_nn(p=1, n_neighbors=4), wine),
    Case(
        "chebyshev_k_neighbors", scaled(StandardScaler(), KNeighborsClassifier(metric="chebyshev", weights="distance")),
        wine,
    ),
    Case("minkowski_k_neighbors", _k_nn(p=3), wine),
    Case(
        "fractional_minkowski_k_neighbors", scaled(StandardScaler(), KNeighborsClassifier(p=1.5, weights="distance")),
        wine,
    ),
    Case("cosine_k_neighbors", _k_nn(metric="cosine"), wine),
    Case("one_feature_k_neighbors", _k_nn(n_neighbors=1), transformed(cancer, lambda X: X[:, :1])),
    Case("float32_k_neighbors", _k_nn(algorithm="brute"), transformed(cancer, lambda X: X.astype(np.float32))),
    Case("all_k_neighbors", _k_nn(n_neighbors=120), iris),
    Case("diabetes_k_neighbors", KNeighborsRegressor, diabetes, "regressor"),
    Case(
        "diabetes_distance_k_neighbors", linear(KNeighborsRegressor, weights="distance", p=1), diabetes, "regressor"
    ),
    Case(
        "two_target_k_neighbors", linear(KNeighborsRegressor, n_neighbors=3, metric="cosine", weights="distance"),
        two_targets, "regressor",
    ),
]  # fmt: skip


def distances(model: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances to the training rows, and how far two ways to compute them in float64 may be apart, [N, M] each."""
    rows = np.asarray(model._fit_X, dtype=np.float64)  # noqa: SLF001
    metric, p = model.effective_metric_, model.effective_metric_params_.get("p", model.p)
    n = X.shape[1]
    if metric == "cosine":
        product = normalize(X) @ normalize(rows).T
        return np.maximum(1 - product, 0), np.full(product.shape, (4 * n + 20) * ULP)
    power = {"manhattan": 1.0, "euclidean": 2.0}.get(metric, p)
    found = np.zeros((len(X), len(rows)))
    for x, column in zip(X.T, rows.T, strict=True):  # feature by feature, to keep the arrays small
        d = np.abs(x[:, None] - column)
        found = np.maximum(found, d) if metric == "chebyshev" else found + d**power
    if metric != "chebyshev":
        found **= 1 / power
    error = (4 * n + 20) * ULP * found
    if metric == "euclidean" and not (X == np.round(X)).all():
        # scikit-learn may compute |x|^2 - 2 x row + |row|^2.
        raw = (4 * n + 20) * ULP * ((X**2).sum(axis=1)[:, None] + (rows**2).sum(axis=1))
        error = error + raw / np.maximum(found, np.sqrt(raw))
    return found, error


def admissible(model: Any, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value of each output when ties at the k-th place go any way, [N, O] each."""
    y = np.asarray(model._y)  # noqa: SLF001
    targets = np.eye(len(model.classes_))[y.ravel()] if is_classifier(model) else y.reshape(len(y), -1)
    found, error = distances(model, X)
    low, high = [], []
    for distance, slack in zip(found, error, strict=True):
        order = np.argsort(distance, kind="stable")
        edge = distance[order[model.n_neighbors - 1]]
        reach = 2 * (slack + slack[order[model.n_neighbors - 1]])
        sure = np.flatnonzero(distance < edge - reach)
        rest = np.flatnonzero(np.abs(distance - edge) <= reach)
        places = model.n_neighbors - len(sure)
        if model.weights == "uniform":
            ordered = np.sort(targets[rest], axis=0)
            base = targets[sure].sum(axis=0)
            low.append((base + ordered[:places].sum(axis=0)) / model.n_neighbors)
            high.append((base + ordered[len(rest) - places :].sum(axis=0)) / model.n_neighbors)
            continue
        taken = np.concatenate([sure, rest])
        near, off = distance[taken], slack[taken]
        if len(rest) > places or (near <= off).any():
            low.append(targets[taken].min(axis=0))
            high.append(targets[taken].max(axis=0))
            continue
        weights = 1 / near
        mean = weights @ targets[taken] / weights.sum()
        moved = 2 * (weights * off / near) @ np.abs(targets[taken] - mean) / weights.sum()
        low.append(mean - moved)
        high.append(mean + moved)
    return np.array(low), np.array(high)


def _bounds(model: Any, X: np.ndarray) -> Bounds:
    low, high = admissible(model, X)
    size = np.maximum(np.abs(low), np.abs(high))
    answer = model.predict_proba(X) if is_classifier(model) else model.predict(X)
    shaped = answer.reshape(low.shape)
    bound = np.maximum(high - shaped, shaped - low) + 4 * (model.n_neighbors + 8) * ULP * (size + 1.0)
    if is_classifier(model):
        return Bounds(probabilities=bound)
    return Bounds(value=bound.reshape(answer.shape))


BOUNDS = dict.fromkeys(("KNeighborsClassifier", "KNeighborsRegressor"), _bounds)
