# SPDX-License-Identifier: Apache-2.0
"""From scores to labels in standard operators: ArgMax, Greater, Gather, ArrayFeatureExtractor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.importer.builder import Builder, label_table
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Index, Label, Symbol, kind_of


def argmax(builder: Builder, node: Node) -> Symbol:
    """ArgMax over the classes, the first of equal maxima."""
    node.only_attributes("axis", "keepdims", "select_last_index")
    x = node.tensor(0)
    axis = node.int("axis", 0)
    if len(x.shape) != 1 or axis not in (1, -1):
        raise node.unsupported(
            f"axis {axis} of samples of shape {list(x.shape)}", "ArgMax goes over axis 1 of [N, classes]"
        )
    if node.int("select_last_index", 0):
        raise node.unsupported("select_last_index is 1", "the first of equal maxima is taken")
    index = builder.classify(node, x, "argmax")
    return replace(index, shape=(1,) if node.int("keepdims", 1) else ())


def greater(builder: Builder, node: Node) -> Symbol:
    """One score against a constant threshold."""
    node.only_attributes()
    x, threshold = node.tensor(0), node.numbers(1)
    if x.len != 1 or threshold.size != 1 or not np.isfinite(threshold).all():
        raise node.unsupported(
            f"samples of shape {list(x.shape)} are compared with {threshold.size} numbers",
            "Greater takes one score a sample and one finite constant",
        )
    return replace(builder.classify(node, x, "positive", float(threshold.reshape(-1)[0])), shape=x.shape)


def gather(builder: Builder, node: Node) -> Symbol:
    """Gather of labels by class index."""
    node.only_attributes("axis")
    index = _index(node)
    table = node.constant(0)
    if table.ndim != 1 or node.int("axis", 0) not in (0, -1):
        raise node.unsupported(f"a table of shape {list(table.shape)}", "class labels are one vector")
    return builder.label(node, index, label_table(node, table))


def array_feature_extractor(builder: Builder, node: Node) -> Symbol:
    """ArrayFeatureExtractor on a table of labels: one row of answers, whatever the number of samples."""
    node.only_attributes()
    index = _index(node)
    table = node.constant(0)
    if table.ndim not in (1, 2) or table.shape[-1] != table.size:
        raise node.unsupported(f"a table of shape {list(table.shape)}", "class labels are one row")
    found = builder.label(node, index, label_table(node, table))
    # The result is [1, N]: the samples lie on the second axis until a Reshape makes them the first again.
    return Label(found.value, found.labels, ())


def _index(node: Node) -> Index:
    index = node.symbol(1)
    if not isinstance(index, Index):
        raise node.unsupported(
            f"input 1 is {kind_of(index)}", "it has to be a class index from ArgMax or Greater"
        )
    return index
