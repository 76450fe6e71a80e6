# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestCentroid
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


def _outliers(**options: Any) -> LocalOutlierFactor:
    return LocalOutlierFactor(novelty=True, **options)


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
    Case("metric_p_k_neighbors", _k_nn(metric="p", p=3), wine),
    Case("power_3_k_neighbors", _k_nn(metric="p", metric_params={"p": 3}), wine),
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
    Case("digits_nearest_centroid", linear(NearestCentroid, priors="empirical"), digits),
    Case("cancer_nearest_centroid", scaled(StandardScaler(), NearestCentroid(shrink_threshold=0.3)), cancer),
    Case(
        "string_labels_nearest_centroid", linear(NearestCentroid, priors=[0.5, 0.3, 0.2]),
        relabelled(wine, ["b", "c", "a"]),
    ),
    Case("manhattan_nearest_centroid", linear(NearestCentroid, metric="manhattan"), iris),
    Case(
        "empirical_manhattan_nearest_centroid", linear(NearestCentroid, metric="manhattan", priors="empirical"), cancer
    ),
    Case("one_feature_nearest_centroid", NearestCentroid, transformed(cancer, lambda X: X[:, :1])),
    Case("wine_local_outlier_factor", scaled(StandardScaler(), _outliers()), wine, "outlier_detector"),
    Case("manhattan_local_outlier_factor", lambda: _outliers(p=1, n_neighbors=5), diabetes, "outlier_detector"),
    Case(
        "fractional_local_outlier_factor", lambda: _outliers(p=1.5, contamination=0.1), cancer, "outlier_detector"
    ),
    Case("cosine_local_outlier_factor", lambda: _outliers(metric="cosine"), wine, "outlier_detector"),
    Case(
        "chebyshev_local_outlier_factor", lambda: _outliers(metric="chebyshev"), blobs(4, 6, seed=9), "outlier_detector"
    ),
    Case(
        "one_feature_local_outlier_factor", lambda: _outliers(n_neighbors=3), blobs(2, 1, seed=4), "outlier_detector"
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


def _nearest_centroid(model: NearestCentroid, X: np.ndarray) -> Bounds:
    """Squares by |x|^2 - 2 x c + |c|^2 or by differences; then the softmax of scores that are off."""
    if model.metric != "euclidean":
        return Bounds()  # labels alone, of which all have to agree
    deviation = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)
    x, c = X / deviation, model.centroids_ / deviation
    size = (np.sqrt((x**2).sum(axis=1))[:, None] + np.sqrt((c**2).sum(axis=1))) ** 2
    off = (X.shape[1] + 8) * ULP * size + 4 * ULP * np.abs(np.log(model.class_prior_))
    p = model.predict_proba(X)
    most = off.max(axis=1, keepdims=True)
    probabilities = p * np.expm1(2 * most + (p.shape[1] + 8 + size) * ULP) + 2 * ULP
    return Bounds(decision=off.sum(axis=1) if len(c) == 2 else off, probabilities=probabilities)


def _local_outlier_factor(model: LocalOutlierFactor, X: np.ndarray) -> Bounds:
    """Sums over the nearest; where the k-th place is shared, those of any choice."""
    found, error = distances(model, X)
    k, score = model.n_neighbors_, model.score_samples(X)
    reach, density = model._distances_fit_X_[:, k - 1], model._lrd  # noqa: SLF001
    bound = np.zeros(len(X))
    for s, (distance, slack) in enumerate(zip(found, error, strict=True)):
        order = np.argsort(distance, kind="stable")
        edge = distance[order[k - 1]]
        within = 2 * (slack + slack[order[k - 1]])
        sure, rest = (
            np.flatnonzero(distance < edge - within),
            np.flatnonzero(np.abs(distance - edge) <= within),
        )
        reached = np.maximum(distance, reach)
        ends = []
        for side in (1, -1):
            far = reached[sure].sum() + side * np.sort(side * reached[rest])[: k - len(sure)].sum()
            dense = density[sure].sum() + side * np.sort(side * density[rest])[: k - len(sure)].sum()
            ends.append(-dense / k * (far / k + 1e-10))
        taken = np.concatenate([sure, rest])
        moved = density[taken].max() * slack[taken].max() + (4 * k + 20) * ULP * np.abs(ends).max()
        bound[s] = np.abs(np.array(ends) - score[s]).max() + moved
    return Bounds(decision=bound + 4 * ULP, score=bound)


BOUNDS = {
    **dict.fromkeys(("KNeighborsClassifier", "KNeighborsRegressor"), _bounds),
    "NearestCentroid": _nearest_centroid,
    "LocalOutlierFactor": _local_outlier_factor,
}
