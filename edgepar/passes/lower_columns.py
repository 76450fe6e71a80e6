# SPDX-License-Identifier: Apache-2.0
"""Features made of features -> kernels over features or terms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import CountEdges, Polynomial
from edgepar.ops.op import Array
from edgepar.passes.draft import Draft
from edgepar.passes.lower_composition import shared_call
from edgepar.plan import Ref, Unsigned

_MOST_FEATURES = (1 << 16) - 1


def ragged(draft: Draft, name: str, rows: tuple[Array, ...], op: CountEdges) -> tuple[Ref, Ref]:
    """Where each row starts, and the rows one behind the other, as tables."""
    starts = np.cumsum([0, *map(len, rows)]).astype(np.uint32)
    data = np.concatenate(rows) if starts[-1] else np.zeros(1)  # C has no arrays without elements
    return draft.table(f"{name}_starts", "uint32_t", starts, op), draft.floats(name, data, op)


def lower_count_edges(draft: Draft, op: CountEdges) -> None:
    """Features over cores; with one edge each a comparison, else a binary search."""
    n = len(op.edges)
    edges = op.device_edges()
    source = draft.read(op)
    if all(len(row) == 1 for row in edges):
        table = draft.floats("edges", np.concatenate(edges), op)
        call = shared_call(
            draft, op, "ep_reaches_f32", source, table, draft.write(op), unit="feature", units=n, work=2 * n
        )
    else:
        starts, table = ragged(draft, "edges", edges, op)
        steps = max(map(len, edges)).bit_length()
        call = shared_call(
            draft, op, "ep_count_edges_f32", source, starts, table, draft.write(op), unit="feature", units=n,
            work=4 * n * (1 + steps),
        )  # fmt: skip
    draft.phase("intervals", call)


def lower_polynomial(draft: Draft, op: Polynomial) -> None:
    """Terms over cores."""
    terms, degree = op.factors.shape
    features = draft.graph.values[op.inputs[0]].len
    if features > _MOST_FEATURES:
        raise UnsupportedModelError(
            f"{op.origin}: {features} features, and products may be made of {_MOST_FEATURES} at most; select features."
        )
    factors = replace(
        draft.table("factors", "uint16_t", op.factors.astype(np.uint16), op), unit_stride=degree
    )
    source, target = draft.read(op), draft.write(op)
    if isinstance(target, Ref):
        target = replace(target, unit_stride=1)
    draft.phase(
        "products of features",
        shared_call(
            draft, op, "ep_products_f32", source, factors, target, Unsigned(features), Unsigned(degree), unit="term",
            units=terms, work=2 * terms * (1 + degree),
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {terms} products of up to {degree} features")
