# SPDX-License-Identifier: Apache-2.0
"""Features made of features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
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


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "Binarize": binarize,
    "PolynomialTerms": polynomial_terms,
}
