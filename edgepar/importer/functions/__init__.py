# SPDX-License-Identifier: Apache-2.0
"""The functions of domain ai.edgepar: one node, one operation; one file a family, as in edgepar.functions."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.importer.builder import Builder
from edgepar.importer.functions import (
    bayes,
    categories,
    clusters,
    composition,
    distances,
    features,
    labels,
    linear,
    missing,
    mixtures,
    neighbours,
    scalers,
    svm,
)
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol

HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    **scalers.HANDLERS,
    **features.HANDLERS,
    **missing.HANDLERS,
    **linear.HANDLERS,
    **bayes.HANDLERS,
    **categories.HANDLERS,
    **clusters.HANDLERS,
    **mixtures.HANDLERS,
    **labels.HANDLERS,
    **composition.HANDLERS,
    **distances.HANDLERS,
    **neighbours.HANDLERS,
    **svm.HANDLERS,
}
"""Handlers of ai.edgepar by function name; a test holds them against the list of functions."""
