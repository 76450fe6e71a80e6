# SPDX-License-Identifier: Apache-2.0
"""Rows whose k-th place is shared: the device takes the lower training index, and any choice is admissible."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

import edgepar


def integers(seed: int, n: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """Small whole numbers, so that distances are exact and often equal."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, size=(n, 3)).astype(float), rng.integers(0, 4, n)


def answers(targets: np.ndarray, distance: np.ndarray, k: int, weighted: bool) -> list[np.ndarray]:
    """The mean of the targets for every admissible choice; the first choice takes the lower indices."""
    order = np.argsort(distance, kind="stable")
    limit = distance[order[k - 1]]
    sure, tied = np.flatnonzero(distance < limit), np.flatnonzero(distance == limit)
    found = []
    for choice in combinations(tied.tolist(), k - len(sure)):
        rows = np.concatenate([sure, np.array(choice, dtype=np.int64)])
        weights = np.ones(k)
        if weighted:
            near = distance[rows]
            weights = (near == 0.0).astype(float) if (near == 0.0).any() else 1.0 / near
        found.append(weights @ targets[rows] / weights.sum())
    return found


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize(
    ("metric", "distances"),
    [
        ("chebyshev", lambda d: np.abs(d).max(axis=-1)),
        ("manhattan", lambda d: np.abs(d).sum(axis=-1)),
        ("euclidean", lambda d: np.sqrt((d * d).sum(axis=-1))),
    ],
)
@pytest.mark.parametrize("build", [KNeighborsClassifier, KNeighborsRegressor])
def test_a_shared_kth_place_goes_to_the_lower_index(
    build: Any, metric: str, distances: Any, weights: str
) -> None:
    X, y = integers(3)
    rows, _ = integers(4, 60)
    estimator = build(3, metric=metric, weights=weights).fit(X, y)
    run = edgepar.compile(edgepar.export(estimator, X[:1]), "host").run(rows)
    targets = np.eye(4)[y] if build is KNeighborsClassifier else y[:, None].astype(float)
    found = run.predict_proba() if build is KNeighborsClassifier else run.predict()[:, None]
    reference = (
        estimator.predict_proba(rows) if build is KNeighborsClassifier else estimator.predict(rows)[:, None]
    )
    shared = 0
    for row, ours, theirs in zip(rows, found, reference, strict=True):
        admissible = answers(targets, distances(X - row), 3, weights == "distance")
        shared += len(admissible) > 1
        np.testing.assert_allclose(ours, admissible[0], rtol=0, atol=1e-6)
        assert min(np.abs(theirs - answer).max() for answer in admissible) < 1e-12
    assert shared >= 20
