# SPDX-License-Identifier: Apache-2.0
"""The passes from an imported Graph to one that is planned, in order."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.graph import Graph

#: Each takes and gives a Graph; the verifier runs after every one.
PASSES: tuple[Callable[[Graph], Graph], ...] = ()


def prepare(graph: Graph) -> Graph:
    """Run every pass."""
    for run in PASSES:
        graph = run(graph)
    return graph
