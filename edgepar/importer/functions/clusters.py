# SPDX-License-Identifier: Apache-2.0
"""Distances to centroids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder, label_table
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import Root, SquaredDistances


def centroid_squares(builder: Builder, node: Node) -> Symbol:
    """Squared distances to each centroid."""
    node.only_attributes()
    x = double(node)
    centroids = node.numbers(1)
    if len(x.shape) != 1 or centroids.ndim != 2 or centroids.shape[1] != x.len or not len(centroids):
        raise node.damaged(f"centroids of shape {list(centroids.shape)} for samples of shape {list(x.shape)}")
    if not np.isfinite(centroids).all():
        raise node.unsupported("a centroid is not finite", "centroids are finite numbers")
    op = SquaredDistances((x.value,), builder.fresh(), node.where, centroids)
    return Tensor(builder.add(op), "float64", (len(centroids),), False)


def centroid_distance(builder: Builder, node: Node) -> Symbol:
    """Roots of squared distances."""
    node.only_attributes()
    x = double(node)
    op = Root((x.value,), builder.fresh(), node.where)
    return Tensor(builder.add(op), "float64", x.shape, False)


def nearest_label(builder: Builder, node: Node) -> Symbol:
    """Label of the first least distance."""
    node.only_attributes()
    x = node.tensor(0)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one distance a centroid")
    return builder.label(node, builder.classify(node, x, "argmin"), label_table(node, node.constant(1)))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "CentroidSquares": centroid_squares,
    "CentroidDistance": centroid_distance,
    "NearestLabel": nearest_label,
}
