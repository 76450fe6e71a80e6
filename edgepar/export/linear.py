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


def log_link_regressor(emitter: Emitter, estimator: Any) -> None:
    """Generalized linear models: exp of the sum, or the sum itself where the link is the identity."""
    (value,) = emitter.outputs
    coef, intercept = np.asarray(estimator.coef_), float(estimator.intercept_)
    if _has_log_link(estimator):
        _linear(emitter, coef, intercept, exponent := emitter.name("exponent"))
        emitter.op("Exp", [exponent], value)
    else:
        _linear(emitter, coef, intercept, value)


def _has_log_link(estimator: Any) -> bool:
    """PoissonRegressor and GammaRegressor always; TweedieRegressor by default for a power above 0."""
    link = getattr(estimator, "link", "log")
    return bool(link == "log" or (link == "auto" and estimator.power > 0))


def sgd_one_class(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """SGDOneClassSVM: label, decision and score; a decision of 0 is an inlier."""
    label, decision, score = emitter.outputs
    offset = float(np.ravel(estimator.offset_)[0])
    _linear(emitter, np.ravel(estimator.coef_), -offset, decision)
    emitter.op("Add", [decision, emitter.parameter("offset", offset)], score)
    emitter.call("NonNegativeLabel", [decision, emitter.classes(classes)], label)


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
