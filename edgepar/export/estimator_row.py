# SPDX-License-Identifier: Apache-2.0
"""What the table of estimators says of one, and the families of estimators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, cast

from edgepar.export import (
    columns,
    nan_features,
)
from edgepar.graph import METHODS
from edgepar.graph import Role as Output

Role = Literal["classifier", "regressor", "clusterer", "outlier_detector", "transformer"]
#: Roles that answer with a label, and can stand at the end of a Pipeline like a regressor.
LABELLED: tuple[Role, ...] = ("classifier", "clusterer", "outlier_detector")

#: Files of converters -> the families of estimators, in the order in which lists show them.
FAMILIES: dict[str, str] = {
    "linear": "linear models",
    "svm": "support vector machines",
    "bayes": "naive Bayes",
    "neighbours": "nearest neighbours",
    "trees": "trees",
    "boosting": "trees",
    "isolation": "trees",
    "xgboost_models": "trees",
    "lightgbm_models": "trees",
    "clusters": "clusters",
    "mixtures": "Gaussian components",
    "scalers": "scalers",
    "features": "features",
    "expansion": "features",
    "encoders": "categories",
    "missing": "missing values",
    "columns": "made of others",
    "composition": "made of others",
}


@dataclass(frozen=True)
class EstimatorRow:
    """One estimator: where its class is, what it gives and who converts it.

    Attributes
    ----------
    path
        Public dotted path of the class. Subclasses do not match: they may compute something else.
    role
        What the estimator is in a Pipeline; transformers come before one of the others.
    convert
        Writes the nodes. Those that answer with labels take (emitter, estimator, classes), the others
        (emitter, estimator).
    outputs
        The ONNX outputs in the order in which `convert` produces them. A fitted estimator has those of them whose
        method it has: no probabilities, for instance, without predict_proba.
    classes
        The labels of a fitted estimator in the order of its class indices.
    row_shape
        Shape of one row of an output by its name, for a fitted estimator; None where classes, n_outputs_ or coef_ tell.
    members
        The fitted estimators inside one, which are exported with it.
    parts
        The members of a transformer with the columns they read.
    n_features
        Number of features that a fitted estimator takes.
    width
        Number of features that a fitted transformer answers with; None where only what it is made of can say.
    nan
        Where NaN goes in a fitted transformer that takes it at all, by `nan_features`.
    """

    path: str
    role: Role
    convert: Callable[..., None]
    outputs: tuple[str, ...]
    classes: Callable[[Any], Any] = attrgetter("classes_")
    row_shape: Callable[[str, Any], tuple[int, ...] | None] = lambda *_: None
    members: Callable[[Any], Sequence[Any]] = lambda _: ()
    parts: Callable[[Any], Sequence[columns.Part]] | None = None
    n_features: Callable[[Any], int] = attrgetter("n_features_in_")
    width: Callable[[Any], int | None] = attrgetter("n_features_in_")
    nan: Callable[[Any, nan_features.Origins], nan_features.Passed] = nan_features.passed

    @property
    def name(self) -> str:
        """Class name, as users write it; with the package where two have one of that name."""
        return self.path if self.path.endswith(".Booster") else self.path.rpartition(".")[2]

    @property
    def family(self) -> str:
        """Key of FAMILIES: the file of its converter."""
        return self.convert.__module__.rpartition(".")[2]

    def outputs_of(self, estimator: Any) -> tuple[str, ...]:
        """The outputs that this fitted estimator has."""
        if self.role == "transformer":
            return self.outputs
        return tuple(output for output in self.outputs if hasattr(estimator, METHODS[cast(Output, output)]))
