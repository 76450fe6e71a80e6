# SPDX-License-Identifier: Apache-2.0
"""The rewrites that every graph goes through before it is planned, each checked."""

from __future__ import annotations

from collections.abc import Callable

from edgepar.graph import Graph
from edgepar.passes.center_distances import center_distances
from edgepar.passes.fold_scaler_into_intervals import fold_scaler_into_intervals
from edgepar.passes.fold_scaler_into_linear import fold_scaler_into_linear
from edgepar.passes.fold_scaler_into_trees import fold_scaler_into_trees
from edgepar.passes.merge_base import merge_base
from edgepar.passes.merge_divisor import merge_divisor
from edgepar.passes.verify import verify

PASSES: tuple[Callable[[Graph], Graph], ...] = (
    merge_divisor,
    merge_base,
    fold_scaler_into_intervals,
    fold_scaler_into_trees,
    fold_scaler_into_linear,
    center_distances,
)


def canonicalize(graph: Graph) -> Graph:
    """The graph in the form that ``make_plan`` takes."""
    verify(graph, "import")
    for step in PASSES:
        graph = verify(step(graph), step.__name__)
    return graph
