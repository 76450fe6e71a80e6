# SPDX-License-Identifier: Apache-2.0
"""From scores to labels in standard operators: ArgMax, Greater, Gather, ArrayFeatureExtractor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.importer.builder import Builder, label_table
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Constant, Index, Label, Symbol, Tensor, kind_of
from edgepar.ops import Activation, Select


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
    """Gather of labels by class index, or of columns of computed numbers."""
    node.only_attributes("axis")
    x, columns = node.symbol(0), node.symbol(1)
    if isinstance(x, Tensor) and isinstance(columns, Constant):
        if node.int("axis", 0) not in (1, -1) or columns.array.ndim != 1:
            raise node.unsupported(
                f"axis {node.int('axis', 0)} and indices of shape {list(columns.array.shape)}",
                "columns are gathered along axis 1 by a list of indices",
            )
        return _columns(builder, node, x, columns)
    index = _index(node)
    table = node.constant(0)
    if table.ndim != 1 or node.int("axis", 0) not in (0, -1):
        raise node.unsupported(f"a table of shape {list(table.shape)}", "class labels are one vector")
    return builder.label(node, index, label_table(node, table))


def array_feature_extractor(builder: Builder, node: Node) -> Symbol:
    """ArrayFeatureExtractor: labels by class index from one row of them, or columns of computed numbers."""
    node.only_attributes()
    table, index = node.symbol(0), node.symbol(1)
    if isinstance(table, Tensor) and isinstance(index, Constant):
        return _columns(builder, node, table, index)
    labels = node.constant(0)
    if labels.ndim not in (1, 2) or labels.shape[-1] != labels.size:
        raise node.unsupported(f"a table of shape {list(labels.shape)}", "class labels are one row")
    found = builder.label(node, _index(node), label_table(node, labels))
    # The result is [1, N]: the samples lie on the second axis until a Reshape makes them the first again.
    return Label(found.value, found.labels, ())


def _columns(builder: Builder, node: Node, x: Tensor, index: Constant) -> Tensor:
    """Some columns of [N, n]."""
    columns = index.array.reshape(-1)
    numbers = columns.dtype.kind == "i" and columns.size > 0
    if len(x.shape) != 1 or not numbers or columns.min() < 0 or columns.max() >= x.len:
        raise node.unsupported(
            f"columns {columns.tolist()[:4]} of samples of shape {list(x.shape)}",
            "columns that exist are taken",
        )
    made_by = builder.producer(x)
    if isinstance(made_by, Activation) and made_by.kind == "complement" and columns.tolist() == [1]:
        # The second column is the score that the pair was made of.
        return replace(x, value=made_by.inputs[0], shape=(1,))
    op = Select((x.value,), builder.fresh(), node.where, columns.astype(np.int64), arithmetic=x.dtype)
    return Tensor(builder.add(op), x.dtype, (len(columns),), x.held_as_float32)


def _index(node: Node) -> Index:
    index = node.symbol(1)
    if not isinstance(index, Index):
        raise node.unsupported(
            f"input 1 is {kind_of(index)}", "it has to be a class index from ArgMax or Greater"
        )
    return index
