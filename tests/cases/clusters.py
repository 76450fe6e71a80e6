# SPDX-License-Identifier: Apache-2.0
"""Nearest centroids."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import StandardScaler

from tests.bounds import ULP, Bounds
from tests.case import Case, blobs, digits, integers, iris, linear, scaled, transformed, wide_scales, wine

CASES: list[Case] = [
    Case("digits_k_means", linear(KMeans, n_clusters=10, n_init=1, random_state=0), digits, "clusterer"),
    Case("iris_k_means", linear(KMeans, n_clusters=3, n_init=1, random_state=0), iris, "clusterer"),
    Case(
        "wine_k_means",
        scaled(StandardScaler(), KMeans(3, init="random", n_init=2, random_state=0)),
        wine,
        "clusterer",
    ),
    Case(
        "offset_k_means",
        linear(KMeans, n_clusters=5, n_init=1, random_state=0),
        transformed(iris, lambda X: X + 1e6),
        "clusterer",
    ),
    Case(
        "wide_scale_k_means",
        linear(KMeans, n_clusters=3, n_init=1, random_state=0),
        transformed(iris, wide_scales),
        "clusterer",
    ),
    Case("one_cluster_k_means", linear(KMeans, n_clusters=1, n_init=1), iris, "clusterer"),
    Case(
        "one_feature_k_means",
        linear(KMeans, n_clusters=4, n_init=1, random_state=0),
        transformed(wine, lambda X: X[:, :1]),
        "clusterer",
    ),
    Case(
        "14_cluster_mini_batch_k_means",
        linear(MiniBatchKMeans, n_clusters=14, n_init=1, random_state=0),
        blobs(14, 5, seed=2),
        "clusterer",
    ),
    Case(
        "130_feature_mini_batch_k_means",
        linear(MiniBatchKMeans, n_clusters=3, n_init=1, random_state=0),
        blobs(3, 130, seed=3),
        "clusterer",
    ),
    Case("integer_k_means", linear(KMeans, n_clusters=7, n_init=1, random_state=0), integers, "clusterer"),
]


def _k_means(model: Any, X: np.ndarray) -> Bounds:
    # |x|^2 - 2 x c + |c|^2 in any order, and the differences of the Model, in float64.
    centroids = model.cluster_centers_
    size = (np.sqrt((X**2).sum(axis=1))[:, None] + np.sqrt((centroids**2).sum(axis=1))) ** 2
    square = (X.shape[1] + 4) * ULP * size
    # A root moves by at most the root of the square's error, and by less where the distance is larger.
    distance = ((X[:, None, :] - centroids) ** 2).sum(axis=2) ** 0.5
    return Bounds(
        transformed=np.minimum(np.sqrt(square), square / np.maximum(distance, 1e-300)) + ULP * distance
    )


BOUNDS = {"KMeans": _k_means, "MiniBatchKMeans": _k_means}
