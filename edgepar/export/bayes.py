# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes: joint log likelihood, posterior and label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter


def gaussian_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """GaussianNB: label and probabilities."""
    parameters = [
        emitter.parameter("theta", estimator.theta_),
        emitter.parameter("var", estimator.var_),
        emitter.parameter("log_prior", _log_prior(estimator)),
    ]
    _answers(emitter, emitter.call("GaussianNB", [emitter.x(), *parameters]), classes)


def multinomial_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """MultinomialNB: linear in the counts."""
    _linear_nb(emitter, estimator.feature_log_prob_, estimator.class_log_prior_, classes)


def complement_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """ComplementNB: linear in the counts; a prior counts for a single class only."""
    prior = estimator.class_log_prior_ if len(classes) == 1 else np.zeros(len(classes))
    _linear_nb(emitter, estimator.feature_log_prob_, prior, classes)


def bernoulli_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """BernoulliNB: linear in features that are 0 or 1."""
    x = emitter.x()
    if estimator.binarize is not None:
        x = emitter.call("Binarize", [x, emitter.parameter("threshold", float(estimator.binarize))])
    log_prob, log_rest = estimator.feature_log_prob_, _log_rest(estimator)
    prior = estimator.class_log_prior_ + log_rest.sum(axis=1)
    _linear_nb(emitter, log_prob - log_rest, prior, classes, x)


def categorical_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """CategoricalNB: a row of the table for each category of each feature."""
    counts = [table.shape[1] for table in estimator.feature_log_prob_]
    parameters = [
        emitter.integers("columns", np.repeat(np.arange(len(counts)), counts)),
        emitter.parameter("categories", np.concatenate([np.arange(count) for count in counts])),
        emitter.parameter("log_prob", np.concatenate(estimator.feature_log_prob_, axis=1).T),
        emitter.parameter("log_prior", estimator.class_log_prior_),
    ]
    _answers(emitter, emitter.call("CategoricalNB", [emitter.x(), *parameters]), classes)


def is_finite(estimator: Any) -> bool:
    """Whether every logarithm of a probability is a number."""
    log_prob = estimator.feature_log_prob_
    numbers = [*(log_prob if isinstance(log_prob, list) else [log_prob]), estimator.class_log_prior_]
    if hasattr(estimator, "binarize"):
        numbers.append(_log_rest(estimator))
    return all(bool(np.isfinite(array).all()) for array in numbers)


def counts_more_than_one(estimator: Any) -> bool:
    """Whether a feature has a "probability" above 1, which features above 1 give it."""
    return bool((estimator.feature_log_prob_ > 0).any())


def _log_rest(estimator: Any) -> npt.NDArray[np.float64]:
    """Log probability that a feature is 0, as BernoulliNB computes it."""
    with np.errstate(divide="ignore"):  # such models are refused
        rest: npt.NDArray[np.float64] = np.log(1 - np.exp(estimator.feature_log_prob_))
    return rest


def _linear_nb(emitter: Emitter, coef: Any, prior: Any, classes: npt.NDArray[Any], x: str = "") -> None:
    parameters = [emitter.parameter("log_prob", coef), emitter.parameter("log_prior", prior)]
    _answers(emitter, emitter.call("Linear", [x or emitter.x(), *parameters]), classes)


def _answers(emitter: Emitter, joint: str, classes: npt.NDArray[Any]) -> None:
    label, probabilities = emitter.outputs
    emitter.call("Posterior", [joint], probabilities)
    emitter.call("ArgMaxLabel", [joint, emitter.classes(classes)], label)


def _log_prior(estimator: Any) -> npt.NDArray[np.float64]:
    """Log of the prior, and what scikit-learn's float32 sums of logarithms miss where it was fitted on float32."""
    var = np.asarray(estimator.var_)
    with np.errstate(divide="ignore"):  # a prior of 0 is allowed: its class is never predicted
        log_prior: npt.NDArray[np.float64] = np.log(estimator.class_prior_).astype(np.float64)
    missed: npt.NDArray[np.float64] = _log_normalizer(var) - _log_normalizer(var.astype(np.float64))
    return log_prior + missed


def _log_normalizer(var: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The constant of each class as GaussianNB computes it, in the type and order that it does."""
    return np.array([-0.5 * np.sum(np.log(2.0 * np.pi * row)) for row in var])
