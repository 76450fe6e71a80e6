# SPDX-License-Identifier: Apache-2.0
"""Estimators made of others."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, VotingClassifier, VotingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge, RidgeClassifier
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.bounds import ULP, Bounds
from tests.case import Case, cancer, diabetes, digits, iris, logistic, relabelled, scaled, wine


def _members() -> list[tuple[str, Any]]:
    return [
        ("lr", make_pipeline(StandardScaler(), logistic())),
        ("forest", RandomForestClassifier(5, max_depth=4, random_state=0)),
        ("nb", GaussianNB()),
    ]


def _regressors() -> list[tuple[str, Any]]:
    return [
        ("ols", LinearRegression()),
        ("forest", RandomForestRegressor(5, max_depth=5, random_state=0)),
        ("ridge", make_pipeline(StandardScaler(), Ridge())),
    ]


def _frozen() -> CalibratedClassifierCV:
    X, y = wine()
    return CalibratedClassifierCV(FrozenEstimator(scaled(StandardScaler(), logistic())().fit(X[::2], y[::2])))


def _tree(depth: int = 4) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=depth, random_state=0)


CASES: list[Case] = [
    Case("soft_voting", lambda: VotingClassifier(_members(), voting="soft"), wine),
    Case("weighted_soft_voting", lambda: VotingClassifier(_members(), voting="soft", weights=[0.2, 3, 1.1]), digits),
    Case("hard_voting", lambda: VotingClassifier(_members()), relabelled(wine, ["c", "a", "b"])),
    Case(
        "hard_voting_of_two_ties",
        lambda: VotingClassifier([("deep", _tree(6)), ("flat", _tree(1))]),
        relabelled(iris, [7, -1, 3]),
    ),
    Case("weighted_hard_voting", lambda: VotingClassifier(_members(), weights=[1, 2, 2]), cancer),
    Case("voting_regressor", lambda: VotingRegressor(_regressors()), diabetes, "regressor"),
    Case("weighted_voting_regressor", lambda: VotingRegressor(_regressors(), weights=[1, 0.5, 2]), diabetes,
         "regressor"),
    Case("one_vs_rest_logistic", lambda: OneVsRestClassifier(logistic()), iris),
    Case("one_vs_rest_svm", lambda: OneVsRestClassifier(scaled(StandardScaler(), LinearSVC())()), digits),
    Case("one_vs_rest_trees", lambda: OneVsRestClassifier(_tree()), relabelled(wine, ["c", "a", "b"])),
    Case("one_vs_rest_ridge", lambda: OneVsRestClassifier(Ridge()), wine),
    Case("one_vs_rest_two_classes", lambda: OneVsRestClassifier(logistic()), relabelled(cancer, [-1, 1])),
    Case("one_vs_rest_two_class_forest", lambda: OneVsRestClassifier(RandomForestClassifier(4, random_state=0)),
         cancer),
    Case("one_vs_one_logistic", lambda: OneVsOneClassifier(scaled(StandardScaler(), logistic())()), wine),
    Case("one_vs_one_trees", lambda: OneVsOneClassifier(_tree(3)), digits),
    Case("one_vs_one_ridge", lambda: OneVsOneClassifier(RidgeClassifier()), relabelled(iris, [5, 9, 2])),
    Case("one_vs_one_two_classes", lambda: OneVsOneClassifier(scaled(StandardScaler(), logistic())()), cancer),
    Case("calibrated_svm", lambda: CalibratedClassifierCV(scaled(StandardScaler(), LinearSVC())(), cv=3), wine),
    Case("calibrated_two_classes", lambda: CalibratedClassifierCV(RidgeClassifier(), cv=3),
         relabelled(cancer, ["b", "a"])),
    Case("calibrated_isotonic",
         lambda: CalibratedClassifierCV(scaled(StandardScaler(), logistic())(), method="isotonic", cv=2), wine),
    Case("calibrated_isotonic_two_classes",
         lambda: CalibratedClassifierCV(RandomForestClassifier(5, random_state=0), method="isotonic", ensemble=False),
         cancer),
    Case("calibrated_temperature",
         lambda: CalibratedClassifierCV(scaled(StandardScaler(), logistic())(), method="temperature"), iris),
    Case("calibrated_temperature_two_classes",
         lambda: CalibratedClassifierCV(RidgeClassifier(), method="temperature", cv=2), cancer),
    Case("calibrated_frozen", _frozen, wine),
]  # fmt: skip


def _inner(estimator: Any, X: np.ndarray) -> Bounds:
    from tests.estimators import bounds

    return bounds(estimator.estimator if isinstance(estimator, FrozenEstimator) else estimator, X)


def _voting(estimator: Any, X: np.ndarray) -> Bounds:
    members = estimator.estimators_
    weights = np.ones(len(members)) if estimator.weights is None else np.asarray(estimator.weights)
    shares = weights / weights.sum()
    if not is_classifier(estimator):
        values = [abs(member.predict(X)) for member in members]
        rounding = [(len(members) + 3) * ULP * value for value in values]
        limit = [_inner(member, X).value + more for member, more in zip(members, rounding, strict=True)]
        return Bounds(value=sum(w * b for w, b in zip(shares, limit, strict=True)))
    if estimator.voting == "hard":
        return Bounds()
    limit = [_inner(member, X).probabilities for member in members]
    return Bounds(
        probabilities=sum(w * b for w, b in zip(shares, limit, strict=True)) + (len(members) + 3) * ULP
    )


def _scores(member: Any, X: np.ndarray) -> np.ndarray:
    """Bound of the score that scikit-learn takes of a member, [rows]."""
    inner = _inner(member, X)
    if is_regressor(member):
        return inner.value
    return inner.decision if hasattr(member, "decision_function") else inner.probabilities[:, 1]


def _one_vs_rest(estimator: Any, X: np.ndarray) -> Bounds:
    members = estimator.estimators_
    score = np.stack([_scores(member, X) for member in members], axis=1)
    decision = score if len(members) > 1 else score[:, 0]
    if not hasattr(members[0], "predict_proba"):
        return Bounds(decision=decision if hasattr(members[0], "decision_function") else None)
    each = np.stack([_inner(member, X).probabilities[:, 1] for member in members], axis=1) + 2 * ULP
    if len(members) == 1:
        probabilities = np.hstack([each, each]) + 4 * ULP
    else:
        total = sum(member.predict_proba(X)[:, 1:] for member in members)
        moved = (each + each.sum(axis=1, keepdims=True)) / np.maximum(total, 1e-300)
        probabilities = np.minimum(moved + (len(members) + 3) * ULP, 1.0)
    return Bounds(
        decision=decision if hasattr(members[0], "decision_function") else None, probabilities=probabilities
    )


def _one_vs_one(estimator: Any, X: np.ndarray) -> Bounds:
    each = sum(_scores(member, X) for member in estimator.estimators_)
    size = sum(
        abs(m.decision_function(X)) if hasattr(m, "decision_function") else m.predict_proba(X)[:, 1]
        for m in estimator.estimators_
    )
    # s / (3 (|s| + 1)) has a slope of 1/3 at most; sums of all pairs bound those of the pairs of a class.
    moved = each / 3 + len(estimator.classes_) * ULP * (size + 1) + 8 * ULP
    shape = estimator.decision_function(X).shape
    return Bounds(decision=np.broadcast_to(moved.reshape(-1, *[1] * (len(shape) - 1)), shape))


def _calibrated(estimator: Any, X: np.ndarray) -> Bounds:
    folds = [_fold(fold, X) for fold in estimator.calibrated_classifiers_]
    return Bounds(probabilities=np.minimum(sum(folds) / len(folds) + (len(folds) + 3) * ULP, 1.0))


def _fold(fold: Any, X: np.ndarray) -> np.ndarray:
    by_decision = hasattr(fold.estimator, "decision_function")
    inner = _inner(fold.estimator, X)
    answer = fold.estimator.decision_function(X) if by_decision else fold.estimator.predict_proba(X)
    error = inner.decision if by_decision else inner.probabilities
    if len(fold.classes) == 2:
        answer, error = (a.reshape(len(X), -1)[:, -1:] for a in (answer, error))
    if fold.method == "temperature":
        beta = abs(float(np.ravel(fold.calibrators[0].beta_)[0]))
        worst = (beta * (error + 3 * ULP * abs(answer))).max(axis=1, keepdims=True)
        return np.expm1(2 * worst + 20 * ULP) * np.ones(len(fold.classes)) + 2 * ULP
    each = np.zeros(answer.shape)
    total = np.zeros((len(X), 1))
    for k, line in enumerate(fold.calibrators):
        x, e = answer[:, k], error[:, k]
        if fold.method == "sigmoid":
            # The logistic function has a slope of 1/4 at most.
            each[:, k] = (abs(line.a_) * e + 3 * ULP * (abs(line.a_ * x) + abs(line.b_))) / 4 + 8 * ULP
        else:
            reach = e + 8 * ULP * (abs(x) + abs(line.X_thresholds_).max())
            at = [line.predict(np.clip(x + s * reach, line.X_min_, line.X_max_)) for s in (-1, 0, 1)]
            each[:, k] = np.max([abs(a - at[1]) for a in at], axis=0) + 8 * ULP
        total[:, 0] += line.predict(x)
    if len(fold.classes) == 2:
        return np.hstack([each, each]) + 2 * ULP
    moved = (each + each.sum(axis=1, keepdims=True)) / np.maximum(total, 1e-300)
    return np.minimum(moved + (each.shape[1] + 3) * ULP, 1.0)


BOUNDS = {
    "VotingClassifier": _voting,
    "VotingRegressor": _voting,
    "OneVsRestClassifier": _one_vs_rest,
    "OneVsOneClassifier": _one_vs_one,
    "CalibratedClassifierCV": _calibrated,
}
