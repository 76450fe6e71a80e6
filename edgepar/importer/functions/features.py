# SPDX-License-Identifier: Apache-2.0
"""Features made of features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import Numbers, double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import CountEdges, Op, Polynomial


def row(builder: Builder, op: Op) -> Tensor:
    """The vector that an operation makes of a vector."""
    name = builder.add(op)
    return Tensor(name, "float64", builder.values[name].shape, False)


def samples(node: Node) -> Tensor:
    """The function's first input, vectors of float64."""
    x = double(node)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one number a feature")
    return x


def binarize(builder: Builder, node: Node) -> Symbol:
    """Above the threshold, which is from the next float64 on."""
    node.only_attributes()
    x = samples(node)
    threshold = node.numbers(1)
    if threshold.shape != () or not np.isfinite(threshold):
        raise node.unsupported(f"a threshold of shape {list(threshold.shape)}", "give one finite number")
    edge = np.nextafter(threshold.reshape(1), np.inf)
    return row(builder, CountEdges((x.value,), builder.fresh(), node.where, (edge,) * x.len))


def polynomial_terms(builder: Builder, node: Node) -> Symbol:
    """Products of features."""
    node.only_attributes()
    x = samples(node)
    factors = node.constant(1)
    if factors.dtype != np.int64:
        raise node.damaged(f"factors of type {factors.dtype}, not int64")
    return row(builder, Polynomial((x.value,), builder.fresh(), node.where, factors))


def count_edges(builder: Builder, node: Node) -> Symbol:
    """Intervals of features."""
    node.only_attributes()
    x = samples(node)
    columns, edges = grouped(node, x)
    if np.isnan(edges).any():
        raise node.unsupported("an edge is NaN", "edges are numbers")
    rows = tuple(edges[columns == f] for f in range(x.len))
    return row(builder, CountEdges((x.value,), builder.fresh(), node.where, rows))


def grouped(node: Node, x: Tensor) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Inputs 1 and 2: a column for each number, and the numbers."""
    columns, numbers = np.array(node.integers(1), dtype=np.int64), node.numbers(2)
    if numbers.shape != columns.shape or not ((columns >= 0) & (columns < x.len)).all():
        raise node.damaged(
            f"{len(columns)} columns of {x.len} and numbers of shape {list(numbers.shape)} do not fit"
        )
    return columns, numbers


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "Binarize": binarize,
    "CountEdges": count_edges,
    "PolynomialTerms": polynomial_terms,
}
