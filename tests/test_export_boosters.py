# SPDX-License-Identifier: Apache-2.0
"""Native Boosters answer what their predict answers, early stopping counts, and random ensembles of trees agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.tree import DecisionTreeClassifier

from edgepar.compiler import plan
from edgepar.export import export
from tests.case import cancer, diabetes, iris, with_nan
from tests.test_export_agreement import assert_agrees

XGB = {
    "regression": ({"objective": "reg:squarederror"}, diabetes),
    "poisson": ({"objective": "count:poisson"}, diabetes),
    "binary": ({"objective": "binary:logistic"}, cancer),
    "softprob": ({"objective": "multi:softprob", "num_class": 3}, with_nan(iris)),
}
LGBM = {
    "regression": ({"objective": "regression"}, diabetes),
    "tweedie": ({"objective": "tweedie"}, diabetes),
    "binary": ({"objective": "binary", "sigmoid": 0.5}, cancer),
    "multiclass": ({"objective": "multiclass", "num_class": 3}, with_nan(iris)),
}


def assert_predicts(booster: Any, X: np.ndarray, predict: Callable[[np.ndarray], np.ndarray]) -> None:
    """A few float32 roundings of sums of some ten leaves, whose links carry them on."""
    model = export(booster, X[:1])
    wanted = np.asarray(predict(X.astype(np.float32)), dtype=np.float64)
    found = model.predict(X)
    assert model.kind == "regressor"
    assert model.allows_nan
    assert found.shape == wanted.shape
    # 12 trees: 16 roundings of the largest sum, times the number of units that an exponent of 10 makes of one.
    assert (np.abs(found - wanted) <= 16 * 10 * 2.0**-24 * np.abs(wanted).max()).all()


@pytest.mark.parametrize("kind", XGB)
def test_booster_of_xgboost(kind: str) -> None:
    options, data = XGB[kind]
    X, y = data()
    booster = xgboost.train(options | {"max_depth": 4}, xgboost.DMatrix(X, y), 12)
    assert_predicts(booster, X, lambda x: booster.predict(xgboost.DMatrix(x)))


@pytest.mark.parametrize("kind", LGBM)
def test_booster_of_lightgbm(kind: str) -> None:
    options, data = LGBM[kind]
    X, y = data()
    booster = lightgbm.train(options | {"verbose": -1}, lightgbm.Dataset(X, y), 12)
    assert_predicts(booster, X, lambda x: booster.predict(x.astype(np.float64)))


def test_names_of_boosters_are_identifiers() -> None:
    X, y = diabetes()
    booster = xgboost.train({}, xgboost.DMatrix(X, y), 2)
    assert export(booster).name == "xgboost_booster"


def test_early_stopping_predicts_with_the_best_iteration() -> None:
    X, y = diabetes()
    rest = {"eval_set": [(X[300:], y[300:])]}
    models = (
        xgboost.XGBRegressor(n_estimators=80, learning_rate=0.8, early_stopping_rounds=5).fit(
            X[:300], y[:300], verbose=False, **rest
        ),
        lightgbm.LGBMRegressor(n_estimators=80, learning_rate=0.8, verbose=-1).fit(
            X[:300], y[:300], callbacks=[lightgbm.early_stopping(5, verbose=False)], **rest
        ),
    )
    for model in models:
        assert_agrees(export(model, X), model, X)
    assert models[0].best_iteration < 70
    assert models[1].best_iteration_ < 70


def test_nan_where_training_had_none_counts_as_zero_for_lightgbm() -> None:
    X, y = cancer()
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(X - X.mean(axis=0), y)
    rows = X - X.mean(axis=0)
    rows[:, ::3] = np.nan
    assert_agrees(export(model, X), model, rows)


def test_the_plan_says_where_decisions_are_taken() -> None:
    X, y = iris()
    model = export(HistGradientBoostingClassifier(max_iter=200, min_samples_leaf=2).fit(X, y), X)
    (note,) = (note for note in plan(model, "pulp-open").notes if "decisions expected a sample" in note)
    assert "600 trees" in note


@st.composite
def ensembles(draw: st.DrawFn) -> tuple[Any, bool]:
    """An unfitted ensemble, and whether it is a regressor."""
    seed, n = draw(st.integers(0, 1000)), draw(st.integers(1, 10))
    depth, leaf = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    share = draw(st.sampled_from([0.5, 1.0]))
    tree = {"max_depth": depth, "min_samples_leaf": leaf, "random_state": seed}
    boosted = {"max_depth": depth, "n_estimators": n, "subsample": share, "random_state": seed}
    gbm = {**boosted, "bagging_freq": 1, "min_child_samples": leaf, "verbose": -1}
    return draw(
        st.sampled_from(
            [
                (GradientBoostingClassifier(init=draw(st.sampled_from([None, "zero"])), **boosted), False),
                (HistGradientBoostingClassifier(max_iter=n, **tree), False),
                (
                    AdaBoostClassifier(DecisionTreeClassifier(**tree), n_estimators=n, random_state=seed),
                    False,
                ),
                (BaggingClassifier(n_estimators=n, max_features=share, random_state=seed), False),
                (xgboost.XGBClassifier(**boosted), False),
                (lightgbm.LGBMClassifier(**gbm), False),
                (
                    GradientBoostingRegressor(loss=draw(st.sampled_from(["huber", "quantile"])), **boosted),
                    True,
                ),
                (HistGradientBoostingRegressor(max_iter=n, categorical_features=[0], **tree), True),
                (BaggingRegressor(n_estimators=n, max_features=share, random_state=seed), True),
                (xgboost.XGBRegressor(**boosted), True),
                (lightgbm.LGBMRegressor(**gbm), True),
            ]
        )
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ensembles(), st.integers(0, 10**6), st.integers(2, 5), st.booleans())
def test_random_ensembles_agree(made: tuple[Any, bool], seed: int, n_classes: int, rounded: bool) -> None:
    estimator, is_regressor = made
    rng = np.random.default_rng(seed)
    n_features = int(rng.integers(2, 20))
    y = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 90)])
    X = rng.normal(size=(n_classes, n_features))[y] + rng.normal(size=(len(y), n_features))
    X *= 10.0 ** rng.integers(-3, 4, n_features)
    X = np.round(X) if rounded else X
    X[:, 0] = rng.integers(0, 6, len(y))
    estimator.fit(X[:70], X.sum(axis=1)[:70] if is_regressor else y[:70])
    assert_agrees(export(estimator, X), estimator, X)
