# SPDX-License-Identifier: Apache-2.0
"""Missing values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import vector
from edgepar.importer.functions.features import row, samples
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol
from edgepar.ops import Fill, MissingFlags


def _missing(node: Node) -> float:
    """NaN, or the number that stands for a missing value."""
    node.only_attributes()
    if node.op_type.startswith("NaN") or node.op_type.endswith("NaN"):
        return float("nan")
    number = node.numbers(1)
    if number.shape != () or np.isnan(number):
        raise node.unsupported(f"a missing value of shape {list(number.shape)}", "give one number, not NaN")
    return float(number)


def fill(builder: Builder, node: Node) -> Symbol:
    """Numbers for missing values."""
    x, missing = samples(node), _missing(node)
    numbers = vector(node, 1 if np.isnan(missing) else 2, x)
    return row(builder, Fill((x.value,), builder.fresh(), node.where, missing, numbers))


def flags(builder: Builder, node: Node) -> Symbol:
    """Where values are missing."""
    x, missing = samples(node), _missing(node)
    return row(builder, MissingFlags((x.value,), builder.fresh(), node.where, missing))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "FillNaN": fill,
    "FillNumber": fill,
    "NaNFlags": flags,
    "NumberFlags": flags,
}
