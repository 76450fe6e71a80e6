# SPDX-License-Identifier: Apache-2.0
"""Fitted estimators that every stage is tested with, and how far each may be from its Model; one file a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from tests.bounds import Bounds
from tests.case import Case
from tests.cases import (
    bayes,
    boosted_libraries,
    boosting,
    clusters,
    columns,
    composition,
    features,
    labels,
    linear,
    mixtures,
    neighbours,
    svm,
    trees,
)

#: The families, each a file.
FAMILIES = (
    trees, boosting, boosted_libraries, linear, features, columns, bayes, clusters, mixtures, svm, neighbours, labels,
    composition,
)  # fmt: skip

#: Every case; names are unique.
CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]

#: Cases whose Models differ from those of other cases in numbers alone; they are tested up to the Model.
TWINS: list[Case] = [*linear.TWINS, *features.TWINS, *columns.TWINS]

#: Class name -> bounds that follow from the estimator's formula on some rows.
BOUNDS: dict[str, Callable[[Any, np.ndarray], Bounds]] = {
    name: bound for family in FAMILIES for name, bound in family.BOUNDS.items()
}


def bounds(estimator: Any, X: np.ndarray) -> Bounds:
    """The bounds of an estimator, or of the last step of a Pipeline, on rows X."""
    if isinstance(estimator, Pipeline):
        off = features.carried(estimator[:-1], X)
        estimator, X = estimator[-1], estimator[:-1].transform(X)
        if off is not None:
            return linear.bounds_of_sums(estimator, X, off)
    return BOUNDS[type(estimator).__name__](estimator, X)
