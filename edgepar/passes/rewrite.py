# SPDX-License-Identifier: Apache-2.0
"""Replace operations of a Graph and drop what nothing reads any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edgepar.graph import Graph
from edgepar.ops import Op


def consumers(graph: Graph, value: str) -> list[Op]:
    """Operations that read ``value``."""
    return [op for op in graph.ops if value in op.inputs]


def producer(graph: Graph, value: str) -> Op | None:
    """The operation that makes ``value``; None for the input."""
    return next((op for op in graph.ops if op.output == value), None)


def is_output(graph: Graph, value: str) -> bool:
    """Whether the model answers with ``value``."""
    return any(output.value == value for output in graph.outputs)


def free_name(graph: Graph, stem: str) -> str:
    """The name itself, or one like it that no value of the graph has."""
    while stem in graph.values:
        stem += "_"
    return stem


def rewrite(graph: Graph, new: Mapping[str, Op]) -> Graph:
    """The graph with other operations for some values, by the name of the value they make.

    Values that no operation or output reads afterwards are gone. An operation may read what is made later in the old
    order as long as some order exists.
    """
    ops = _ordered(graph.input.name, [new.get(op.output, op) for op in graph.ops])
    needed = {output.value for output in graph.outputs}
    kept: list[Op] = []
    for op in reversed(ops):
        if op.output in needed:
            kept.append(op)
            needed.update(op.inputs)
    kept.reverse()
    values = {graph.input.name: graph.input}
    for op in kept:
        values[op.output] = op.infer(*(values[name] for name in op.inputs))
    return replace(graph, ops=tuple(kept), values=values)


def _ordered(source: str, ops: Sequence[Op]) -> list[Op]:
    """The operations so that each stands behind those it reads, otherwise in the old order."""
    waiting, ready, done = list(ops), {source}, []
    while waiting:
        at = next(i for i, op in enumerate(waiting) if ready.issuperset(op.inputs))
        done.append(waiting.pop(at))
        ready.add(done[-1].output)
    return done
