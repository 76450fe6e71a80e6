# SPDX-License-Identifier: Apache-2.0
"""Gaussian naive Bayes: joint log likelihood, posterior and label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter


def gaussian_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """GaussianNB: label and probabilities."""
    label, probabilities = emitter.outputs
    parameters = [
        emitter.parameter("theta", estimator.theta_),
        emitter.parameter("var", estimator.var_),
        emitter.parameter("log_prior", _log_prior(estimator)),
    ]
    joint = emitter.call("GaussianNB", [emitter.x(), *parameters])
    emitter.call("Posterior", [joint], probabilities)
    emitter.call("ArgMaxLabel", [joint, emitter.classes(classes)], label)


def multinomial_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """MultinomialNB: linear in the counts."""
    _linear_nb(emitter, estimator.feature_log_prob_, estimator.class_log_prior_, classes)


def complement_nb(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """ComplementNB: linear in the counts; a prior counts for a single class only."""
    prior = estimator.class_log_prior_ if len(classes) == 1 else np.zeros(len(classes))
    _linear_nb(emitter, estimator.feature_log_prob_, prior, classes)


def is_finite(estimator: Any) -> bool:
    """Whether every logarithm of a probability is a number."""
    return bool(
        np.isfinite(estimator.feature_log_prob_).all() and np.isfinite(estimator.class_log_prior_).all()
    )


def _linear_nb(emitter: Emitter, coef: Any, prior: Any, classes: npt.NDArray[Any]) -> None:
    label, probabilities = emitter.outputs
    parameters = [emitter.parameter("log_prob", coef), emitter.parameter("log_prior", prior)]
    joint = emitter.call("Linear", [emitter.x(), *parameters])
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
