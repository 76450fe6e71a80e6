# SPDX-License-Identifier: Apache-2.0
"""Scalers before intervals of features become other edges, exactly, as before trees.

Edges are often values of the training data, so that a scaled number that is off by a rounding would lie on the other
side of an edge for row after row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.graph import Graph
from edgepar.ops import CountEdges, Fill, Op, Select
from edgepar.ops.op import Array
from edgepar.passes.fold_scaler_into_trees import boundaries
from edgepar.passes.rewrite import free_name, rewrite
from edgepar.passes.trace_features import NOWHERE, Ints, Trace, trace

_LARGEST = float(np.finfo(np.float32).max)


def fold_scaler_into_intervals(graph: Graph) -> Graph:
    """Intervals of scaled features become intervals of the features themselves."""
    new: dict[str, Op] = {}
    added: list[Op] = []
    for op in graph.ops:
        if isinstance(op, CountEdges):
            found = trace(graph, op.inputs[0])
            edges = _edges(op, found) if _is_foldable(found) else None
            if edges is not None:
                *before, folded = _rebuilt(graph, op, found, edges)
                new[op.output] = folded
                added += before
    return rewrite(replace(graph, ops=(*added, *graph.ops)), new) if new else graph


def _is_foldable(found: Trace) -> bool:
    """Whether each feature is a function of one of the input that never decreases, and some is more than that."""
    return bool((found.origin != NOWHERE).all() and found.moved.any() and (found.direction == 1).all())


def _edges(op: CountEdges, found: Trace) -> tuple[Array, ...]:
    """The edges of the features themselves: the float32 next to the last one from which f does not reach the edge."""
    feature = np.repeat(np.arange(len(op.edges)), [len(edges) for edges in op.edges])
    # f(x) >= e is not f(x) <= the number before e.
    below = np.nextafter(np.concatenate(op.edges), -np.inf)
    boundary, always = boundaries(found, feature, below)
    with np.errstate(over="ignore"):
        above = np.nextafter(boundary.astype(np.float32), np.float32(np.inf)).astype(np.float64)
    above = np.where(always, -np.inf, above)
    return tuple(above[feature == f] for f in range(len(op.edges)))


def _rebuilt(graph: Graph, op: CountEdges, found: Trace, edges: tuple[Array, ...]) -> list[Op]:
    """The intervals on the features they look at; missing values that are filled get a number of their interval."""
    source = graph.input.name
    before: list[Op] = []
    if not np.array_equal(found.origin, np.arange(graph.input.len)):
        select = Select((source,), free_name(graph, f"{op.output}_features"), op.origin, found.origin)
        before.append(select)
        source = select.output
    elements: Ints = np.arange(len(edges))
    filled = found.answer(np.full(len(edges), np.nan), elements)
    if not np.isnan(filled).all():
        counts = op.evaluate(filled[None])[0].astype(np.int64)
        inside = [_LARGEST * -1 if n == 0 else row[n - 1] for n, row in zip(counts, edges, strict=True)]
        numbers = np.clip(np.array(inside), -_LARGEST, _LARGEST)
        fill = Fill((source,), free_name(graph, f"{op.output}_filled"), op.origin, float("nan"), numbers)
        before.append(fill)
        source = fill.output
    origin = f"{op.origin} with {', '.join(dict.fromkeys(found.steps))} folded in"
    return [*before, replace(op, inputs=(source,), origin=origin, edges=edges)]
