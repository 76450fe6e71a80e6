# SPDX-License-Identifier: Apache-2.0
"""Transformers that change the number of features: selections and projections."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgepar.export.emitter import ML_DOMAIN, Emitter


def selection(emitter: Emitter, selector: Any) -> None:
    """Whatever has get_support: those features, in their order."""
    columns = emitter.classes(np.flatnonzero(selector.get_support()).astype(np.int64))
    emitter.op("ArrayFeatureExtractor", [emitter.x(), columns], emitter.outputs[0], domain=ML_DOMAIN)


def n_selected(selector: Any) -> int:
    """Number of features that a selector keeps."""
    return int(np.count_nonzero(selector.get_support()))


def pca(emitter: Emitter, estimator: Any) -> None:
    """PCA: the projection less that of the mean, then divided by the deviations where whitened."""
    components = estimator.components_
    parameters = [
        emitter.parameter("components", components),
        emitter.parameter("offset", -(np.reshape(estimator.mean_, (1, -1)) @ components.T)[0]),
    ]
    output = emitter.outputs[0]
    projected = emitter.call("Linear", [emitter.x(), *parameters], "" if estimator.whiten else output)
    if estimator.whiten:
        scale = np.sqrt(estimator.explained_variance_)
        deviations = np.maximum(scale, np.finfo(scale.dtype).eps)
        emitter.op("Div", [projected, emitter.parameter("deviations", deviations)], output)


def truncated_svd(emitter: Emitter, estimator: Any) -> None:
    """TruncatedSVD: the projection."""
    components = estimator.components_
    parameters = [
        emitter.parameter("components", components),
        emitter.parameter("offset", np.zeros(len(components))),
    ]
    emitter.call("Linear", [emitter.x(), *parameters], emitter.outputs[0])


def n_components(estimator: Any) -> int:
    """Number of components of a projection."""
    return len(estimator.components_)
