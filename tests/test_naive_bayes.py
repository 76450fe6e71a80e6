# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes where scikit-learn says nothing, or where a number meets a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.naive_bayes import BernoulliNB, CategoricalNB

import edgepar


def codes() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 4, (200, 5))
    return X, (X[:, 0] + X[:, 1] + rng.integers(0, 2, 200) > 3).astype(int)


@pytest.mark.parametrize("unknown", [4.0, 1e30, -1.0, -7.5])
def test_a_category_that_training_did_not_number_is_left_out(unknown: float) -> None:
    """scikit-learn raises; Model and device let the other features decide, in any number."""
    X, y = codes()
    model = CategoricalNB(min_categories=4).fit(X, y)
    exported = edgepar.export(model, X)
    rows = X[:40].astype(np.float64)
    rows[:, 2] = unknown
    with pytest.raises((IndexError, ValueError)):
        model.predict(rows)
    others = [0, 1, 3, 4]
    joint = sum(model.feature_log_prob_[i][:, X[:40, i]].T for i in others) + model.class_log_prior_
    p = np.exp(joint - np.logaddexp(joint[:, :1], joint[:, 1:]))
    assert np.abs(exported.predict_proba(rows) - p).max() < 1e-14
    run = edgepar.compile(exported, "host").run(rows)
    assert np.abs(run.predict_proba() - p).max() < 1e-5
    np.testing.assert_array_equal(run.predict(), model.classes_[joint.argmax(axis=1)])


def test_a_fraction_is_cut_off_as_in_scikit_learn() -> None:
    X, y = codes()
    model = CategoricalNB(min_categories=4).fit(X, y)
    rows = X[:40] + np.linspace(0, 0.99, 40)[:, None]
    rows[:5] *= -0.2  # above -1: the first category
    image = edgepar.compile(edgepar.export(model, X), "host")
    np.testing.assert_array_equal(image.run(rows).predict(), model.predict(rows))


@pytest.mark.parametrize("threshold", [0.1, 0.5, 1 / 3, 1e-50])
def test_a_threshold_that_is_no_float32_parts_the_same_numbers(threshold: float) -> None:
    """0.1 as float32 is above 0.1: a plain comparison would call it 0."""
    at = np.float32(threshold)
    beside = np.array([np.nextafter(at, np.float32(-9)), at, np.nextafter(at, np.float32(9))], np.float32)
    X = np.tile(beside, (12, 1)).T.reshape(-1, 1).astype(np.float64)
    X = np.hstack([X, np.resize([0.0, 9.0, 9.0], (len(X), 1))])
    y = np.resize([0, 1], len(X))
    model = BernoulliNB(binarize=threshold).fit(X, y)
    image = edgepar.compile(edgepar.export(model, X), "host")
    run = image.run(X)
    assert np.abs(run.predict_proba() - model.predict_proba(X)).max() < 1e-5
