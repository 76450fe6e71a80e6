# SPDX-License-Identifier: Apache-2.0
"""Fitted estimators that every stage is tested with, and how far each may be from its Model; one file a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from tests.bounds import Bounds
from tests.case import Case
from tests.cases import bayes, boosting, clusters, labels, linear, trees

#: Every case; names are unique.
CASES: list[Case] = [
    *trees.CASES,
    *boosting.CASES,
    *linear.CASES,
    *bayes.CASES,
    *clusters.CASES,
    *labels.CASES,
]

#: Cases whose Models differ from those of other cases in numbers alone; they are tested up to the Model.
TWINS: list[Case] = linear.TWINS

#: Class name -> bounds that follow from the estimator's formula on some rows.
BOUNDS: dict[str, Callable[[Any, np.ndarray], Bounds]] = {
    **trees.BOUNDS,
    **boosting.BOUNDS,
    **linear.BOUNDS,
    **bayes.BOUNDS,
    **clusters.BOUNDS,
}


def bounds(estimator: Any, X: np.ndarray) -> Bounds:
    """The bounds of an estimator, or of the last step of a Pipeline, on rows X."""
    if isinstance(estimator, Pipeline):
        estimator, X = estimator[-1], estimator[:-1].transform(X)
    return BOUNDS[type(estimator).__name__](estimator, X)
