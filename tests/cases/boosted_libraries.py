# SPDX-License-Identifier: Apache-2.0
"""Models of XGBoost and LightGBM."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import xgboost
from scipy.special import expit
from sklearn.base import is_classifier

from tests.bounds import HALF_ULP_F32, ULP, Bounds
from tests.case import (
    Case,
    blobs,
    cancer,
    diabetes,
    digits,
    integers,
    iris,
    on_thresholds,
    relabelled,
    two_targets,
    wine,
    with_nan,
)
from tests.cases.boosting import counts, imbalanced, positive, softmax_bound


def _xgb(build: Callable[..., Any], n: int, **options: Any) -> Callable[[], Any]:
    return lambda: build(n_estimators=n, random_state=0, n_jobs=1, **options)


def _lgbm(build: Callable[..., Any], n: int, **options: Any) -> Callable[[], Any]:
    return lambda: build(n_estimators=n, random_state=0, n_jobs=1, verbose=-1, **options)


_XC, _XR = xgboost.XGBClassifier, xgboost.XGBRegressor
_LC, _LR = lightgbm.LGBMClassifier, lightgbm.LGBMRegressor

CASES: list[Case] = [
    Case("cancer_xgb", _xgb(_XC, 20), cancer),
    Case("digits_xgb", _xgb(_XC, 6), digits),
    Case("nan_xgb", _xgb(_XC, 10), with_nan(wine)),
    Case("threshold_xgb", _xgb(_XC, 8), on_thresholds),
    Case("integer_xgb", _xgb(_XC, 8), integers),
    Case("imbalanced_xgb", _xgb(_XC, 10, max_depth=3, subsample=0.8), imbalanced),
    Case("200_feature_xgb", _xgb(_XC, 5), blobs(4, 200, seed=1)),
    Case("weighted_xgb", _xgb(_XC, 8, scale_pos_weight=3.0, base_score=0.2), cancer),
    Case("one_leaf_xgb", _xgb(_XC, 3, min_child_weight=1e6), iris),
    Case("xgb_forest", _xgb(xgboost.XGBRFClassifier, 12), iris),
    Case("diabetes_xgb", _xgb(_XR, 30), diabetes, "regressor"),
    Case("xgb_forest_regressor", _xgb(xgboost.XGBRFRegressor, 10), diabetes, "regressor"),
    Case("poisson_xgb", _xgb(_XR, 10, objective="count:poisson"), counts, "regressor"),
    Case("gamma_xgb", _xgb(_XR, 10, objective="reg:gamma"), positive, "regressor"),
    Case("absolute_xgb", _xgb(_XR, 10, objective="reg:absoluteerror"), diabetes, "regressor"),
    Case("two_target_xgb", _xgb(_XR, 6), two_targets, "regressor"),
    Case("cancer_lgbm", _lgbm(_LC, 20), cancer),
    Case("digits_lgbm", _lgbm(_LC, 6), digits),
    Case("nan_lgbm", _lgbm(_LC, 12), with_nan(wine)),
    Case("threshold_lgbm", _lgbm(_LC, 8, min_child_samples=3), on_thresholds),
    Case("string_labels_lgbm", _lgbm(_LC, 8), relabelled(iris, ["setosa", "versicolor", "blütenlos"])),
    Case("imbalanced_lgbm", _lgbm(_LC, 10), imbalanced),
    Case("one_leaf_lgbm", _lgbm(_LC, 3, min_child_samples=1000), iris),
    Case("lgbm_forest", _lgbm(_LC, 9, boosting_type="rf", bagging_freq=1, bagging_fraction=0.6), cancer),
    Case("steep_lgbm", _lgbm(_LC, 8, sigmoid=2.0), cancer),
    Case("diabetes_lgbm", _lgbm(_LR, 30), diabetes, "regressor"),
    Case("poisson_lgbm", _lgbm(_LR, 10, objective="poisson"), counts, "regressor"),
    Case("quantile_lgbm", _lgbm(_LR, 8, objective="quantile", alpha=0.7), diabetes, "regressor"),
]


def _largest(model: Any) -> tuple[np.ndarray, int]:
    """The sum of the largest leaf of each tree with the base score, and the number of trees of a sum."""
    if hasattr(model, "get_booster"):
        learner = json.loads(bytes(model.get_booster().save_raw("json")))["learner"]
        parts = learner["gradient_booster"]["model"]
        base = np.abs([float(v) for v in learner["learner_model_param"]["base_score"].strip("[]").split(",")])
        leaves = [np.abs(tree["base_weights"]).max() for tree in parts["trees"]]
        outputs = max(parts["tree_info"]) + 1
        total = np.bincount(parts["tree_info"], leaves, outputs) + np.maximum(
            base, np.abs(np.log(base + 1e-9))
        )
        return total, len(leaves) // outputs + 2
    table = model.booster_.trees_to_dataframe()
    per_tree = table[table.split_feature.isna()].groupby("tree_index").value.apply(lambda v: np.abs(v).max())
    outputs = model.booster_.num_model_per_iteration()
    return np.bincount(per_tree.index % outputs, per_tree, outputs), len(per_tree) // outputs


def _raw(model: Any, X: np.ndarray) -> np.ndarray:
    raw = model.predict(X, **{"output_margin" if hasattr(model, "get_booster") else "raw_score": True})
    raw = np.asarray(raw, dtype=np.float64).reshape(len(X), -1)
    # LightGBM's raw score of a random forest is the sum, its prediction that of the mean.
    return raw / model.n_estimators if getattr(model, "boosting_type", "") == "rf" else raw


def _decision(model: Any, X: np.ndarray, error: np.ndarray) -> np.ndarray | None:
    """LightGBM's raw scores, if it has any; those of a forest are sums."""
    if not hasattr(model, "decision_function"):
        return None
    trees = model.n_estimators if getattr(model, "boosting_type", "") == "rf" else 1
    return (trees * error).reshape(model.decision_function(X).shape)


def _bounds(model: Any, X: np.ndarray) -> Bounds:
    """XGBoost adds float32 numbers, LightGBM float64 ones; the Model adds float64 and rounds once to float32."""
    raw = _raw(model, X)
    xgb = hasattr(model, "get_booster")
    largest, trees = _largest(model)
    unit = 2 * HALF_ULP_F32 if xgb else ULP
    slope = float(getattr(model, "sigmoid", 1.0) or 1.0)
    error = ((trees + 4) * unit * largest + HALF_ULP_F32 * np.abs(raw)) * slope
    # XGBoost's links compute in float32 and round a few times; its exp is good to a few units.
    last = 16 * HALF_ULP_F32 if xgb else 16 * ULP
    if not is_classifier(model):
        shape = model.predict(X).shape
        value = error + last * np.abs(raw)
        if model.objective in ("count:poisson", "reg:gamma", "poisson"):
            value = np.exp(raw) * (np.expm1(error) + last * (1 + np.abs(raw)))
        return Bounds(value=value.reshape(shape))
    p = model.predict_proba(X)
    decision = _decision(model, X, error / slope)
    if raw.shape[1] > 1:
        probabilities = (
            softmax_bound(p, error) + last * (1 + np.abs(raw).max(axis=1, keepdims=True)) * p + last
        )
        return Bounds(decision=decision, probabilities=probabilities)
    s, e = slope * raw, error
    moved = np.maximum(expit(s + e) - expit(s), expit(s) - expit(s - e)) + last
    return Bounds(decision=decision, probabilities=np.repeat(moved, 2, axis=1))


BOUNDS = dict.fromkeys(
    ("XGBClassifier", "XGBRFClassifier", "XGBRegressor", "XGBRFRegressor", "LGBMClassifier", "LGBMRegressor"),
    _bounds,
)
