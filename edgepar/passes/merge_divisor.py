# SPDX-License-Identifier: Apache-2.0
"""A division behind trees becomes their divisor, so that labels are decided on the exact sums of the trees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.graph import Graph
from edgepar.ops import Classify, Elementwise, Op, Trees
from edgepar.passes.rewrite import consumers, is_output, rewrite


def merge_divisor(graph: Graph) -> Graph:
    """Merge where only label decisions, which a common positive divisor does not touch, read the sums besides."""
    new: dict[str, Op] = {}
    for op in graph.ops:
        if not isinstance(op, Trees) or is_output(graph, op.output):
            continue
        readers = consumers(graph, op.output)
        divisions = [
            reader for reader in readers if isinstance(reader, Elementwise) and _divisor(reader) is not None
        ]
        others = [reader for reader in readers if reader not in divisions]
        if len(divisions) != 1 or not all(_is_scale_free(reader) for reader in others):
            continue
        divisor = _divisor(divisions[0])
        if divisor is None:
            continue
        merged = replace(
            op,
            output=divisions[0].output,
            divisor=op.divisor * divisor,
            base=op.base / divisor,
            origin=f"{op.origin}, {divisions[0].origin}",
        )
        new[merged.output] = merged
        for reader in others:
            new[reader.output] = replace(reader, inputs=(merged.output,))
    return rewrite(graph, new) if new else graph


def _divisor(op: Elementwise) -> float | None:
    """The one positive number that the operation divides by, or None when it does anything else."""
    (step, *rest) = op.steps
    if rest or step.function != "div" or step.operand.size != 1:
        return None
    divisor = float(step.operand.reshape(-1)[0])
    return divisor if 0.0 < divisor < np.inf else None


def _is_scale_free(op: Op) -> bool:
    return isinstance(op, Classify) and (op.rule == "argmax" or op.threshold == 0.0)
