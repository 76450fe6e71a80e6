# SPDX-License-Identifier: Apache-2.0
"""Transformers that change the number of features, and models behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
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
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

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
    """How far the features may be off behind a projection, which has to be the last of the steps; None without one."""
    if not isinstance(steps[-1], (PCA, TruncatedSVD)):
        return None
    before = steps[:-1].transform(X) if len(steps) > 1 else X
    last = steps[-1]
    terms = np.abs(before) @ np.abs(last.components_).T
    if isinstance(last, PCA):
        terms = terms + np.abs(last.mean_) @ np.abs(last.components_).T
        if last.whiten:
            terms = terms / np.sqrt(last.explained_variance_)
    return np.asarray((2 * before.shape[1] + 8) * ULP * terms)
