# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import StandardScaler

from tests.bounds import ULP, Bounds
from tests.case import Case, blobs, cancer, digits, iris, linear, logistic, scaled, transformed, wine

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
    return Bounds(probabilities=moved + (p.shape[1] + 8) * ULP * p + 2 * ULP)


def _linear_nb(model: MultinomialNB | ComplementNB, X: np.ndarray) -> Bounds:
    """The sums of two orders of F products and a prior, then the posterior as above."""
    terms = np.abs(X) @ np.abs(model.feature_log_prob_).T + np.abs(model.class_log_prior_)
    return _posterior(model, X, (2 * X.shape[1] + 4) * ULP * terms)


BOUNDS = {"GaussianNB": _gaussian_nb, "MultinomialNB": _linear_nb, "ComplementNB": _linear_nb}
