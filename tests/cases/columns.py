# SPDX-License-Identifier: Apache-2.0
"""Features made of features, and models behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from tests.case import (
    Case,
    Data,
    cancer,
    diabetes,
    digits,
    iris,
    scaled,
    transformed,
    two_targets,
    wine,
    with_nan,
)


def whole_numbers() -> Data:
    """400 rows of 4 features with a few whole numbers each, some of them rare, 3 classes."""
    rng = np.random.default_rng(9)
    X = np.minimum(rng.geometric(0.35, (400, 4)), [3, 6, 9, 12]).astype(np.float64) - [0, 2, 5, 0]
    y = (X[:, 0] == 2).astype(int) + (X[:, 2] % 3 == X[:, 3] % 3)
    return X, y


def first_is_empty(X: np.ndarray) -> np.ndarray:
    """Nothing but missing values in the first feature."""
    X = X.copy()
    X[:, 0] = np.nan
    return X


def mixed_columns() -> Data:
    """400 rows of 9 features: 5 measurements, some of them missing, 2 categories, a switch and noise; 3 classes."""
    rng = np.random.default_rng(10)
    X = np.empty((400, 9))
    X[:, :5] = rng.normal(size=(400, 5)) * [1.0, 1e3, 1e-3, 5.0, 0.1] + [0.0, 1e4, 0.0, -3.0, 2.0]
    X[:, 5], X[:, 6] = rng.integers(0, 5, 400), rng.choice([-1, 4, 9], 400)
    X[:, 7], X[:, 8] = rng.integers(0, 2, 400), rng.normal(size=400)
    y = (X[:, 0] + X[:, 7] > 0.3).astype(int) + ((X[:, 5] == 2) | (X[:, 6] == 9))
    X[:, :3][rng.random((400, 3)) < 0.15] = np.nan
    return X, y


def mixed(remainder: Any = "drop") -> ColumnTransformer:
    """What is done to them, column by column."""
    return ColumnTransformer(
        [
            ("measured", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), slice(0, 4)),
            ("category", OneHotEncoder(handle_unknown="ignore"), [6, 5]),
            ("switch", "passthrough", np.arange(9) == 7),
            ("nothing", "drop", [4]),
        ],
        remainder=remainder,
    )


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
    Case("nan_mean_logistic", scaled(SimpleImputer(), LogisticRegression(max_iter=9000)), with_nan(wine)),
    Case(
        "nan_median_flags_ridge",
        lambda: make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), RidgeClassifier()
        ),
        transformed(with_nan(cancer), first_is_empty),
    ),
    Case(
        "scaled_nan_logistic",
        lambda: make_pipeline(StandardScaler(), SimpleImputer(), LogisticRegression(max_iter=5000)),
        with_nan(cancer),
    ),
    Case(
        "nan_constant_tree",
        lambda: make_pipeline(
            SimpleImputer(strategy="constant", fill_value=0.3),
            StandardScaler(),
            DecisionTreeClassifier(random_state=0),
        ),
        with_nan(wine),
    ),
    Case(
        "number_for_missing",
        scaled(SimpleImputer(missing_values=0, strategy="most_frequent", add_indicator=True), Ridge()),
        transformed(digits, lambda X: X[:, :30]),
        "regressor",
    ),
    Case(
        "one_hot_logistic",
        scaled(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=5000)),
        whole_numbers,
    ),
    Case(
        "infrequent_one_hot_bayes",
        scaled(
            OneHotEncoder(
                drop="first", max_categories=5, handle_unknown="infrequent_if_exist", sparse_output=False
            ),
            GaussianNB(),
        ),
        with_nan(whole_numbers),
    ),
    Case(
        "ordinal_tree",
        scaled(
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
            DecisionTreeClassifier(random_state=0),
        ),
        with_nan(whole_numbers),
    ),
    Case(
        "nan_ordinal_logistic",
        scaled(
            OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=-3,
                encoded_missing_value=-7,
                max_categories=6,
            ),
            LogisticRegression(max_iter=5000),
        ),
        with_nan(whole_numbers),
    ),
    Case("binned_wine_logistic", scaled(KBinsDiscretizer(4), LogisticRegression()), wine),
    Case("mixed_logistic", scaled(mixed(), LogisticRegression(max_iter=5000)), mixed_columns),
    Case(
        "mixed_forest",
        scaled(mixed("passthrough"), RandomForestClassifier(20, random_state=0)),
        mixed_columns,
    ),
    Case(
        "union_ridge",
        scaled(
            FeatureUnion(
                [
                    ("pca", PCA(3)),
                    ("best", SelectKBest(k=4)),
                    ("none", "drop"),
                    ("all", "passthrough"),
                    ("cubes", make_pipeline(MinMaxScaler(), PolynomialFeatures((3, 3)))),
                ],
                transformer_weights={"pca": 0.01, "all": -2.0},
            ),
            RidgeClassifier(),
        ),
        transformed(wine, lambda X: X[:, :6]),
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
    Case(
        "twin_ordinal_bins",
        scaled(KBinsDiscretizer(3, encode="ordinal", strategy="uniform"), Ridge()),
        wine,
        "regressor",
    ),
    Case(
        "twin_number_flags",
        scaled(MissingIndicator(missing_values=0, features="all"), Ridge()),
        digits,
        "regressor",
    ),
    Case("twin_nan_flags", scaled(MissingIndicator(error_on_new=False), GaussianNB()), with_nan(wine)),
    Case(
        "twin_nested_columns",
        scaled(
            ColumnTransformer(
                [
                    (
                        "inner",
                        ColumnTransformer([("a", FunctionTransformer(), [1])], remainder=MinMaxScaler()),
                        [0, 2, 4],
                    ),
                    ("both", make_union(StandardScaler(), make_pipeline("passthrough")), [-1]),
                ],
                transformer_weights={"inner": 2.0},
            ),
            Ridge(),
        ),
        diabetes,
        "regressor",
    ),
    Case("twin_function", scaled(FunctionTransformer(validate=True), Ridge()), diabetes, "regressor"),
    Case("twin_binary_bayes", scaled(Binarizer(threshold=2.0), GaussianNB()), wine),
]

BOUNDS: dict[str, Any] = {}
