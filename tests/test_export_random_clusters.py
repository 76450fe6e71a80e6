# SPDX-License-Identifier: Apache-2.0
"""Random clusters, mixtures and quadratic discriminants: the Model against the estimator, the host against both."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from edgepar.compiler import to_graph
from edgepar.exactness import evaluate
from edgepar.export import export
from tests.estimators import bounds
from tests.test_export_agreement import assert_agrees


@st.composite
def estimators(draw: st.DrawFn) -> Any:
    seed, k = draw(st.integers(0, 1000)), draw(st.integers(1, 6))
    kind = draw(st.sampled_from(["full", "tied", "diag", "spherical"]))
    reg_covar = draw(st.sampled_from([1e-6, 1e-2]))
    return draw(
        st.sampled_from(
            [
                KMeans(k, n_init=1, init=draw(st.sampled_from(["k-means++", "random"])), random_state=seed),
                MiniBatchKMeans(k, n_init=1, batch_size=32, random_state=seed),
                GaussianMixture(k, covariance_type=kind, reg_covar=reg_covar, random_state=seed),
                GaussianMixture(k, covariance_type=kind, init_params="random", max_iter=3, random_state=seed),
                QuadraticDiscriminantAnalysis(reg_param=draw(st.sampled_from([1e-3, 0.5]))),
                QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=draw(st.sampled_from([0.1, 0.9]))),
            ]
        )
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Clouds whose features have other scales and offsets, sometimes whole numbers."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes, n_features = draw(st.integers(2, 5)), draw(st.integers(1, 9))
    y = np.concatenate([np.repeat(np.arange(n_classes), 14), rng.integers(0, n_classes, 80)])
    X = 2 * rng.normal(size=(n_classes, n_features))[y] + rng.normal(size=(len(y), n_features))
    if draw(st.booleans()):
        X = np.round(X * 2)
    return X * draw(st.sampled_from([0.25, 1.0, 100.0])) + draw(st.sampled_from([0.0, 1e3])), y


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(estimators(), st.sampled_from([None, StandardScaler(), MinMaxScaler()]), problems())
def test_random_models_agree(estimator: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = problem
    whole = estimator if scaler is None else make_pipeline(scaler, estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        whole.fit(X[:100], y[:100])
    model = export(whole, X)
    assert_agrees(model, whole, X)
    # The graph that the compiler reads computes the same numbers, up to orders of float64 sums.
    graph = to_graph(model)
    seen = X.astype(np.float32).astype(np.float64)
    limit = bounds(whole, seen)
    values = evaluate(graph, X)
    for output in graph.outputs:
        allowed = getattr(limit, output.role, None)
        if allowed is not None:
            method = {"transformed": "transform", "score": "score_samples", "probabilities": "predict_proba",
                      "decision": "decision_function"}[output.role]  # fmt: skip
            wanted = getattr(whole, method)(seen)
            found = values[output.value].reference.reshape(wanted.shape)
            assert (np.abs(found - wanted) <= 2 * allowed).all(), method
            assert np.isfinite(values[output.value].bound).all()
