# SPDX-License-Identifier: Apache-2.0
"""Distances of samples to the rows of a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import Numbers, double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import Distances, Linear, Similarity
from edgepar.ops.distances import Metric

_METRICS: dict[str, Metric] = {
    "SquaredDistances": "sqeuclidean",
    "ManhattanDistances": "manhattan",
    "ChebyshevDistances": "chebyshev",
    "PowerDistances": "power",
}
_LARGEST_POWER = 64.0


def number(node: Node, index: int) -> float:
    """A parameter that is one finite number."""
    array = node.numbers(index)
    if array.shape != () or not np.isfinite(array):
        raise node.unsupported(f"input {index} is no single finite number", "give one number without axes")
    return float(array)


def _rows(node: Node, x: Tensor) -> Numbers:
    rows = node.numbers(1)
    if len(x.shape) != 1 or rows.ndim != 2 or not len(rows) or rows.shape[1] != x.len:
        raise node.damaged(f"a table of shape {list(rows.shape)} for samples of shape {list(x.shape)}")
    if not np.isfinite(rows).all():
        raise node.unsupported("the table is not finite", "parameters are finite numbers")
    return rows


def distances(builder: Builder, node: Node) -> Symbol:
    """Distances, or their powers."""
    node.only_attributes()
    x = double(node)
    rows = _rows(node, x)
    metric = _METRICS[node.op_type]
    power = number(node, 2) if metric == "power" else 2.0
    if not 0.0 < power <= _LARGEST_POWER:
        raise node.unsupported(f"the power is {power:g}", f"it may be up to {_LARGEST_POWER:g}, above 0")
    op = Distances((x.value,), builder.fresh(), node.where, rows, metric, power)
    return Tensor(builder.add(op), "float64", (len(rows),), False)


def products(builder: Builder, node: Node) -> Tensor:
    """Products with each row: a linear operation without intercepts."""
    node.only_attributes()
    x = double(node)
    rows = _rows(node, x)
    op = Linear((x.value,), builder.fresh(), node.where, rows, np.zeros(len(rows)))
    return Tensor(builder.add(op), "float64", (len(rows),), False)


def cosine_distances(builder: Builder, node: Node) -> Symbol:
    """1 less the product of vectors of length 1."""
    found = products(builder, node)
    op = Similarity((found.value,), builder.fresh(), node.where, "cosine")
    return Tensor(builder.add(op), "float64", found.shape, False)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    **dict.fromkeys(_METRICS, distances),
    "Products": products,
    "CosineDistances": cosine_distances,
}
