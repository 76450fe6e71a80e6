# SPDX-License-Identifier: Apache-2.0
"""Scalers and norms."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import Numbers, double, vector
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import Normalize
from edgepar.ops.elementwise import Function
from edgepar.ops.normalize import Norm

_NORMS: dict[str, Norm] = {"NormalizeL1": "l1", "NormalizeL2": "l2", "NormalizeMax": "max"}


def _scaled(builder: Builder, node: Node, first: Function, second: Function | None) -> Symbol:
    node.only_attributes("range_low", "range_high")
    x = double(node)
    steps: list[tuple[Function, Numbers]] = [(first, vector(node, 1, x))]
    if second is not None:
        steps.append((second, vector(node, 2, x)))
    for function, operand in steps:
        if function == "div" and (operand == 0.0).any():
            raise node.unsupported("a scale is 0", "divide by other numbers")
    low, high = node.floats("range_low"), node.floats("range_high")
    ranges = None
    if len(low) or len(high):
        if len(low) != x.len or len(high) != x.len or not (low <= high).all():
            raise node.damaged("range_low and range_high do not fit each other or the features")
        ranges = (low, high)
    return builder.elementwise(node, x, tuple(steps), ranges)


def standard_scale(builder: Builder, node: Node) -> Symbol:
    """(x - mean) / scale."""
    return _scaled(builder, node, "sub", "div")


def min_max_scale(builder: Builder, node: Node) -> Symbol:
    """X * scale + min."""
    return _scaled(builder, node, "mul", "add")


def max_abs_scale(builder: Builder, node: Node) -> Symbol:
    """X / scale."""
    return _scaled(builder, node, "div", None)


def normalize(builder: Builder, node: Node) -> Symbol:
    """X / norm, small norms count as 1."""
    node.only_attributes()
    x = double(node)
    smallest = node.numbers(1)
    if smallest.size != 1 or not 0.0 <= float(smallest.reshape(-1)[0]) < 1.0:
        raise node.unsupported("the smallest norm is no number from 0 to 1", "give one number below 1")
    size = float(smallest.reshape(-1)[0])
    op = Normalize((x.value,), builder.fresh(), node.where, _NORMS[node.op_type], size)
    return Tensor(builder.add(op), "float64", x.shape, False)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "StandardScale": standard_scale,
    "MinMaxScale": min_max_scale,
    "MaxAbsScale": max_abs_scale,
    "NormalizeL1": normalize,
    "NormalizeL2": normalize,
    "NormalizeMax": normalize,
}
