# SPDX-License-Identifier: Apache-2.0
"""An estimator as steps with their rows of the table, looked up and checked at any depth."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

from edgepar import errors
from edgepar.export.estimator_row import EstimatorRow
from edgepar.export.estimators import ESTIMATORS
from edgepar.export.refused_options import REFUSED_OPTIONS
from edgepar.export.support import suggestion

#: Packages whose models are exported where they are installed.
OPTIONAL_PACKAGES = ("xgboost", "lightgbm")


@dataclass(frozen=True)
class Step:
    """An estimator of the table, and its row."""

    estimator: Any
    row: EstimatorRow


@cache
def _rows_by_class() -> dict[type, EstimatorRow]:
    rows = {}
    for row in ESTIMATORS:
        module, _, class_name = row.path.rpartition(".")
        if module.partition(".")[0] not in OPTIONAL_PACKAGES:
            rows[getattr(importlib.import_module(module), class_name)] = row
    return rows


def _row_of(cls: type) -> EstimatorRow | None:
    """The row of a class; packages that may be missing are loaded already if there is an instance."""
    package = cls.__module__.partition(".")[0]
    if package not in OPTIONAL_PACKAGES:
        return _rows_by_class().get(cls)
    for row in ESTIMATORS:
        module, _, class_name = row.path.rpartition(".")
        if module == package and getattr(sys.modules[package], class_name, None) is cls:
            return row
    return None


def resolve(estimator: Any) -> list[Step]:
    """The steps of an estimator with their table rows: transformers, then one classifier or regressor."""
    found = steps_of(estimator)
    roles = [step.row.role for step in found]
    name = type(estimator).__name__
    if not found or roles[-1] == "transformer":
        raise errors.UnsupportedEstimatorError(
            f"{name} ends in no classifier or regressor, and a Model has to predict something: "
            "export a Pipeline whose last step is one."
        )
    if any(role != "transformer" for role in roles[:-1]):
        middle = next(step.row.name for step in found[:-1] if step.row.role != "transformer")
        raise errors.UnsupportedEstimatorError(
            f"{name} has {middle} before its last step, where only transformers are allowed: export it alone."
        )
    return found


def steps_of(estimator: Any) -> list[Step]:
    """The steps of an estimator, Pipelines and frozen estimators taken apart; UnsupportedEstimatorError for others."""
    return [_look_up(step) for step in _flatten(estimator)]


def check(steps: list[Step]) -> None:
    """NotFittedError or UnsupportedEstimatorError where a step, or a member of one at any depth, is not exported."""
    for step in steps:
        _check_step(step)
        for member in step.row.members(step.estimator):
            check(steps_of(member))


def _flatten(estimator: Any) -> list[Any]:
    from sklearn.frozen import FrozenEstimator
    from sklearn.pipeline import Pipeline

    if type(estimator) is FrozenEstimator:
        return _flatten(estimator.estimator)
    if type(estimator) is not Pipeline:
        return [estimator]
    steps = [step for _, step in estimator.steps if step is not None and step != "passthrough"]
    return [leaf for step in steps for leaf in _flatten(step)]


def _look_up(estimator: Any) -> Step:
    row = _row_of(type(estimator))
    if row is None:
        if isinstance(estimator, type):
            raise errors.UnsupportedEstimatorError(
                f"{estimator.__name__} is a class, not a fitted estimator: make one and call fit before the export."
            )
        cls = type(estimator)
        raise errors.UnsupportedEstimatorError(
            f"{cls.__module__.partition('.')[0]}'s {cls.__name__} cannot be exported; {suggestion(cls.__name__)}"
        )
    return Step(estimator, row)


def _check_step(step: Step) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        if hasattr(step.estimator, "fit"):  # a Booster is the result of a fit
            check_is_fitted(step.estimator)
    except NotFittedError:
        raise errors.NotFittedError(
            f"This {step.row.name} is not fitted: call fit with the training data before the export."
        ) from None
    for refused in REFUSED_OPTIONS:
        if step.row.name in refused.names and refused.applies(step.estimator):
            raise errors.UnsupportedEstimatorError(
                f"{step.row.name} with {refused.option} cannot be exported: {refused.instead}."
            )


def n_features_of(steps: list[Step]) -> int:
    """Number of features that the first step takes."""
    found = _stated_features(steps)
    if found is None:
        first = steps[0].row.name
        raise errors.UnsupportedEstimatorError(
            f"{first} does not say how many features it takes, for no member knows: "
            "put a step that does, such as FunctionTransformer(), before it."
        )
    return found


def _stated_features(steps: list[Step]) -> int | None:
    """The same; None where nothing in the first step says it."""
    if not steps:  # a Pipeline that passes its input on
        return None
    first = steps[0]
    try:
        return int(first.row.n_features(first.estimator))
    except AttributeError:
        # scikit-learn asks the first member only, which may be 'drop'.
        inside = (_stated_features(steps_of(m)) for m in first.row.members(first.estimator))
        return next((found for found in inside if found is not None), None)
