# SPDX-License-Identifier: Apache-2.0
"""A test case: a fitted estimator and rows it has not seen; and the data sets that cases are made of.

The oracle of a case is its estimator on ``X_test.astype(float32).astype(float64)``, all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

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
