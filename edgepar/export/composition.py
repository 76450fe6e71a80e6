# SPDX-License-Identifier: Apache-2.0
"""Estimators made of others: votes, one-vs-rest, one-vs-one and calibrated probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import ML_DOMAIN, Emitter
from edgepar.ops.pair_votes import pair_sides

Classes = npt.NDArray[Any]


def voting_classifier(emitter: Emitter, estimator: Any, classes: Classes) -> None:
    """VotingClassifier: the mean of probabilities (soft), or votes (hard); the first of equal maxima."""
    members = estimator.estimators_
    weights = emitter.parameter("vote_weights", _weights(estimator))
    if estimator.voting == "soft":
        label, probabilities = emitter.outputs
        stacked = _join(emitter, [emitter.member(member, "probabilities")[0] for member in members])
        emitter.call("WeightedMean", [stacked, weights], probabilities)
        emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)
        return
    (label,) = emitter.outputs
    # The members were fitted on the positions of the classes.
    positions = emitter.classes(np.arange(len(classes)))
    votes = [emitter.call("OneVote", [emitter.member(member, "label")[0], positions]) for member in members]
    scores = emitter.call("WeightedSum", [_join(emitter, votes), weights])
    emitter.call("ArgMaxLabel", [scores, emitter.classes(classes)], label)


def voting_regressor(emitter: Emitter, estimator: Any) -> None:
    """VotingRegressor: the weighted mean of values."""
    columns = [_column_of(emitter, emitter.member(member, "value")[0]) for member in estimator.estimators_]
    weights = emitter.parameter("vote_weights", _weights(estimator))
    mean = emitter.call("WeightedMean", [_join(emitter, columns), weights])
    emitter.op("Squeeze", [mean, emitter.axes(1)], emitter.outputs[0])


def one_vs_rest(emitter: Emitter, estimator: Any, classes: Classes) -> None:
    """OneVsRestClassifier: the best of one score a class; probabilities are shares of those of the classes."""
    members = estimator.estimators_
    label, probabilities, decision = (emitter.output(role) for role in ("label", "probabilities", "decision"))
    role = _score_role(members[0])
    wanted = list(dict.fromkeys([role, *(["probabilities"] if probabilities else [])]))
    answers = [dict(zip(wanted, emitter.member(member, *wanted), strict=True)) for member in members]
    positive = [_second(emitter, answer["probabilities"]) for answer in answers if "probabilities" in answer]
    one = {"probabilities": positive}
    columns = one.get(role) or [_column_of(emitter, answer[role]) for answer in answers]
    if len(classes) == 2:
        score = emitter.op("Squeeze", [columns[0], emitter.axes(1)], decision or "", stem="score")
        _threshold_label(emitter, score, role, classes, label or "")
        if probabilities:
            pair = _join(emitter, [_rest(emitter, positive[0]), positive[0]])
            emitter.call("Shares", [pair], probabilities)
        return
    scores = _join(emitter, columns, (decision or "") if len(columns) > 1 else "")
    emitter.call("ArgMaxLabel", [scores, emitter.classes(classes)], label or "")
    if probabilities:
        emitter.call("Shares", [_join(emitter, positive)], probabilities)


def one_vs_one(emitter: Emitter, estimator: Any, classes: Classes) -> None:
    """OneVsOneClassifier: votes of the pairs, and their confidences where votes are equal."""
    label, decision = emitter.outputs
    role = _score_role(estimator.estimators_[0])
    positions = emitter.classes(np.arange(2))
    predictions, confidences = [], []
    for member in estimator.estimators_:
        predicted, answer = emitter.member(member, "label", role)
        vote = emitter.call("OneVote", [predicted, positions])
        predictions.append(_second(emitter, vote))
        confidences.append(
            _second(emitter, answer) if role == "probabilities" else _column_of(emitter, answer)
        )
    sides = emitter.parameter("sides", pair_sides(len(classes)))
    inputs = [_join(emitter, predictions), _join(emitter, confidences), sides]
    if len(classes) == 2:
        scores = emitter.call("PairVotes", inputs)
        emitter.op("Squeeze", [_second(emitter, scores), emitter.axes(1)], decision)
        _threshold_label(emitter, decision, role, classes, label)
        return
    emitter.call("PairVotes", inputs, decision)
    emitter.call("ArgMaxLabel", [decision, emitter.classes(classes)], label)


def calibrated_classifier(emitter: Emitter, estimator: Any, classes: Classes) -> None:
    """CalibratedClassifierCV: the mean of calibrated probabilities."""
    label, probabilities = emitter.outputs
    folds = estimator.calibrated_classifiers_
    if len(folds) == 1:
        _calibrated(emitter, folds[0], classes, probabilities)
    else:
        stacked = _join(emitter, [_calibrated(emitter, fold, classes) for fold in folds])
        emitter.call(
            "WeightedMean", [stacked, emitter.parameter("folds", np.ones(len(folds)))], probabilities
        )
    emitter.call("ArgMaxLabel", [probabilities, emitter.classes(classes)], label)


def calibrated_members(estimator: Any) -> list[Any]:
    """The classifiers of all folds."""
    return [fold.estimator for fold in estimator.calibrated_classifiers_]


def _calibrated(emitter: Emitter, fold: Any, classes: Classes, output: str = "") -> str:
    """Probabilities of one fold."""
    role = _score_role(fold.estimator)
    (answer,) = emitter.member(fold.estimator, role)
    binary = len(classes) == 2
    if binary:
        answer = _second(emitter, answer) if role == "probabilities" else _column_of(emitter, answer)
    if fold.method == "temperature":
        if binary:
            answer = _join(emitter, [emitter.op("Neg", [answer], stem="opposite"), answer])
        beta = emitter.parameter("beta", float(np.ravel(fold.calibrators[0].beta_)[0]))
        logits = emitter.op("Mul", [answer, beta], stem="logits")
        return emitter.op("Softmax", [logits], output, stem="calibrated", axis=1)
    if fold.method == "sigmoid":
        parameters = [
            emitter.parameter(name, [float(getattr(line, f"{name}_")) for line in fold.calibrators])
            for name in "ab"
        ]
        each = emitter.call("SigmoidCalibration", [answer, *parameters])
    else:
        knots, values = _broken_lines(fold.calibrators)
        each = emitter.call(
            "Interpolate", [answer, emitter.parameter("knots", knots), emitter.parameter("values", values)]
        )
    if binary:
        return _join(emitter, [_rest(emitter, each), each], output)
    uniform = emitter.parameter("uniform", 1.0 / len(classes))
    return emitter.call("SharesOrUniform", [each, uniform], output)


def _broken_lines(calibrators: list[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Isotonic regressions as rows of equal length; the last point fills a row up."""
    lines = [(np.ravel(line.X_thresholds_), np.ravel(line.y_thresholds_)) for line in calibrators]
    length = max(2, *(len(x) for x, _ in lines)) if len(lines) > 1 else max(2, len(lines[0][0]))
    pad = [np.minimum(np.arange(length), len(x) - 1) for x, _ in lines]
    return (
        np.array([x[at] for (x, _), at in zip(lines, pad, strict=True)], dtype=np.float64),
        np.array([y[at] for (_, y), at in zip(lines, pad, strict=True)], dtype=np.float64),
    )


def _weights(estimator: Any) -> npt.NDArray[np.float64]:
    """One weight for each member that was not dropped."""
    if estimator.weights is None:
        return np.ones(len(estimator.estimators_))
    kept = [
        weight
        for (_, member), weight in zip(estimator.estimators, estimator.weights, strict=True)
        if member != "drop"
    ]
    return np.asarray(kept, dtype=np.float64)


def _score_role(member: Any) -> str:
    """What scikit-learn takes as the score of a member."""
    from sklearn.base import is_regressor

    if is_regressor(member):
        return "value"
    return "decision" if hasattr(member, "decision_function") else "probabilities"


def _threshold_label(emitter: Emitter, score: str, role: str, classes: Classes, label: str) -> None:
    """The second of two classes where the score is above 0, or a probability above a half (regressors, too)."""
    if role != "decision":
        score = emitter.op("Sub", [score, emitter.parameter("half", 0.5)], stem="above_half")
    emitter.call("SignLabel", [score, emitter.classes(classes)], label)


def _column_of(emitter: Emitter, vector: str) -> str:
    """[N] as [N, 1]."""
    return emitter.op("Unsqueeze", [vector, emitter.axes(1)], stem="column")


def _second(emitter: Emitter, pair: str) -> str:
    """The second column of [N, 2] as [N, 1]."""
    return emitter.op("ArrayFeatureExtractor", [pair, emitter.axes(1)], stem="second", domain=ML_DOMAIN)


def _rest(emitter: Emitter, probability: str) -> str:
    """1 less a probability."""
    return emitter.op("Sub", [emitter.parameter("one", 1.0), probability], stem="rest")


def _join(emitter: Emitter, columns: list[str], output: str = "") -> str:
    """Columns side by side."""
    if len(columns) == 1 and not output:
        return columns[0]
    return emitter.op("Concat", columns, output, stem="joined", axis=1)
