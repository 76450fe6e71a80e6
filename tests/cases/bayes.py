# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tests.bounds import ULP, Bounds
from tests.case import (
    Case,
    Data,
    blobs,
    cancer,
    digits,
    iris,
    linear,
    logistic,
    relabelled,
    scaled,
    transformed,
    wine,
)


def codes(X: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 on: which of four equal parts of its column's range a number lies in."""
    low, high = X.min(axis=0), X.max(axis=0)
    return np.minimum(np.floor((X - low) / (high - low) * 4), 3)


def one_code() -> Data:
    """A single feature of five categories with a fraction, which is cut off."""
    rng = np.random.default_rng(8)
    X = rng.integers(0, 5, (300, 1)) + rng.choice([0.0, 0.5, 0.996], (300, 1))
    return X, (np.floor(X[:, 0]) + rng.integers(0, 3, 300) > 3).astype(int)


CASES: list[Case] = [
    Case("digits_gaussian_nb", GaussianNB, digits, demo=True),
    Case("iris_gaussian_nb", GaussianNB, iris),
    Case("cancer_gaussian_nb", scaled(StandardScaler(), GaussianNB()), cancer),
    Case("14_class_gaussian_nb", GaussianNB, blobs(14, 5, seed=2)),
    Case("imbalanced_gaussian_nb", GaussianNB, blobs(3, 4, seed=3, counts=[400, 30, 10])),
    Case("prior_gaussian_nb", linear(GaussianNB, priors=[0.2, 0.7, 0.1]), iris),
    Case("offset_gaussian_nb", GaussianNB, transformed(iris, lambda X: X + 1e6)),
    Case("float32_gaussian_nb", GaussianNB, transformed(wine, lambda X: X.astype(np.float32))),
    Case("digits_multinomial_nb", MultinomialNB, digits),
    Case("cancer_multinomial_nb", linear(MultinomialNB, alpha=0.5, class_prior=[0.3, 0.7]), cancer),
    Case("digits_complement_nb", linear(ComplementNB, norm=True), digits),
    Case("iris_complement_nb", linear(ComplementNB, alpha=0.1), iris),
    Case("digits_bernoulli_nb", linear(BernoulliNB, binarize=7.5), digits),
    Case(
        "cancer_bernoulli_nb",
        linear(BernoulliNB, binarize=0.2, fit_prior=False),
        relabelled(cancer, ["no", "yes"]),
    ),
    Case(
        "numbers_bernoulli_nb",
        linear(BernoulliNB, binarize=None, alpha=2.0),
        transformed(iris, lambda X: (codes(X) > 1) * 1.0),
    ),
    Case("scaled_bernoulli_nb", scaled(MinMaxScaler(), BernoulliNB(binarize=0.37)), wine),
    Case("digits_categorical_nb", linear(CategoricalNB, min_categories=17), digits),
    Case(
        "cancer_categorical_nb",
        linear(CategoricalNB, alpha=0.1, min_categories=4),
        relabelled(transformed(cancer, codes), ["b", "a"]),
    ),
    Case("one_feature_categorical_nb", linear(CategoricalNB, fit_prior=False), one_code),
    Case("float32_logistic", logistic, transformed(iris, lambda X: X.astype(np.float32))),
    Case(
        "tiny_variance_gaussian_nb",
        linear(GaussianNB, var_smoothing=0.0),
        transformed(blobs(3, 4, seed=4), lambda X: X * 1e-20),
    ),
]


def _gaussian_nb(model: GaussianNB, X: np.ndarray) -> Bounds:
    distance = (((X[:, None, :] - model.theta_) ** 2) / model.var_).sum(axis=2)
    log_var = np.abs(np.log(2 * np.pi * model.var_)).sum(axis=1)
    with np.errstate(divide="ignore"):
        log_prior = np.abs(np.nan_to_num(np.log(model.class_prior_), neginf=0.0))
    joint = (X.shape[1] + 8) * ULP * (distance + log_var + log_prior)
    return _posterior(model, X, joint)


def _posterior(model: Any, X: np.ndarray, joint: np.ndarray) -> Bounds:
    # Every class's likelihood at the end of its interval that moves a probability furthest.
    likelihood, p = model.predict_joint_log_proba(X), model.predict_proba(X)
    top = (likelihood + joint).max(axis=1, keepdims=True)
    high, low = np.exp(likelihood + joint - top), np.exp(likelihood - joint - top)
    others_high, others_low = (e.sum(axis=1, keepdims=True) - e for e in (high, low))
    with np.errstate(invalid="ignore"):
        most, least = high / (high + np.maximum(others_low, 0)), low / (low + np.maximum(others_high, 0))
    moved = np.maximum(np.nan_to_num(most, nan=1.0) - p, p - np.nan_to_num(least))
    # The evidence is rounded where it is as large as the scores, on both sides, and so is what is left without it.
    evidence = np.abs(top) + np.log(p.shape[1])
    rounded = (p.shape[1] + 8 + evidence + np.abs(likelihood - top)) * ULP * p
    return Bounds(probabilities=moved + rounded + 2 * ULP)


def _linear_nb(model: MultinomialNB | ComplementNB, X: np.ndarray) -> Bounds:
    """The sums of two orders of F products and a prior, then the posterior as above."""
    terms = np.abs(X) @ np.abs(model.feature_log_prob_).T + np.abs(model.class_log_prior_)
    return _posterior(model, X, (2 * X.shape[1] + 4) * ULP * terms)


def _bernoulli_nb(model: BernoulliNB, X: np.ndarray) -> Bounds:
    """The same on 0 and 1."""
    seen = X if model.binarize is None else (X > model.binarize).astype(np.float64)
    rest = np.log(1 - np.exp(model.feature_log_prob_))
    prior = model.class_log_prior_ + rest.sum(axis=1)
    terms = np.abs(seen) @ np.abs(model.feature_log_prob_ - rest).T + np.abs(prior)
    return _posterior(model, X, (2 * X.shape[1] + 4) * ULP * terms)


def _categorical_nb(model: CategoricalNB, X: np.ndarray) -> Bounds:
    """The sums of two orders of F rows and a prior."""
    rows = X.astype(np.int64).T
    terms = sum(np.abs(table).T[row] for table, row in zip(model.feature_log_prob_, rows, strict=True))
    return _posterior(model, X, (2 * X.shape[1] + 4) * ULP * (terms + np.abs(model.class_log_prior_)))


BOUNDS = {
    "GaussianNB": _gaussian_nb,
    "MultinomialNB": _linear_nb,
    "ComplementNB": _linear_nb,
    "BernoulliNB": _bernoulli_nb,
    "CategoricalNB": _categorical_nb,
}
