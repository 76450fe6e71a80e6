# SPDX-License-Identifier: Apache-2.0
"""From scores to labels."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.importer.builder import Builder, label_table
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol

#: The float32 before 0.
BEFORE_ZERO = -(2.0**-149)


def arg_max_label(builder: Builder, node: Node) -> Symbol:
    """Label of the first highest score."""
    node.only_attributes()
    x = node.tensor(0)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score a class")
    return builder.label(node, builder.classify(node, x, "argmax"), label_table(node, node.constant(1)))


def sign_label(builder: Builder, node: Node) -> Symbol:
    """Second label where the score is above 0."""
    node.only_attributes()
    x = node.tensor(0)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    return builder.label(node, builder.classify(node, x, "positive"), label_table(node, node.constant(1)))


def non_negative_label(builder: Builder, node: Node) -> Symbol:
    """First label where the score is below 0, which is where it is not above the number before 0."""
    node.only_attributes()
    x = node.tensor(0)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    index = builder.classify(node, x, "positive", BEFORE_ZERO)
    return builder.label(node, index, label_table(node, node.constant(1)))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "ArgMaxLabel": arg_max_label,
    "SignLabel": sign_label,
    "NonNegativeLabel": non_negative_label,
}
