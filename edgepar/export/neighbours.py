# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours: distances to the training rows, then the targets of the nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter

#: Names of metrics in scikit-learn -> functions of ai.edgepar.
METRICS: dict[str, str] = {
    "euclidean": "SquaredDistances",
    "l2": "SquaredDistances",
    "manhattan": "ManhattanDistances",
    "cityblock": "ManhattanDistances",
    "l1": "ManhattanDistances",
    "chebyshev": "ChebyshevDistances",
    "infinity": "ChebyshevDistances",
    "minkowski": "PowerDistances",
    "p": "PowerDistances",
    "cosine": "CosineDistances",
}


def metric(estimator: Any) -> tuple[Any, float]:
    """The metric of a fitted estimator and, for a Minkowski metric, its power."""
    # What `metric` and `p` come to has no public name in all of these classes.
    return estimator.effective_metric_, float(estimator.effective_metric_params_.get("p", estimator.p))


def distances(emitter: Emitter, estimator: Any) -> tuple[str, float]:
    """Distances to the training rows, raised to the power whose root they need, and that root as an exponent."""
    name, p = metric(estimator)
    rows = np.asarray(estimator._fit_X, dtype=np.float64)  # noqa: SLF001 - kneighbors itself reads it
    function = METRICS[name]
    x = emitter.x()
    if function == "PowerDistances" and p in (1.0, 2.0, np.inf):
        function = {1.0: "ManhattanDistances", 2.0: "SquaredDistances", np.inf: "ChebyshevDistances"}[p]
    if function == "PowerDistances":
        inputs = [x, emitter.parameter("rows", rows), emitter.parameter("p", p)]
        return emitter.call(function, inputs), 1.0 / p
    if function == "CosineDistances":
        from sklearn.preprocessing import normalize

        # Lengths below ten roundings of 1 count as 1, as in sklearn.preprocessing.normalize.
        smallest = emitter.parameter("smallest", 10 * np.finfo(np.float64).eps)
        x, rows = emitter.call("NormalizeL2", [x, smallest]), normalize(rows)
    found = emitter.call(function, [x, emitter.parameter("rows", rows)])
    return found, 0.5 if function == "SquaredDistances" else 1.0


def row_shape(output: str, estimator: Any) -> tuple[int, ...] | None:
    """Shape of one row of an output, which follows from the training targets."""
    return np.shape(estimator._y)[1:] if output == "value" else None  # noqa: SLF001


def k_neighbors_classifier(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """KNeighborsClassifier: label and probabilities."""
    label, probabilities = emitter.output("label") or "", emitter.output("probabilities") or ""
    targets = np.eye(len(classes))[np.ravel(estimator._y)]  # noqa: SLF001 - predict itself reads it
    if estimator.weights == "uniform":
        votes = _neighbours(emitter, estimator, targets)
        count = emitter.parameter("count", float(estimator.n_neighbors))
        emitter.op("Div", [votes, count], probabilities)
    else:
        votes = _neighbours(emitter, estimator, targets, probabilities)
    emitter.call("ArgMaxLabel", [votes, emitter.classes(classes)], label)


def k_neighbors_regressor(emitter: Emitter, estimator: Any) -> None:
    """KNeighborsRegressor, of one target or several."""
    y = np.asarray(estimator._y, dtype=np.float64)  # noqa: SLF001 - predict itself reads it
    (value,) = emitter.outputs
    matrix = emitter.name("means") if y.ndim == 1 else value
    targets = y.reshape(len(y), -1)
    if estimator.weights == "uniform":
        sums = _neighbours(emitter, estimator, targets)
        emitter.op("Div", [sums, emitter.parameter("count", float(estimator.n_neighbors))], matrix)
    else:
        _neighbours(emitter, estimator, targets, matrix)
    if y.ndim == 1:
        emitter.op("Squeeze", [matrix, emitter.axes(1)], value)


def _neighbours(emitter: Emitter, estimator: Any, targets: npt.NDArray[Any], output: str = "") -> str:
    found, exponent = distances(emitter, estimator)
    count = emitter.integers("k", [estimator.n_neighbors])
    inputs = [found, emitter.parameter("targets", targets), count]
    if estimator.weights == "uniform":
        return emitter.call("NeighbourSum", inputs, output)
    return emitter.call("NeighbourMean", [*inputs, emitter.parameter("exponent", exponent)], output)
