# SPDX-License-Identifier: Apache-2.0
"""Exported models against their estimators: every row of every case, within bounds that follow from the arithmetic.

The oracle is the estimator on ``X.astype(float32).astype(float64)``. Model and estimator do the same operations in
float64, so they differ by the order of sums and by the float32 in which the tree operators give their result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from edgepar.export import export
from edgepar.export.trees import members
from edgepar.graph import METHODS
from edgepar.model import Model
from tests.bounds import Bounds
from tests.case import Case, Fitted
from tests.cases import trees
from tests.estimators import CASES, TWINS, bounds


def assert_agrees(model: Model, estimator: Any, X: np.ndarray) -> None:
    """Every output of the model on X equals the estimator's within the derived bound, and every label agrees."""
    seen = X.astype(np.float32).astype(np.float64)
    limit = bounds(estimator, seen)
    predicted, expected = model.predict(X), estimator.predict(seen)
    assert predicted.shape == expected.shape
    if limit.value is not None:
        assert predicted.dtype == np.float64
        assert (np.abs(predicted - expected) <= limit.value).all()
        return
    if hasattr(estimator, "classes_"):
        np.testing.assert_array_equal(model.labels, estimator.classes_)
    for role, method in METHODS.items():
        bound = getattr(limit, role, None)
        if bound is not None:
            found, oracle = getattr(model, method)(X), getattr(estimator, method)(seen)
            assert found.shape == oracle.shape
            assert (np.abs(found - oracle) <= bound).all(), method
    sure = _margin(estimator, seen) > _margin_bound(limit)
    assert predicted.dtype.kind == np.asarray(expected).astype(model.labels.dtype).dtype.kind
    np.testing.assert_array_equal(predicted[sure], expected[sure])


def _margin(estimator: Any, X: np.ndarray) -> np.ndarray:
    """Best score less the second best; infinite for a single class, and for exact ties, since they must agree."""
    if hasattr(estimator, "decision_function"):
        scores = estimator.decision_function(X)
    elif hasattr(estimator, "predict_proba"):
        scores = estimator.predict_proba(X)
    elif hasattr(estimator, "classes_"):
        return np.full(len(X), np.inf)  # nothing but labels, of which all have to agree
    else:
        scores = -estimator.transform(X)
    if scores.ndim == 1:
        margin = np.abs(scores)
    elif scores.shape[1] == 1:
        return np.full(len(X), np.inf)
    else:
        ordered = np.sort(scores, axis=1)
        margin = ordered[:, -1] - ordered[:, -2]
    return np.where(margin == 0, np.inf, margin)


def _margin_bound(limit: Bounds) -> np.ndarray:
    bound = next((b for b in (limit.decision, limit.probabilities, limit.transformed) if b is not None), None)
    if bound is None:
        return np.zeros(1)
    return bound if bound.ndim == 1 else 2 * bound.max(axis=1)


def model_of(fitted: Fitted) -> Model:
    return export(fitted.estimator, fitted.X_test[:1])


def last_step(case: Case) -> Any:
    estimator = case.fit().estimator
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator


def is_raw_tree(case: Case) -> bool:
    return type(case.estimator()).__name__ in trees.BOUNDS


@pytest.mark.parametrize("case", CASES + TWINS, ids=str)
def test_every_row_agrees(case: Case) -> None:
    fitted = case.fit()
    assert_agrees(model_of(fitted), fitted.estimator, fitted.X_test)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_far_from_the_training_data_agree(case: Case) -> None:
    """Out of the range of every scaler, where clip works and likelihoods are tiny."""
    fitted = case.fit()
    if case.name == "tiny_variance_gaussian_nb":
        X = fitted.X_test * 3
    else:
        centre = np.nanmean(fitted.X_test, axis=0)
        X = centre + (np.nan_to_num(fitted.X_test) - centre) * 3
    if hasattr(fitted.estimator, "n_categories_"):
        X = np.clip(X, 0, fitted.estimator.n_categories_ - 1)  # beyond them scikit-learn answers nothing
    assert_agrees(model_of(fitted), fitted.estimator, X)


@pytest.mark.parametrize("case", [case for case in CASES if is_raw_tree(case)], ids=str)
def test_rows_on_and_beside_thresholds_agree(case: Case) -> None:
    """Every threshold of the first tree, rounded to float32, and its two neighbours, in an otherwise usual row."""
    fitted = case.fit()
    estimator = fitted.estimator
    tree = members(estimator)[0]
    # A split that only parts missing values from the others has the threshold infinity.
    inner = (tree.children_left >= 0) & np.isfinite(tree.threshold)
    threshold = tree.threshold[inner].astype(np.float32)
    feature = np.tile(tree.feature[inner], 3)
    values = np.concatenate(
        [threshold, np.nextafter(threshold, np.float32(-np.inf)), np.nextafter(threshold, np.float32(np.inf))]
    )
    rows = np.resize(np.nan_to_num(fitted.X_test), (len(values), fitted.X_test.shape[1]))
    rows[np.arange(len(values)), feature] = values
    if not len(rows):
        assert tree.node_count == 1
        rows = fitted.X_test
    assert_agrees(model_of(fitted), estimator, rows)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.estimator().__sklearn_tags__().input_tags.allow_nan], ids=str
)
def test_rows_with_missing_values_agree(case: Case) -> None:
    """scikit-learn's trees take NaN at predict even when they have seen none."""
    fitted = case.fit()
    X = fitted.X_test.copy()
    X.ravel()[::3] = np.nan
    assert_agrees(model_of(fitted), fitted.estimator, X)


def test_labels_of_forests_agree_on_rows_whose_votes_tie() -> None:
    case = next(case for case in CASES if case.name == "two_tree_ties")
    fitted = case.fit()
    ordered = np.sort(fitted.estimator.predict_proba(fitted.X_device), axis=1)
    tied = ordered[:, -1] == ordered[:, -2]
    assert tied.sum() >= 5
    np.testing.assert_array_equal(
        model_of(fitted).predict(fitted.X_test)[tied], fitted.estimator.predict(fitted.X_device)[tied]
    )


SGD_LOSSES = ["hinge", "log_loss", "modified_huber", "perceptron"]


@st.composite
def classifiers(draw: st.DrawFn) -> Any:
    seed = draw(st.integers(0, 1000))
    tree = {
        "max_depth": draw(st.sampled_from([1, 2, 5, None])),
        "min_samples_leaf": draw(st.integers(1, 6)),
        "random_state": seed,
    }
    n_trees = draw(st.integers(1, 12))
    fit_intercept = draw(st.booleans())
    return draw(
        st.sampled_from(
            [
                DecisionTreeClassifier(criterion=draw(st.sampled_from(["gini", "entropy"])), **tree),
                RandomForestClassifier(n_trees, bootstrap=draw(st.booleans()), **tree),
                ExtraTreesClassifier(n_trees, class_weight="balanced", **tree),
                GaussianNB(var_smoothing=draw(st.sampled_from([1e-12, 1e-9, 1e-3]))),
                LogisticRegression(C=draw(st.sampled_from([0.01, 1.0, 100.0])), fit_intercept=fit_intercept),
                RidgeClassifier(alpha=draw(st.sampled_from([0.1, 10.0])), fit_intercept=fit_intercept),
                LinearSVC(
                    C=draw(st.sampled_from([0.01, 1.0])), fit_intercept=fit_intercept, random_state=seed
                ),
                SGDClassifier(
                    loss=draw(st.sampled_from(SGD_LOSSES)), fit_intercept=fit_intercept, random_state=seed
                ),
                LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5),
            ]
        )
    )


@st.composite
def regressors(draw: st.DrawFn) -> Any:
    seed = draw(st.integers(0, 1000))
    criterion = draw(st.sampled_from(["squared_error", "friedman_mse", "absolute_error"]))
    return draw(
        st.sampled_from(
            [
                DecisionTreeRegressor(
                    criterion=criterion, max_depth=draw(st.integers(1, 8)), random_state=seed
                ),
                RandomForestRegressor(draw(st.integers(1, 8)), random_state=seed),
                LinearRegression(positive=draw(st.booleans())),
                Ridge(alpha=draw(st.sampled_from([0.0, 1.0])), fit_intercept=draw(st.booleans())),
                Lasso(alpha=draw(st.sampled_from([0.1, 10.0])), positive=draw(st.booleans())),
            ]
        )
    )


SCALERS = st.sampled_from(
    [
        None,
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-2.0, 3.0)),
        MinMaxScaler(clip=True),
        MaxAbsScaler(),
        MaxAbsScaler(clip=True),
        Normalizer(),
        Normalizer(norm="l1"),
        Normalizer(norm="max"),
    ]
)


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows and class indices: features of very different scales, some constant, some integers."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_classes, n_features = draw(st.integers(2, 7)), draw(st.integers(1, 40))
    y = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 120)])
    X = rng.normal(size=(n_classes, n_features))[y] + rng.normal(size=(len(y), n_features))
    X *= 10.0 ** rng.integers(-3, 4, n_features)
    X[:, rng.random(n_features) < 0.1] = 0.0
    if draw(st.booleans()):
        X = np.round(X)
    X[:, 0] = rng.normal(size=len(y))  # never all constant: GaussianNB is refused then
    return X, y


FIT_TYPES = st.sampled_from([np.float64, np.float32])

RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::scipy.linalg.LinAlgWarning"
)
@RANDOM
@given(classifiers(), SCALERS, problems(), st.sampled_from([0, -3, 10**12, "c"]), FIT_TYPES)
def test_random_classifiers_agree(
    classifier: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray], first_label: Any, fit_type: Any
) -> None:
    X, y = problem
    labels = np.array([f"{first_label}{c}" for c in y]) if isinstance(first_label, str) else y + first_label
    estimator = classifier if scaler is None else make_pipeline(scaler, classifier)
    estimator.fit(X[:90].astype(fit_type), labels[:90])
    assert_agrees(export(estimator, X), estimator, X)


@pytest.mark.filterwarnings(
    "ignore::scipy.linalg.LinAlgWarning", "ignore::sklearn.exceptions.DataConversionWarning"
)
@RANDOM
@given(regressors(), SCALERS, problems(), st.integers(0, 3), FIT_TYPES)
def test_random_regressors_agree(
    regressor: Any, scaler: Any, problem: tuple[np.ndarray, np.ndarray], n_targets: int, fit_type: Any
) -> None:
    X, _ = problem
    columns = [X.sum(axis=1) * target + X[:, 0] ** 2 for target in range(1, n_targets + 1)]
    y = np.stack(columns, axis=1) if n_targets else X.sum(axis=1)  # 0: a vector, 1: a matrix of one column
    estimator = regressor if scaler is None else make_pipeline(scaler, regressor)
    estimator.fit(X[:90].astype(fit_type), y[:90])
    assert_agrees(export(estimator, X), estimator, X)
