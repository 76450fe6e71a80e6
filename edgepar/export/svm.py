# SPDX-License-Identifier: Apache-2.0
"""Support vector machines: similarities to the support vectors, then sums of one model or of every pair of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

KERNELS = ("linear", "poly", "rbf", "sigmoid")


def row_shape(output: str, estimator: Any) -> tuple[int, ...] | None:
    """Shape of one row of an output: one number of a regressor, a score a pair for "ovo"."""
    if output == "decision" and len(estimator.classes_) > 2 and estimator.decision_function_shape == "ovo":
        return (len(estimator.intercept_),)
    return () if output == "value" else None


def svc(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """SVC and NuSVC: label by votes, decision of either shape, probabilities by coupling those of the pairs."""
    label, decision = emitter.output("label") or "", emitter.output("decision") or ""
    table = emitter.classes(classes)
    if len(classes) == 2:
        # libsvm gives a score of 0 to the second class.
        score = _sum(emitter, estimator, decision)
        emitter.call("NonNegativeLabel", [score, table], label)
        if emitter.output("probabilities"):
            # scikit-learn turns the sign of libsvm's only score.
            column = emitter.op("Unsqueeze", [score, emitter.axes(1)], stem="score")
            _coupled(emitter, estimator, column, -1.0, _sides(emitter, 2))
        return
    sides = _sides(emitter, len(classes))
    ovr = estimator.decision_function_shape == "ovr"
    scores = _pair_scores(emitter, estimator, sides, "" if ovr else decision)
    if emitter.output("probabilities"):
        _coupled(emitter, estimator, scores, 1.0, sides)
    if ovr:
        decision = emitter.call("SupportConfidences", [scores, *sides], decision)
    votes = decision if estimator.break_ties else emitter.call("SupportVotes", [scores, *sides])
    emitter.call("ArgMaxLabel", [votes, table], label)


def _coupled(emitter: Emitter, estimator: Any, scores: str, sign: float, sides: list[str]) -> None:
    """Probabilities of the pairs, whose scores have this sign, and of the classes."""
    # The public names warn that the option is deprecated, which the estimator has said already.
    slopes = emitter.parameter("prob_a", sign * estimator._probA)  # noqa: SLF001
    shifts = emitter.parameter("prob_b", estimator._probB)  # noqa: SLF001
    pairwise = emitter.call("PairwiseProba", [scores, slopes, shifts])
    emitter.call("CoupledProba", [pairwise, *sides], emitter.output("probabilities") or "")


def svr(emitter: Emitter, estimator: Any) -> None:
    """SVR and NuSVR."""
    _sum(emitter, estimator, emitter.outputs[0])


def one_class_svm(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """OneClassSVM: the sum as decision; the score is the sum without the intercept."""
    decision = _sum(emitter, estimator, emitter.output("decision") or "")
    emitter.call("SignLabel", [decision, emitter.classes(classes)], emitter.output("label") or "")
    offset = emitter.parameter("offset", float(estimator.offset_[0]))
    emitter.op("Add", [decision, offset], emitter.output("score") or "")


def collapses(estimator: Any) -> bool:
    """Whether a linear kernel is cheaper as one row of coefficients a score than by its support vectors."""
    if estimator.kernel != "linear":
        return False
    (rows, vectors), features = estimator.dual_coef_.shape, estimator.support_vectors_.shape[1]
    return bool(len(estimator.intercept_) * features <= vectors * (features + rows))


def _sum(emitter: Emitter, estimator: Any, output: str) -> str:
    """One score: a sum over all support vectors."""
    intercept = emitter.parameter("intercept", estimator.intercept_[0])
    if not len(estimator.support_vectors_):
        # Every target of an SVR lies within epsilon of the intercept, which answers alone.
        inputs = [emitter.x(), emitter.parameter("coef", np.zeros(estimator.n_features_in_))]
    elif collapses(estimator):
        inputs = [emitter.x(), emitter.parameter("coef", estimator.coef_[0])]
    else:
        inputs = [_kernel(emitter, estimator), emitter.parameter("dual_coef", estimator.dual_coef_[0])]
    return emitter.call("Linear", [*inputs, intercept], output)


def _sides(emitter: Emitter, n_classes: int) -> list[str]:
    unit = np.eye(n_classes)
    first, second = np.triu_indices(n_classes, 1)
    return [emitter.parameter("first", unit[first]), emitter.parameter("second", unit[second])]


def _pair_scores(emitter: Emitter, estimator: Any, sides: list[str], output: str) -> str:
    """Scores of the pairs of classes, above 0 for the first."""
    intercept = emitter.parameter("intercept", estimator.intercept_)
    if collapses(estimator):
        inputs = [emitter.x(), emitter.parameter("coef", estimator.coef_), intercept]
        return emitter.call("Linear", inputs, output)
    owner = np.repeat(np.arange(len(estimator.n_support_)), estimator.n_support_)
    inputs = [_kernel(emitter, estimator), emitter.parameter("dual_coef", estimator.dual_coef_), intercept]
    return emitter.call("SupportScores", [*inputs, emitter.integers("owner", owner), *sides], output)


def _kernel(emitter: Emitter, estimator: Any) -> str:
    """Similarities to all support vectors."""
    vectors = emitter.parameter("support_vectors", estimator.support_vectors_)
    if estimator.kernel == "rbf":
        found = emitter.call("SquaredDistances", [emitter.x(), vectors])
        return emitter.call("RbfKernel", [found, _gamma(emitter, estimator)])
    found = emitter.call("Products", [emitter.x(), vectors])
    if estimator.kernel == "linear":
        return found
    parameters = [_gamma(emitter, estimator), emitter.parameter("coef0", float(estimator.coef0))]
    if estimator.kernel == "sigmoid":
        return emitter.call("SigmoidKernel", [found, *parameters])
    return emitter.call(
        "PolynomialKernel", [found, *parameters, emitter.parameter("degree", float(estimator.degree))]
    )


def _gamma(emitter: Emitter, estimator: Any) -> str:
    return emitter.parameter("gamma", float(estimator._gamma))  # noqa: SLF001 - what "scale" and "auto" came to
