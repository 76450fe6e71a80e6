# SPDX-License-Identifier: Apache-2.0
"""Linear classifiers and regressors: one `Linear` call, then the label rule and the link of the estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

#: Losses of SGDClassifier that have probabilities -> the functions for two classes and for more.
_SGD_LINKS = {
    "log_loss": ("LogisticProba", "OneVsRestProba"),
    "modified_huber": ("ModifiedHuberProba", "ModifiedHuberShares"),
}


def logistic_regression(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """Those with a logistic or softmax link: label, probabilities (logistic or softmax) and decision."""
    label, probabilities, decision = emitter.outputs
    _decision(emitter, estimator, classes, label, decision)
    if len(classes) == 2:
        emitter.call("LogisticProba", [decision], probabilities)
    else:
        emitter.op("Softmax", [decision], probabilities, axis=1)


def sgd_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """SGDClassifier: label, probabilities where the loss has them, and decision."""
    label, *probabilities, decision = emitter.outputs
    _decision(emitter, estimator, classes, label, decision)
    if not probabilities:
        return
    binary, shares = _SGD_LINKS[estimator.loss]
    if len(classes) == 2:
        emitter.call(binary, [decision], probabilities[0])
    else:
        equal = emitter.parameter("equal", 1.0 / len(classes))
        emitter.call(shares, [decision, equal], probabilities[0])


def linear_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """Those that have no probabilities: label and decision."""
    label, decision = emitter.outputs
    _decision(emitter, estimator, classes, label, decision)


def linear_regressor(emitter: Emitter, estimator: Any) -> None:
    """Those that answer with the sum itself, of one target or several."""
    coef = np.asarray(estimator.coef_)
    # A scalar without fit_intercept, a vector of one element where Ridge was given y as a column, and in some always.
    intercept = np.ravel(estimator.intercept_)
    intercept = np.broadcast_to(intercept, coef.shape[:-1]) if coef.ndim == 2 else intercept[0]
    _linear(emitter, coef, intercept, emitter.outputs[0])


def _decision(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any], label: str, decision: str) -> None:
    """Scores and label; two classes have one score, as a vector."""
    n_scores = 1 if len(classes) == 2 else len(classes)
    coef = np.reshape(estimator.coef_, (n_scores, -1))
    intercept = np.broadcast_to(estimator.intercept_, (n_scores,))
    if n_scores == 1:
        _linear(emitter, coef[0], intercept[0], decision)
        emitter.call("SignLabel", [decision, emitter.classes(classes)], label)
    else:
        _linear(emitter, coef, intercept, decision)
        emitter.call("ArgMaxLabel", [decision, emitter.classes(classes)], label)


def _linear(emitter: Emitter, coef: npt.NDArray[Any], intercept: Any, output: str) -> None:
    parameters = [emitter.parameter("coef", coef), emitter.parameter("intercept", intercept)]
    emitter.call("Linear", [emitter.x(), *parameters], output)
