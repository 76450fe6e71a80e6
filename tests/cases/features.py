# SPDX-License-Identifier: Apache-2.0
"""Transformers that change the number of features, and models behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from edgepar.export.columns import column_parts, union_parts
from tests.bounds import ULP
from tests.case import Case, cancer, diabetes, digits, iris, logistic, scaled, wine, with_nan

CASES: list[Case] = [
    Case("cancer_robust_logistic", scaled(RobustScaler(), logistic()), cancer),
    Case("digits_pca_logistic", scaled(PCA(20), logistic()), digits),
    Case(
        "wine_whitened_svc",
        lambda: make_pipeline(StandardScaler(), PCA(5, whiten=True), LinearSVC(random_state=0)),
        wine,
    ),
    Case("diabetes_svd_ridge", scaled(TruncatedSVD(3, random_state=0), Ridge()), diabetes, "regressor"),
    Case("cancer_k_best_tree", scaled(SelectKBest(k=5), DecisionTreeClassifier(random_state=0)), cancer),
    Case(
        "nan_variance_tree",
        scaled(VarianceThreshold(1e-3), DecisionTreeClassifier(random_state=0)),
        with_nan(cancer),
    ),
]

#: Their Models differ from those above in numbers alone, so they are tested up to the Model.
TWINS: list[Case] = [
    *(
        Case(f"twin_{type(selector).__name__}", scaled(selector, RidgeClassifier()), iris)
        for selector in (
            SelectPercentile(percentile=50), SelectFpr(), SelectFdr(), SelectFwe(), GenericUnivariateSelect(),
            SelectFromModel(Ridge()), RFE(Ridge()), RFECV(Ridge()), SequentialFeatureSelector(Ridge()),
        )
    ),
    Case("twin_robust_centred", scaled(RobustScaler(with_scaling=False), logistic()), iris),
    Case("twin_robust_scaled", scaled(RobustScaler(with_centering=False), logistic()), iris),
]  # fmt: skip


BOUNDS: dict[str, Any] = {}


def carried(steps: Pipeline, X: np.ndarray) -> np.ndarray | None:
    """How far the features may be off behind transformers, of which the last ones may project; None without one."""
    off: np.ndarray | None = None
    for step in (step for _, step in steps.steps if step != "passthrough"):
        off = _off(step, X, off)
        X = step.transform(X)
    return off


def _off(step: Any, X: np.ndarray, before: np.ndarray | None) -> np.ndarray | None:
    """How far the answer of one transformer may be off; every other one gives the bits of scikit-learn."""
    if isinstance(step, Pipeline):
        assert before is None
        return carried(step, X)
    if isinstance(step, (ColumnTransformer, FeatureUnion)):
        assert before is None
        parts = column_parts(step) if isinstance(step, ColumnTransformer) else union_parts(step)
        found = []
        for part in parts:
            x = X if part.columns is None else X[:, part.columns]
            answer = x if part.transformer is None else part.transformer.transform(x)
            off = None if part.transformer is None else _off(part.transformer, x, None)
            found.append(np.zeros(answer.shape) if off is None else off * abs(part.weight or 1.0))
        every = np.concatenate(found, axis=1)
        return every if every.any() else None
    if not isinstance(step, (PCA, TruncatedSVD)):
        assert before is None
        return None
    terms = np.abs(X) @ np.abs(step.components_).T
    if isinstance(step, PCA):
        terms = terms + np.abs(step.mean_) @ np.abs(step.components_).T
        if step.whiten:
            terms = terms / np.sqrt(step.explained_variance_)
    return np.asarray((2 * X.shape[1] + 8) * ULP * terms)
