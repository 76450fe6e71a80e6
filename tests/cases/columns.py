# SPDX-License-Identifier: Apache-2.0
"""Features made of features, and models behind them."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, MinMaxScaler, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.case import Case, cancer, diabetes, digits, iris, scaled, two_targets, wine

CASES: list[Case] = [
    Case("iris_square_logistic", scaled(PolynomialFeatures(), LogisticRegression(max_iter=5000)), iris),
    Case(
        "wine_products_ridge",
        lambda: make_pipeline(
            StandardScaler(), PolynomialFeatures(interaction_only=True, include_bias=False), RidgeClassifier()
        ),
        wine,
    ),
    Case("diabetes_cubic_ridge", scaled(PolynomialFeatures(3), Ridge()), diabetes, "regressor"),
    Case("square_tree", scaled(PolynomialFeatures((2, 2)), DecisionTreeClassifier(random_state=0)), iris),
    Case(
        "binary_digits_logistic", scaled(Binarizer(threshold=7.5), LogisticRegression(max_iter=5000)), digits
    ),
    Case(
        "scaled_binary_tree",
        lambda: make_pipeline(
            MinMaxScaler(), Binarizer(threshold=0.3), DecisionTreeClassifier(max_depth=6, random_state=0)
        ),
        cancer,
    ),
]

#: Their Models differ from those above in numbers alone, so they are tested up to the Model.
TWINS: list[Case] = [
    Case("twin_no_square", scaled(PolynomialFeatures((2, 3), order="F"), Ridge()), two_targets, "regressor"),
    Case("twin_binary_bayes", scaled(Binarizer(threshold=2.0), GaussianNB()), wine),
]

BOUNDS: dict[str, Any] = {}
