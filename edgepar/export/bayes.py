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
    with np.errstate(divide="ignore"):  # a prior of 0 is allowed: its class is never predicted
        log_prior = np.log(estimator.class_prior_)
    parameters = [
        emitter.parameter("theta", estimator.theta_),
        emitter.parameter("var", estimator.var_),
        emitter.parameter("log_prior", log_prior),
    ]
    joint = emitter.call("GaussianNB", [emitter.x(), *parameters])
    emitter.call("Posterior", [joint], probabilities)
    emitter.call("ArgMaxLabel", [joint, emitter.classes(classes)], label)
