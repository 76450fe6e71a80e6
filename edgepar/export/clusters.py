# SPDX-License-Identifier: Apache-2.0
"""Centroids: index of the nearest, and the distances to all."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter


def k_means(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """KMeans and MiniBatchKMeans: label and distances."""
    label, transformed = emitter.outputs
    centroids = emitter.parameter("centroids", estimator.cluster_centers_)
    squares = emitter.call("CentroidSquares", [emitter.x(), centroids])
    emitter.call("CentroidDistance", [squares], transformed)
    emitter.call("NearestLabel", [squares, emitter.classes(classes)], label)


def n_centroids(estimator: Any) -> int:
    """How many clusters there are."""
    return len(np.asarray(estimator.cluster_centers_))
