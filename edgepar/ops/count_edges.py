# SPDX-License-Identifier: Apache-2.0
"""In which of its intervals a feature lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops.op import Array, Op, Value


@dataclass(frozen=True, eq=False)
class CountEdges(Op):
    """How many of its edges each feature reaches: ``y[f] = number of e in edges[f] with x[f] >= e``.

    Attributes
    ----------
    edges : tuple[Array, ...]
        Ascending float64 numbers, none or more for each feature.
    """

    edges: tuple[Array, ...]

    def infer(self, *inputs: Value) -> Value:
        (x,) = inputs
        if len(self.edges) != x.len or any(np.any(edges[1:] < edges[:-1]) for edges in self.edges):
            raise UnsupportedModelError(
                f"{self.origin}: {len(self.edges)} lists of edges for {x.len} features; give each feature one list "
                "that ascends."
            )
        return Value(self.output, (x.len,), "float32")

    def evaluate(self, *inputs: Array) -> Array:
        x = inputs[0].reshape(len(inputs[0]), -1)
        columns = [np.searchsorted(edges, x[:, f], side="right") for f, edges in enumerate(self.edges)]
        # searchsorted puts NaN behind all numbers, comparisons before them.
        return np.where(np.isnan(x), 0.0, np.stack(columns, axis=1).astype(np.float64))

    def bound(self, inputs: tuple[Array, ...], errors: tuple[Array, ...], output: Array) -> Array:
        """Comparisons are exact: only the edges within the input's error may be counted or not."""
        x, off = (array.reshape(len(array), -1) for array in (inputs[0], errors[0]))
        counts = [self.evaluate(at) for at in (x - off, x + off)]
        return np.maximum(np.abs(counts[0] - output), np.abs(counts[1] - output))

    def device_edges(self) -> tuple[Array, ...]:
        """The least float32 that reaches each edge: a float32 x reaches one exactly where it reaches the other."""
        return tuple(_least_float32(edges) for edges in self.edges)


def _least_float32(edges: Array) -> Array:
    """Each number, or the next float32 above it."""
    with np.errstate(over="ignore"):
        near = edges.astype(np.float32)
    up = np.nextafter(near, np.float32(np.inf))
    return np.asarray(np.where(near.astype(np.float64) < edges, up, near), dtype=np.float64)
