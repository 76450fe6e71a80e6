# SPDX-License-Identifier: Apache-2.0
"""A constant added behind trees becomes their base."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.graph import Graph
from edgepar.ops import Elementwise, Op, Trees
from edgepar.passes.rewrite import consumers, is_output, rewrite


def merge_base(graph: Graph) -> Graph:
    """Merge where nothing else reads the sums of the trees."""
    new: dict[str, Op] = {}
    for op in graph.ops:
        if not isinstance(op, Trees) or is_output(graph, op.output):
            continue
        readers = consumers(graph, op.output)
        reader = readers[0] if len(readers) == 1 else None
        if not isinstance(reader, Elementwise) or reader.rounds:
            continue
        (step, *rest) = reader.steps
        if rest or step.function != "add" or op.arithmetic != reader.arithmetic:
            continue
        merged = replace(
            op,
            output=reader.output,
            base=op.base + np.broadcast_to(step.operand.reshape(-1), op.base.shape),
            origin=f"{op.origin}, {reader.origin}",
        )
        new[merged.output] = merged
    return rewrite(graph, new) if new else graph
