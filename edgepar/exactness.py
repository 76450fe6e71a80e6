# SPDX-License-Identifier: Apache-2.0
"""How far a device's float32 answer may be from a Graph's reference, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.graph import Graph
from edgepar.ops.op import Array


@dataclass(frozen=True, eq=False)
class Bounded:
    """A reference value and the bound of its error, both ``[n_samples, ...]``."""

    reference: Array
    bound: Array


def evaluate(graph: Graph, X: npt.NDArray[np.generic]) -> Mapping[str, Bounded]:
    """Every value of the graph for these samples. The input is exact: the device gets the same float32."""
    x = X.astype(np.float32).astype(np.float64)
    found = {graph.input.name: Bounded(x, np.zeros(x.shape))}
    for op in graph.ops:
        inputs = tuple(found[name].reference for name in op.inputs)
        errors = tuple(found[name].bound for name in op.inputs)
        with np.errstate(all="ignore"):
            output = op.evaluate(*inputs)
            found[op.output] = Bounded(output, op.bound(inputs, errors, output))
    return found


def output_bounds(graph: Graph, X: npt.NDArray[np.generic]) -> dict[str, Array]:
    """Error bound of each output by its name, in the shape that ``Run.outputs`` has; labels have 0 or infinity."""
    values = evaluate(graph, X)
    found = {}
    for output in graph.outputs:
        bound = values[output.value].bound
        found[output.name] = bound[:, 0] if output.flat or output.role == "label" else bound
    return found


def near_ties(graph: Graph, X: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Rows whose label may turn within the derived bound, bool[n_samples]; none for a regressor."""
    bounds = output_bounds(graph, X)
    near = np.zeros(len(X), dtype=np.bool_)
    for output in graph.outputs:
        if output.role == "label":
            near |= ~np.isfinite(bounds[output.name])
    return near
