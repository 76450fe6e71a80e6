# SPDX-License-Identifier: Apache-2.0
"""Check a Graph after a pass: whatever is found here is a mistake of edgepar, not of a user."""

from __future__ import annotations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.graph import Graph
from edgepar.ops import OPS, Trees


class BrokenGraphError(RuntimeError):
    """A pass or the importer left a graph that no later stage may trust."""


def verify(graph: Graph, after: str) -> Graph:
    """The graph itself, when it is sound.

    Parameters
    ----------
    graph
        What to look at.
    after
        Who made it, for the message.

    Raises
    ------
    BrokenGraphError
        Something refers to what is not there, or has another type than the operations say.
    UnsupportedModelError
        An output is the input itself.
    """

    def require(holds: bool, found: str) -> None:
        if not holds:
            raise BrokenGraphError(f"graph {graph.name} after {after}: {found}")

    require(
        graph.values.get(graph.input.name) == graph.input, f"the input {graph.input} is no value of the graph"
    )
    require(graph.input.dtype == "float32", f"the input {graph.input} is not float32")
    defined = {graph.input.name}
    for op in graph.ops:
        what = f"{op.describe()} of {op.origin}"
        require(type(op) in OPS, f"{what} is no operation of the list")
        for name in op.inputs:
            require(name in defined, f"{what} reads {name} before it is made")
        require(op.output not in defined, f"{what} makes {op.output} a second time")
        inferred = op.infer(*(graph.values[name] for name in op.inputs))
        require(
            graph.values.get(op.output) == inferred,
            f"{what} makes {inferred}, not {graph.values.get(op.output)}",
        )
        if isinstance(op, Trees):
            for found in _tree_faults(op):
                require(False, f"{what} {found}")
        defined.add(op.output)
    require(set(graph.values) == defined, f"values {sorted(set(graph.values) ^ defined)} belong to nothing")
    require(bool(graph.outputs), "there is no output")
    for output in graph.outputs:
        require(output.value in defined, f"output {output.name} is {output.value}, which nothing makes")
        wanted = "int32" if output.role == "label" else "float32"
        require(graph.values[output.value].dtype == wanted, f"output {output.name} is not {wanted}")
        if output.value == graph.input.name:
            raise UnsupportedModelError(
                f"Model {graph.name}: output {output.name} is the input itself; a model has to compute something."
            )
    labelled = any(output.role == "label" for output in graph.outputs)
    require(labelled == bool(graph.labels), f"{len(graph.labels)} labels, and label outputs: {labelled}")
    return graph


def _tree_faults(op: Trees) -> list[str]:
    """What is wrong with the node tables; an empty list when nothing is."""
    n = len(op.left)
    lengths = {
        len(column) for column in (op.feature, op.threshold, op.left, op.right, op.missing_left, op.leaf)
    }
    if lengths != {n}:
        return [f"has columns of {sorted(lengths)} nodes"]
    inner = op.left >= 0
    checks = (
        (len(op.roots) > 0 and bool(((op.roots >= 0) & (op.roots < n)).all()), "has a root that is no node"),
        (bool((op.left[inner] < n).all()), "has a left child that is no node"),
        (bool(((op.right[inner] >= 0) & (op.right[inner] < n)).all()), "has a right child that is no node"),
        (bool((op.feature[inner] >= 0).all()), "looks at a negative feature"),
        (not bool(np.isnan(op.threshold[inner]).any()), "has a threshold that is NaN"),
        (
            bool(((op.leaf[~inner] >= 0) & (op.leaf[~inner] < len(op.leaf_values))).all()),
            "has a leaf without values",
        ),
        (op.base.shape == op.leaf_values.shape[1:], "has base values of another shape than leaves"),
        (op.divisor > 0.0, "has a divisor that is not above 0"),
    )
    return [text for holds, text in checks if not holds]
