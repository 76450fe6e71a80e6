# SPDX-License-Identifier: Apache-2.0
"""Reference workloads of models/: how each is trained, on what data, and how well it must do."""

from __future__ import annotations

import importlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from edgepar.data import data_folder
from edgepar.errors import UsageError

#: Data that comes inside a package, by the name a workload gives.
DATA = {
    "digits": "sklearn.datasets.load_digits",
    "wine": "sklearn.datasets.load_wine",
    "fashion_mnist": "edgepar.fashion_mnist.load_fashion_mnist",
}

#: What a workload can be part of: `make demo`, and `edgepar bench seed`.
Suite = Literal["demo", "seed"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Table):
    """One estimator of the export table, and its parameters where they are not the defaults."""

    estimator: str
    parameters: dict[str, int | float | str | bool] = {}


class Bench(_Table):
    """A row that the bench measures of a workload.

    Attributes
    ----------
    kernel : str
        What the row is called.
    what : str
        ``predict``, or ``fit``: one Lloyd iteration on the training rows.
    batch : int
        Samples of one call of ``predict``.
    cores : tuple[int, ...]
        Counts of cores it runs on; 1 and the largest make the speed-up.
    slice_rows : int | None
        Rows of a fit where all of them would take minutes or do not fit: with emulated floats, and on Cortex-M4.
    """

    kernel: str
    what: Literal["predict", "fit"] = "predict"
    batch: int = 1
    cores: tuple[int, ...] = (1, 2, 4, 8)
    slice_rows: int | None = None


class Workload(_Table):
    """A model.toml; ``name`` is its folder."""

    name: str
    title: str
    suites: tuple[Suite, ...]
    data: str
    test_rows: int
    seed: int
    expected_accuracy: float
    steps: tuple[Step, ...]
    bench: tuple[Bench, ...] = ()

    def train(self) -> Trained:
        """Fit it; the same versions of numpy and scikit-learn give the same estimator, on any number of threads."""
        from sklearn.model_selection import train_test_split
        from threadpoolctl import threadpool_limits

        module, _, loader = DATA[self.data].rpartition(".")
        X, y = getattr(importlib.import_module(module), loader)(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=self.test_rows, random_state=self.seed, stratify=y
        )
        # More threads cut the sums of BLAS elsewhere, and an optimiser ends at other bits.
        with threadpool_limits(1):
            estimator = self.estimator().fit(X_train, y_train)
        return Trained(self, estimator, X_train, y_train, X_test, y_test)

    def estimator(self) -> Any:
        """What it trains, not fitted."""
        from sklearn.pipeline import make_pipeline

        estimators = [_estimator_class(step.estimator)(**step.parameters) for step in self.steps]
        return estimators[0] if len(estimators) == 1 else make_pipeline(*estimators)


@dataclass(frozen=True, eq=False)
class Trained:
    """A fitted workload and rows it has not seen."""

    workload: Workload
    estimator: Any
    X_train: npt.NDArray[np.float64]
    y_train: npt.NDArray[Any]
    X_test: npt.NDArray[np.float64]
    y_test: npt.NDArray[Any]

    def score(self) -> float:
        """Accuracy on the test rows; of clusters, whose numbers mean nothing, the adjusted Rand index."""
        from sklearn.base import is_clusterer
        from sklearn.metrics import accuracy_score, adjusted_rand_score

        measure = adjusted_rand_score if is_clusterer(self.estimator) else accuracy_score
        return float(measure(self.y_test, self.estimator.predict(self.X_test)))


@cache
def workloads() -> dict[str, Workload]:
    """All workloads by name."""
    return {path.parent.name: _read(path) for path in sorted(data_folder("models").glob("*/model.toml"))}


def suite(name: Suite) -> dict[str, Workload]:
    """The workloads of one suite by name."""
    return {key: workload for key, workload in workloads().items() if name in workload.suites}


def _read(path: Path) -> Workload:
    return Workload(name=path.parent.name, **tomllib.loads(path.read_text(encoding="utf-8")))


def _estimator_class(name: str) -> Any:
    from edgepar.export import ESTIMATORS
    from edgepar.export.support import suggestion

    for row in ESTIMATORS:
        if row.name == name:
            return getattr(importlib.import_module(row.path.rpartition(".")[0]), name)
    raise UsageError(f"workload: estimator {name!r} is not known; {suggestion(name)}")
