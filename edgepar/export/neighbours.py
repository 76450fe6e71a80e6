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
    # What `metric` and `p` come to has no public name in all of these classes. With metric="p" the constructor's p
    # counts for nothing, and without metric_params the power is 2.
    return estimator.effective_metric_, float(estimator.effective_metric_params_.get("p", 2.0))


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


def nearest_centroid(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """NearestCentroid: label; of the Euclidean metric also scores of features in deviations of their class."""
    label, decision = emitter.output("label") or "", emitter.output("decision") or ""
    table = emitter.classes(classes)
    # The rule by which scikit-learn asks distances alone.
    uniform = bool(np.isclose(estimator.class_prior_, 1 / len(classes)).all())
    if uniform:
        found = _to_centroids(emitter, estimator.metric, emitter.x(), estimator.centroids_)
        emitter.call("NearestLabel", [found, table], label)
    probabilities = emitter.output("probabilities")
    if uniform and not (decision or probabilities):
        return
    two = len(classes) == 2
    scores = _scores(emitter, estimator, "" if two else decision)
    if two and decision:
        emitter.call("ScoreMargin", [scores], decision)
    if probabilities:
        emitter.call("Posterior", [scores], probabilities)
    if not uniform:
        emitter.call("ArgMaxLabel", [scores, table], label)


def has_priors(estimator: Any) -> bool:
    """Whether each class of a NearestCentroid has a prior above 0."""
    return bool((np.asarray(estimator.class_prior_) > 0).all())


def _to_centroids(emitter: Emitter, metric_name: str, x: str, centroids: npt.NDArray[np.float64]) -> str:
    """Squared Euclidean or Manhattan distances."""
    function = "CentroidSquares" if metric_name == "euclidean" else "ManhattanDistances"
    return emitter.call(function, [x, emitter.parameter("centroids", centroids)])


def _scores(emitter: Emitter, estimator: Any, output: str) -> str:
    """Discriminant scores: twice the log prior less the square of the distance in deviations."""
    deviation = np.where(estimator.within_class_std_dev_ != 0, estimator.within_class_std_dev_, 1.0)
    x = emitter.op("Div", [emitter.x(), emitter.parameter("deviation", deviation)], stem="scaled")
    found = _to_centroids(emitter, estimator.metric, x, estimator.centroids_ / deviation)
    if estimator.metric != "euclidean":
        pairs = np.repeat(np.arange(len(estimator.centroids_)), 2).reshape(-1, 2)
        found = emitter.call("PolynomialTerms", [found, emitter.indices("squares", pairs)])
    negative = emitter.op("Neg", [found], stem="nearness")
    priors = emitter.parameter("log_priors", 2.0 * np.log(estimator.class_prior_))
    return emitter.op("Add", [negative, priors], output, stem="scores")


def local_outlier_factor(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """LocalOutlierFactor for new samples: label, decision and score."""
    found, exponent = distances(emitter, estimator)
    # The training rows' own reaches and densities have no public names.
    reach = np.asarray(estimator._distances_fit_X_[:, estimator.n_neighbors_ - 1], dtype=np.float64)
    parameters = [
        emitter.parameter("reach", reach),
        emitter.parameter("density", estimator._lrd),  # noqa: SLF001
        emitter.integers("k", [estimator.n_neighbors_]),
        emitter.parameter("exponent", exponent),
    ]
    score = emitter.call("OutlierFactor", [found, *parameters], emitter.output("score") or "")
    offset = emitter.parameter("offset", float(estimator.offset_))
    decision = emitter.op("Sub", [score, offset], emitter.output("decision") or "", stem="decision")
    emitter.call("NonNegativeLabel", [decision, emitter.classes(classes)], emitter.output("label") or "")
