# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes of counts, flags and categories, with random options on random data, against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, MultinomialNB

import edgepar
from edgepar.export import export
from tests.oracle import judge
from tests.test_export_agreement import assert_agrees

ALPHAS = st.sampled_from([1e-3, 0.5, 1.0, 20.0])


@st.composite
def estimators(draw: st.DrawFn) -> Any:
    alpha, fit_prior = draw(ALPHAS), draw(st.booleans())
    return draw(
        st.sampled_from(
            [
                MultinomialNB(alpha=alpha, fit_prior=fit_prior),
                ComplementNB(alpha=alpha, norm=fit_prior),
                BernoulliNB(
                    alpha=alpha, fit_prior=fit_prior, binarize=draw(st.sampled_from([0.0, 1.5, 0.1]))
                ),
                BernoulliNB(alpha=alpha, fit_prior=fit_prior, binarize=None),
                CategoricalNB(alpha=alpha, fit_prior=fit_prior, min_categories=6),
            ]
        )
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from 0 to 5 whose distribution depends on the class; a column may be constant."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes, n_features = draw(st.integers(1, 7)), draw(st.integers(1, 40))
    y = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 120)])
    X = rng.binomial(5, rng.uniform(size=(n_classes, n_features))[y]).astype(np.float64)
    X[:, rng.random(n_features) < 0.1] = 0.0
    return X, y


RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RANDOM
@given(estimators(), problems(), st.sampled_from([0, -3, "c"]))
def test_random_naive_bayes_agrees(
    estimator: Any, problem: tuple[np.ndarray, np.ndarray], first_label: Any
) -> None:
    X, y = problem
    labels = np.array([f"{first_label}{c}" for c in y]) if isinstance(first_label, str) else y + first_label
    if isinstance(estimator, BernoulliNB) and estimator.binarize is None:
        X = np.minimum(X, 1.0)
    with np.errstate(invalid="ignore"):
        estimator.fit(X[:90], labels[:90])
    assume(np.isfinite(estimator.feature_log_prob_).all() if isinstance(estimator, ComplementNB) else True)
    assert_agrees(export(estimator, X), estimator, X)


@pytest.mark.parametrize(
    "estimator",
    [MultinomialNB(), ComplementNB(norm=True), BernoulliNB(binarize=2.0), CategoricalNB(min_categories=6)],
    ids=lambda estimator: type(estimator).__name__,
)
@settings(max_examples=4, deadline=None)
@given(problems())
def test_random_naive_bayes_agrees_on_the_host(
    estimator: Any, problem: tuple[np.ndarray, np.ndarray]
) -> None:
    X, y = problem
    with np.errstate(invalid="ignore"):
        estimator.fit(X[:90], y[:90])
    assume(np.isfinite(estimator.feature_log_prob_).all() if isinstance(estimator, ComplementNB) else True)
    image = edgepar.compile(export(estimator, X), "host")
    judge(image, image.run(X), estimator, X)
