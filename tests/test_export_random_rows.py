# SPDX-License-Identifier: Apache-2.0
"""Random support vector machines, neighbours and centroids: the Model against the estimator, the host against both."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    NearestCentroid,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, SVR, NuSVR, OneClassSVM

import edgepar
from edgepar.export import export
from tests.oracle import judge
from tests.test_export_agreement import assert_agrees

RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KERNELS = st.sampled_from(["linear", "poly", "rbf", "sigmoid"])
METRICS = st.sampled_from(
    [
        {"metric": "euclidean"},
        {"metric": "manhattan"},
        {"metric": "chebyshev"},
        {"metric": "cosine"},
        {"p": 1.5},
        {"p": 3},
    ]
)


@st.composite
def machines(draw: st.DrawFn) -> Any:
    """Support vector machines of every kind, kernel and shape of answer."""
    kernel, C = draw(KERNELS), draw(st.sampled_from([0.1, 1.0, 50.0]))
    options = {"kernel": kernel, "gamma": draw(st.sampled_from(["scale", "auto", 0.3]))}
    options |= {"coef0": draw(st.sampled_from([0.0, 0.5])), "degree": draw(st.integers(1, 4))}
    shape = draw(st.sampled_from(["ovr", "ovo"]))
    return draw(
        st.sampled_from(
            [
                SVC(C=C, decision_function_shape=shape, **options),
                SVC(C=C, decision_function_shape=shape, probability=True, random_state=0, **options),
                SVC(C=C, break_ties=True, **options),
                SVR(C=C, **options),
                NuSVR(C=C, **options),
                OneClassSVM(nu=0.3, **options),
            ]
        )
    )


@st.composite
def neighbours(draw: st.DrawFn) -> Any:
    """Estimators that ask distances to rows or centroids."""
    metric, k = draw(METRICS), draw(st.integers(1, 12))
    weights = draw(st.sampled_from(["uniform", "distance"]))
    return draw(
        st.sampled_from(
            [
                KNeighborsClassifier(k, weights=weights, **metric),
                KNeighborsRegressor(k, weights=weights, **metric),
                LocalOutlierFactor(k, novelty=True, **metric),
                NearestCentroid(priors=draw(st.sampled_from(["uniform", "empirical"]))),
                NearestCentroid(metric="manhattan", shrink_threshold=draw(st.sampled_from([None, 0.2]))),
            ]
        )
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Clouds of two to five classes; distances do not tie."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes, n_features = draw(st.integers(2, 5)), draw(st.integers(2, 12))
    y = np.concatenate([np.arange(n_classes)] * 6 + [rng.integers(0, n_classes, 90)])
    X = rng.normal(size=(n_classes, n_features))[y] * 2 + rng.normal(size=(len(y), n_features))
    return X * 10.0 ** rng.integers(-1, 2, n_features), y


SCALERS = st.sampled_from([StandardScaler(), MinMaxScaler()])


def fitted(estimator: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray]) -> Any:
    X, y = problem
    model = make_pipeline(scaler, estimator).fit(X[:90], y[:90])
    # The dual coefficients of kernels that are no inner products may be anything.
    coef = getattr(model[-1], "dual_coef_", np.zeros(1))
    assume(np.isfinite(coef).all())
    return model


@RANDOM
@given(machines(), SCALERS, problems())
def test_random_support_vector_machines_agree(
    estimator: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray]
) -> None:
    model = fitted(estimator, scaler, problem)
    assert_agrees(export(model, problem[0]), model, problem[0])


@RANDOM
@given(neighbours(), SCALERS, problems())
def test_random_neighbours_agree(estimator: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray]) -> None:
    model = fitted(estimator, scaler, problem)
    # A training row is its own neighbour at a distance of 0, which scikit-learn may round.
    assert_agrees(export(model, problem[0]), model, problem[0][90:])


@FEW
@given(st.one_of(machines(), neighbours()), SCALERS, problems())
def test_the_host_agrees_with_random_models(
    estimator: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray]
) -> None:
    model = fitted(estimator, scaler, problem)
    image = edgepar.compile(export(model, problem[0]), "host")
    judge(image, image.run(problem[0][90:]), model, problem[0][90:])
