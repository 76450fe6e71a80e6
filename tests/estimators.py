# SPDX-License-Identifier: Apache-2.0
"""Fitted estimators that every stage is tested with: one row a case, the hard cases of other exporters included.

The oracle of a case is its estimator on ``X_test.astype(float32).astype(float64)``, all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

Data = tuple[np.ndarray, np.ndarray]  # X float64, y


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator and rows it has not seen."""

    estimator: Any
    X_test: np.ndarray
    y_test: np.ndarray

    @property
    def X_device(self) -> np.ndarray:
        """What the device sees, as float64: the input of the oracle."""
        return self.X_test.astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class Case:
    """One row: an unfitted estimator and the data it is fitted and tested on."""

    name: str
    estimator: Callable[[], Any]
    data: Callable[[], Data]
    kind: str = "classifier"
    demo: bool = False

    def fit(self) -> Fitted:
        """The fitted case; fitted once a process."""
        return _fit(self)

    def __str__(self) -> str:
        return self.name


@cache
def _fit(case: Case) -> Fitted:
    X, y = case.data()
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    return Fitted(case.estimator().fit(X_train, y_train), X_test, y_test)


def digits() -> Data:
    """1797 images of 64 integers, 10 classes."""
    return datasets.load_digits(return_X_y=True)


def iris() -> Data:
    """150 rows of 4 features, 3 classes."""
    return datasets.load_iris(return_X_y=True)


def wine() -> Data:
    """178 rows of 13 features, 3 classes."""
    return datasets.load_wine(return_X_y=True)


def cancer() -> Data:
    """569 rows of 30 features, 2 classes."""
    return datasets.load_breast_cancer(return_X_y=True)


def diabetes() -> Data:
    """442 rows of 10 features, one target."""
    return datasets.load_diabetes(return_X_y=True)


def relabelled(data: Callable[[], Data], labels: list[Any]) -> Callable[[], Data]:
    """The same rows with other class labels."""

    def load() -> Data:
        X, y = data()
        return X, np.array(labels)[y]

    return load


def with_nan(data: Callable[[], Data]) -> Callable[[], Data]:
    """Every seventh value is missing, in the training rows and in the test rows."""

    def load() -> Data:
        X, y = data()
        X = X.copy()
        X.ravel()[::7] = np.nan
        return X, y

    return load


def transformed(data: Callable[[], Data], change: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Data]:
    """The same rows with other features."""

    def load() -> Data:
        X, y = data()
        return change(X), y

    return load


def blobs(n_classes: int, n_features: int, seed: int, counts: list[int] | None = None) -> Callable[[], Data]:
    """Gaussian clouds, one a class; `counts` gives the rows of each."""

    def load() -> Data:
        rng = np.random.default_rng(seed)
        rows = counts or [40] * n_classes
        centres = rng.normal(size=(n_classes, n_features)) * 2
        y = np.repeat(np.arange(n_classes), rows)
        return centres[y] + rng.normal(size=(len(y), n_features)), y

    return load


def integers() -> Data:
    """Small integers with many equal values, so that rows lie on both sides of every threshold."""
    rng = np.random.default_rng(5)
    X = rng.integers(-8, 8, size=(400, 6)).astype(np.float64)
    return X, (X[:, 0] * X[:, 1] > X[:, 2]).astype(int) + (X[:, 3] > 2)


def on_thresholds() -> Data:
    """Eighths: the thresholds of a tree are sixteenths or eighths, all exact in float32, and rows hit them."""
    rng = np.random.default_rng(6)
    X = rng.integers(0, 17, size=(500, 4)) / 8
    X[::2] = np.round(X[::2] * 4) / 4
    return X, ((X[:, 0] <= 0.5) ^ (X[:, 1] + X[:, 2] <= 1.75)).astype(int)


def two_targets() -> Data:
    """Diabetes with a second target."""
    X, y = diabetes()
    return X, np.column_stack([y, X[:, 2] * 1e3 - y])


def wide_scales(X: np.ndarray) -> np.ndarray:
    """Features of about 1e-8 and 1e8, alternating."""
    return X * np.where(np.arange(X.shape[1]) % 2, 1e8, 1e-8)


def forest(n_trees: int, **options: Any) -> Callable[[], Any]:
    """A random forest with a fixed seed."""
    return lambda: RandomForestClassifier(n_trees, random_state=0, **options)


def scaled(scaler: Any, last: Any) -> Callable[[], Any]:
    """A Pipeline of one scaler and an estimator."""
    return lambda: make_pipeline(scaler, last)


def logistic(**options: Any) -> LogisticRegression:
    """A LogisticRegression that converges on these data sets."""
    return LogisticRegression(max_iter=5000, **options)


def linear(build: Callable[..., Any], **options: Any) -> Callable[[], Any]:
    """Any estimator with options."""
    return lambda: build(**options)


CASES: list[Case] = [
    # The demo models.
    Case("digits_forest", forest(100), digits, demo=True),
    Case("digits_logistic", scaled(StandardScaler(), logistic()), digits, demo=True),
    Case("digits_gaussian_nb", GaussianNB, digits, demo=True),
    # Trees and forests.
    Case("iris_tree", lambda: DecisionTreeClassifier(random_state=0), iris),
    Case("cancer_forest", forest(25), cancer),
    Case("cancer_forest_min_leaf", forest(20, min_samples_leaf=3), cancer),
    Case("wine_extra_trees", lambda: ExtraTreesClassifier(30, random_state=0), wine),
    Case("digits_forest_depth_2", forest(20, max_depth=2), digits),
    Case("integer_tree", lambda: DecisionTreeClassifier(random_state=0), integers),
    Case("threshold_tree", lambda: DecisionTreeClassifier(random_state=0), on_thresholds),
    Case("two_tree_ties", forest(2, bootstrap=False, max_features=1), integers),
    Case("one_leaf_tree", lambda: DecisionTreeClassifier(max_depth=1, min_samples_leaf=100), iris),
    Case("one_class_tree", DecisionTreeClassifier, relabelled(iris, [4, 4, 4])),
    Case("one_class_string_forest", forest(3), relabelled(iris, ["only", "only", "only"])),
    Case("nan_tree", lambda: DecisionTreeClassifier(random_state=0), with_nan(wine)),
    Case("nan_forest", forest(20), with_nan(iris)),
    Case("one_feature_tree", DecisionTreeClassifier, transformed(iris, lambda X: X[:, :1])),
    Case("wide_scale_forest", forest(10), transformed(iris, wide_scales)),
    Case("200_feature_forest", forest(15), blobs(4, 200, seed=1)),
    Case("diabetes_tree", lambda: DecisionTreeRegressor(max_depth=6, random_state=0), diabetes, "regressor"),
    Case("diabetes_forest", lambda: RandomForestRegressor(30, random_state=0), diabetes, "regressor"),
    Case("diabetes_extra_trees", lambda: ExtraTreesRegressor(12, random_state=0), diabetes, "regressor"),
    Case("two_target_forest", lambda: RandomForestRegressor(9, random_state=0), two_targets, "regressor"),
    # Trees behind scalers: float64 inside, rounded to float32 by the tree.
    Case("standard_forest", scaled(StandardScaler(), RandomForestClassifier(30, random_state=0)), wine),
    Case("min_max_forest", scaled(MinMaxScaler(), RandomForestClassifier(10, random_state=0)), digits),
    Case("clipped_forest", scaled(MinMaxScaler(clip=True), RandomForestClassifier(10, random_state=0)), wine),
    Case("max_abs_tree", scaled(MaxAbsScaler(), DecisionTreeClassifier(random_state=0)), wine),
    Case("normalized_tree", scaled(Normalizer(), DecisionTreeClassifier(random_state=0)), wine),
    Case(
        "nan_standard_forest",
        scaled(StandardScaler(), RandomForestClassifier(10, random_state=0)),
        with_nan(wine),
    ),
    Case(
        "standard_regressor",
        scaled(StandardScaler(), DecisionTreeRegressor(max_depth=8, random_state=0)),
        diabetes,
        "regressor",
    ),
    # Linear models.
    Case("cancer_logistic", scaled(StandardScaler(), logistic()), cancer),
    Case("iris_logistic", logistic, iris),
    Case("iris_logistic_no_intercept", linear(logistic, fit_intercept=False), iris),
    Case("wine_logistic_max_norm", scaled(Normalizer(norm="max"), logistic()), wine),
    Case("cancer_logistic_l1_norm", scaled(Normalizer(norm="l1"), logistic()), cancer),
    Case("digits_logistic_min_max", scaled(MinMaxScaler((-1, 1)), logistic()), digits),
    Case("one_feature_logistic", logistic, transformed(cancer, lambda X: X[:, 1:2])),
    Case("wide_scale_logistic", scaled(StandardScaler(), logistic()), transformed(iris, wide_scales)),
    Case("cancer_ridge_classifier", scaled(MaxAbsScaler(), RidgeClassifier()), cancer),
    Case("digits_ridge_classifier", RidgeClassifier, digits),
    Case("diabetes_linear", LinearRegression, diabetes, "regressor"),
    Case(
        "diabetes_linear_no_intercept", linear(LinearRegression, fit_intercept=False), diabetes, "regressor"
    ),
    Case("diabetes_ridge", scaled(StandardScaler(with_mean=False), Ridge()), diabetes, "regressor"),
    Case("two_target_linear", LinearRegression, two_targets, "regressor"),
    Case("two_target_ridge", scaled(StandardScaler(with_std=False), Ridge()), two_targets, "regressor"),
    # Gaussian naive Bayes.
    Case("iris_gaussian_nb", GaussianNB, iris),
    Case("cancer_gaussian_nb", scaled(StandardScaler(), GaussianNB()), cancer),
    Case("14_class_gaussian_nb", GaussianNB, blobs(14, 5, seed=2)),
    Case("imbalanced_gaussian_nb", GaussianNB, blobs(3, 4, seed=3, counts=[400, 30, 10])),
    Case("prior_gaussian_nb", linear(GaussianNB, priors=[0.2, 0.7, 0.1]), iris),
    Case("offset_gaussian_nb", GaussianNB, transformed(iris, lambda X: X + 1e6)),
    Case("float32_gaussian_nb", GaussianNB, transformed(wine, lambda X: X.astype(np.float32))),
    Case("float32_logistic", logistic, transformed(iris, lambda X: X.astype(np.float32))),
    Case(
        "tiny_variance_gaussian_nb",
        linear(GaussianNB, var_smoothing=0.0),
        transformed(blobs(3, 4, seed=4), lambda X: X * 1e-20),
    ),
    # Labels.
    Case("string_labels_forest", forest(10), relabelled(iris, ["setosa", "versicolor", "blütenlos"])),
    Case("string_labels_logistic", scaled(StandardScaler(), logistic()), relabelled(cancer, ["ill", "well"])),
    Case("string_labels_gaussian_nb", GaussianNB, relabelled(wine, ["c", "a", "b"])),
    Case("shifted_labels_tree", DecisionTreeClassifier, relabelled(iris, [100, 7, 3_000_000_000])),
    Case("negative_labels_logistic", scaled(MinMaxScaler(), logistic()), relabelled(cancer, [-1, 1])),
    Case("negative_labels_gaussian_nb", GaussianNB, relabelled(iris, [-5, 0, -2])),
    Case("negative_labels_tree", forest(3), relabelled(cancer, [-1, 1])),
    Case("string_labels_tree", DecisionTreeClassifier, relabelled(cancer, ["well", "ill"])),
    Case("boolean_labels_forest", forest(5), relabelled(cancer, [False, True])),
    Case("float_labels_ridge_classifier", RidgeClassifier, relabelled(iris, [1.0, 2.0, -3.0])),
]
