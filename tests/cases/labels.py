# SPDX-License-Identifier: Apache-2.0
"""Labels of every kind."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.case import Case, cancer, forest, iris, logistic, relabelled, scaled, wine

CASES: list[Case] = [
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

#: The estimators are those of other families.
BOUNDS: dict[str, Any] = {}
