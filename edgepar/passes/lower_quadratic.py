# SPDX-License-Identifier: Apache-2.0
"""QuadraticScores -> differences, rows of triangles in pairs of equal length, their combination; LogSumExp."""

from __future__ import annotations

import numpy as np

from edgepar.ops import LogSumExp, QuadraticScores
from edgepar.ops.op import Array
from edgepar.passes.draft import Draft
from edgepar.passes.lower_elementwise import split_high_low
from edgepar.passes.lower_linear import check_float32
from edgepar.plan import Named, Ref, Unsigned


def paired_rows(triangle: Array) -> Array:
    """Row p and row n - 1 - p of a lower triangle one after another, n + 1 numbers, for each p of the first half."""
    n = len(triangle)
    pairs = (n + 1) // 2
    table = np.zeros((pairs, n + 1))
    for p in range(pairs):
        table[p, : p + 1] = triangle[p, : p + 1]
        if n - 1 - p > p:
            table[p, p + 1 :] = triangle[n - 1 - p, : n - p]
    return table


def lower_quadratic_scores(draft: Draft, op: QuadraticScores) -> None:
    """Differences over cores, then pairs of rows over cores, then components over cores."""
    components, features = op.means.shape
    pairs = (features + 1) // 2
    check_float32(op, "a mean", op.means)
    check_float32(op, "a factor of a covariance", op.triangles)
    check_float32(op, "a constant", op.constants)
    high, low = split_high_low(op.means)
    differences = draft.buffer("differences", "float", components * features, op)
    draft.phase(
        "components: differences to the means",
        draft.split(
            "ep_differences_f32", draft.read(op), draft.floats("mean_high", high, op),
            draft.floats("mean_low", low, op), differences, Unsigned(features), op=op, unit="feature of a component",
            units=components * features,
        ),
    )  # fmt: skip
    partial = draft.buffer("partial_sums", "float", components * pairs, op)
    rows = np.concatenate([paired_rows(triangle) for triangle in op.triangles])
    table = draft.floats("triangles", rows, op)
    draft.phase(
        "components: squared lengths",
        draft.split(
            "ep_quadratic_f32", differences, Ref(table.name, unit_stride=features + 1),
            Ref(partial.name, unit_stride=1), Unsigned(features), Named("first"), op=op,
            unit="pair of rows of a component", units=components * pairs,
        ),
    )  # fmt: skip
    draft.phase(
        "components: combine",
        draft.split(
            "ep_quadratic_combine_f32", partial, draft.floats("constants", op.constants, op), draft.write(op),
            Unsigned(pairs), op=op, unit="component", units=components,
        ),
    )  # fmt: skip
    draft.notes.append(
        f"{op.origin}: {components} triangles of {features} rows, in {pairs} pairs of {features + 1} products each"
    )


def lower_log_sum_exp(draft: Draft, op: LogSumExp) -> None:
    """Core 0 computes it."""
    n = draft.graph.values[op.inputs[0]].len
    draft.phase(
        "evidence", draft.first("ep_evidence_f32", draft.read(op), draft.write(op), Unsigned(n), op=op)
    )
