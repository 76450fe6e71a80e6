# SPDX-License-Identifier: Apache-2.0
"""What the nearest rows of a table say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.functions.distances import number
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import Neighbours, OutlierFactor

_LARGEST_EXPONENT = 64.0


def neighbours(builder: Builder, node: Node) -> Symbol:
    """Sums or weighted means of the targets of the k nearest."""
    node.only_attributes()
    x = double(node)
    targets, count = node.numbers(1), node.integers(2)
    if len(x.shape) != 1 or targets.ndim != 2 or len(targets) != x.len or not targets.shape[1]:
        raise node.damaged(f"targets of shape {list(targets.shape)} for distances of shape {list(x.shape)}")
    if not np.isfinite(targets).all():
        raise node.unsupported("a target is not finite", "parameters are finite numbers")
    if len(count) != 1 or not 1 <= count[0] <= x.len:
        raise node.damaged(f"{count} neighbours of {x.len} rows")
    exponent = number(node, 3) if node.op_type == "NeighbourMean" else None
    if exponent is not None and not 0.0 < exponent <= _LARGEST_EXPONENT:
        raise node.unsupported(f"the exponent is {exponent:g}", "it may be up to 64, above 0")
    op = Neighbours((x.value,), builder.fresh(), node.where, targets, count[0], exponent)
    return Tensor(builder.add(op), "float64", (targets.shape[1],), False)


def outlier_factor(builder: Builder, node: Node) -> Symbol:
    """Negative local outlier factor."""
    node.only_attributes()
    x = double(node)
    reach, density, count = node.numbers(1), node.numbers(2), node.integers(3)
    if len(x.shape) != 1 or reach.shape != (x.len,) or density.shape != (x.len,):
        raise node.damaged(
            f"reaches {list(reach.shape)} and densities {list(density.shape)} for distances of shape {list(x.shape)}"
        )
    if not (np.isfinite(reach).all() and np.isfinite(density).all()):
        raise node.unsupported("a reach or density is not finite", "parameters are finite numbers")
    if len(count) != 1 or not 1 <= count[0] <= x.len:
        raise node.damaged(f"{count} neighbours of {x.len} rows")
    exponent = number(node, 4)
    if not 0.0 < exponent <= _LARGEST_EXPONENT:
        raise node.unsupported(f"the exponent is {exponent:g}", "it may be up to 64, above 0")
    op = OutlierFactor((x.value,), builder.fresh(), node.where, reach, density, count[0], exponent)
    return Tensor(builder.add(op), "float64", (), False)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "NeighbourSum": neighbours,
    "NeighbourMean": neighbours,
    "OutlierFactor": outlier_factor,
}
