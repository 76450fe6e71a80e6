# SPDX-License-Identifier: Apache-2.0
"""GaussianMixture and QuadraticDiscriminantAnalysis: Gaussian components, their posterior, label and evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

Numbers = npt.NDArray[np.float64]


def gaussian_mixture(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """GaussianMixture: label, probabilities and score_samples."""
    label, probabilities, score = emitter.outputs
    joint = _COVARIANCES[estimator.covariance_type](emitter, estimator)
    emitter.call("Posterior", [joint], probabilities)
    emitter.call("Evidence", [joint], score)
    emitter.call("ArgMaxLabel", [joint, emitter.classes(classes)], label)


def n_components(estimator: Any) -> int:
    """How many components there are."""
    return len(np.asarray(estimator.weights_))


def quadratic_discriminant(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """QuadraticDiscriminantAnalysis: label, probabilities and decision."""
    label, probabilities, decision = emitter.outputs
    factors = [
        rotation * scaling ** (-0.5)
        for rotation, scaling in zip(estimator.rotations_, estimator.scalings_, strict=True)
    ]
    log_det = np.array([np.sum(np.log(scaling)) for scaling in estimator.scalings_])
    constants = -0.5 * log_det + np.log(estimator.priors_)
    two = len(classes) == 2
    scores = emitter.call(
        "QuadraticScores",
        [
            emitter.x(),
            emitter.parameter("means", estimator.means_),
            emitter.parameter("factors", np.array(factors)),
            emitter.parameter("constants", constants),
        ],
        "" if two else decision,
    )
    if two:
        emitter.call("ScoreMargin", [scores], decision)
    emitter.call("Posterior", [scores], probabilities)
    emitter.call("ArgMaxLabel", [scores, emitter.classes(classes)], label)


def _constants(estimator: Any, log_det: Any) -> Numbers:
    """What each component adds whatever the sample, in the types and the order of scikit-learn."""
    n_features = np.shape(estimator.means_)[1]
    density = -0.5 * (n_features * np.log(2 * np.pi)) + log_det
    return np.asarray(density + np.log(estimator.weights_), dtype=np.float64)


def _full(emitter: Emitter, estimator: Any) -> str:
    factors = np.asarray(estimator.precisions_cholesky_)
    log_det = np.sum(np.log(np.diagonal(factors, axis1=1, axis2=2)), axis=1)
    return emitter.call(
        "QuadraticScores",
        [
            emitter.x(),
            emitter.parameter("means", estimator.means_),
            emitter.parameter("factors", factors),
            emitter.parameter("constants", _constants(estimator, log_det)),
        ],
    )


def _tied(emitter: Emitter, estimator: Any) -> str:
    """One factor whitens the sample, from an origin among the means, for all components at once."""
    factor = np.asarray(estimator.precisions_cholesky_)
    log_det = np.sum(np.log(np.diagonal(factor)))
    means = np.asarray(estimator.means_, dtype=np.float64)
    origin = means.mean(axis=0).astype(np.float32).astype(np.float64)
    centred = emitter.op("Sub", [emitter.x(), emitter.parameter("origin", origin)], stem="centred")
    whitener = [emitter.parameter("factor", factor.T), emitter.parameter("zero", np.zeros(len(factor)))]
    whitened = emitter.call("Linear", [centred, *whitener])
    centroids = emitter.parameter("centroids", (means - origin) @ factor.astype(np.float64))
    squares = emitter.call("CentroidSquares", [whitened, centroids])
    return _scored(emitter, squares, np.full(len(means), -0.5), _constants(estimator, log_det))


def _diagonal(emitter: Emitter, estimator: Any) -> str:
    """Naive Bayes, with the inverse deviations that the mixture keeps."""
    precisions = np.asarray(estimator.precisions_cholesky_)
    constants = _constants(estimator, np.sum(np.log(precisions), axis=1))
    var = precisions.astype(np.float64) ** -2.0
    log_prior = np.minimum(np.log(np.asarray(estimator.weights_, dtype=np.float64)), 0.0)
    theta = emitter.parameter("theta", estimator.means_)
    parameters = [theta, emitter.parameter("var", var), emitter.parameter("log_prior", log_prior)]
    joint = emitter.call("GaussianNB", [emitter.x(), *parameters])
    missed = constants - (log_prior - 0.5 * np.sum(np.log(2 * np.pi * var), axis=1))
    if precisions.dtype == np.float64:
        return joint
    # Fitted on float32, scikit-learn adds up logarithms in float32.
    return emitter.op("Add", [joint, emitter.parameter("missed", missed)], stem="joint")


def _spherical(emitter: Emitter, estimator: Any) -> str:
    precisions = np.asarray(estimator.precisions_cholesky_)
    n_features = np.shape(estimator.means_)[1]
    squares = emitter.call("CentroidSquares", [emitter.x(), emitter.parameter("means", estimator.means_)])
    constants = _constants(estimator, n_features * np.log(precisions))
    return _scored(emitter, squares, -0.5 * precisions.astype(np.float64) ** 2, constants)


def _scored(emitter: Emitter, squares: str, factors: Numbers, constants: Numbers) -> str:
    weighted = emitter.op("Mul", [squares, emitter.parameter("factors", factors)], stem="weighted")
    return emitter.op("Add", [weighted, emitter.parameter("constants", constants)], stem="joint")


#: Joint log likelihood by covariance_type.
_COVARIANCES = {"full": _full, "tied": _tied, "diag": _diagonal, "spherical": _spherical}
