# SPDX-License-Identifier: Apache-2.0
"""Models that skl2onnx makes by itself, without any converter of edgepar: all rows against onnxruntime."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from edgepar.errors import UnsupportedModelError
from edgepar.passes.canonicalize import canonicalize
from tests.onnx_models import assert_agrees, imported

X, Y = load_digits(return_X_y=True)
X, Y = X[:600].astype(np.float32), Y[:600]
TARGETS = {
    "ten": Y,
    "two": (Y > 4).astype(int),
    "shifted": Y * 3 - 7,
    "texts": np.array(["even", "odd"])[Y % 2],
    "three texts": np.array(["b", "a", "c"])[Y % 3],
    "numbers": Y.astype(float),
    "two numbers": np.stack([Y.astype(float), X.sum(axis=1)], axis=1),
}
SMALL = {"n_estimators": 6, "max_depth": 5, "random_state": 0}

CASES = [
    (RandomForestClassifier(**SMALL), ("ten", "two", "shifted", "three texts")),
    (ExtraTreesClassifier(**SMALL), ("ten", "texts")),
    (DecisionTreeClassifier(max_depth=6, random_state=0), ("ten", "two", "texts")),
    (GradientBoostingClassifier(n_estimators=4, random_state=0), ("two", "shifted")),
    (RandomForestRegressor(**SMALL), ("numbers", "two numbers")),
    (ExtraTreesRegressor(**SMALL), ("numbers",)),
    (DecisionTreeRegressor(max_depth=6, random_state=0), ("numbers",)),
    (GradientBoostingRegressor(n_estimators=4, random_state=0), ("numbers",)),
    (LogisticRegression(max_iter=200), ("ten", "two", "texts", "three texts")),
    (RidgeClassifier(), ("ten", "two")),
    (LinearSVC(max_iter=200), ("ten", "two")),
    (LinearRegression(), ("numbers", "two numbers")),
    (Ridge(), ("numbers",)),
    (SVC(gamma=1e-3, probability=True, random_state=0), ("ten", "two", "three texts")),
    (NuSVC(nu=0.1, kernel="poly", gamma=1e-3, decision_function_shape="ovo"), ("two",)),
    (SVC(kernel="linear"), ("texts",)),
    (SVR(gamma=1e-3), ("numbers",)),
    (NuSVR(kernel="poly", gamma=1e-3), ("numbers",)),
    (OneClassSVM(gamma=1e-3), ("ten",)),
    (make_pipeline(StandardScaler(), RandomForestClassifier(**SMALL)), ("ten", "two")),
    (make_pipeline(MinMaxScaler(), RandomForestRegressor(**SMALL)), ("numbers",)),
    (make_pipeline(StandardScaler(), LogisticRegression(max_iter=50)), ("ten", "two")),
    (make_pipeline(MinMaxScaler(clip=True), LogisticRegression(max_iter=50)), ("ten",)),
    (make_pipeline(MaxAbsScaler(), Ridge()), ("numbers",)),
    (make_pipeline(Normalizer("l2"), LogisticRegression(max_iter=50)), ("ten",)),
    (make_pipeline(Normalizer("l1"), RidgeClassifier()), ("ten",)),
]


def name_of(estimator: object) -> str:
    """Class names, joined."""
    steps = getattr(estimator, "steps", None) or [("", estimator)]
    return "+".join(type(step).__name__ for _, step in steps)


# Classifiers answer by dictionaries unless told otherwise; the plain form once an estimator.
@pytest.mark.parametrize(
    ("estimator", "target", "zipmap"),
    [
        pytest.param(e, t, zipmap, id=f"{name_of(e)}-{t}-{'zipmap' if zipmap else 'plain'}")
        for e, targets in CASES
        for t in targets
        for zipmap in ((True, False) if t == targets[0] and hasattr(e, "predict_proba") else (True,))
    ],
)
def test_foreign_models_answer_as_in_onnxruntime(estimator, target, zipmap):
    proto = _converted(estimator, TARGETS[target], zipmap)
    graph = imported(proto)
    assert_agrees(graph, proto, X)
    assert_agrees(canonicalize(graph), proto, X)


def _converted(estimator, y, zipmap):
    import skl2onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, y)
        is_map = hasattr(estimator, "classes_") and hasattr(estimator, "predict_proba")
        options = {id(estimator): {"zipmap": zipmap}} if is_map else None
        return skl2onnx.to_onnx(estimator, X[:1], options=options, target_opset={"": 18, "ai.onnx.ml": 3})


@pytest.mark.parametrize(
    ("estimator", "text"),
    [
        (GaussianNB(), "a constant of shape"),
        (SVC(gamma=1e-3), "the operator Less of ai.onnx is not supported"),
        (make_pipeline(Normalizer("max"), RidgeClassifier()), "norm MAX divides by the largest number"),
    ],
    ids=["GaussianNB in small operators", "votes of SVC in small operators", "Normalizer max"],
)
def test_foreign_models_that_are_refused(estimator, text):
    with pytest.raises(UnsupportedModelError, match=text):
        imported(_converted(estimator, Y, False))
