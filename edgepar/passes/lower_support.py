# SPDX-License-Identifier: Apache-2.0
"""SupportScores and SupportVotes -> sums over segments of support vectors, and what follows on core 0."""

from __future__ import annotations

import numpy as np

from edgepar.ops import SupportScores, SupportVotes
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import check_float32, chunk_len, padded
from edgepar.plan import Unsigned


def segments(op: SupportScores) -> tuple[np.ndarray, np.ndarray]:
    """Where segments of support vectors start (and the last ends), and the first segment of each class.

    No segment crosses classes; none is longer than a chunk of a layer of the same shape, so that the order of
    additions follows from the shape alone.
    """
    rows, cols = op.coef.shape
    length = chunk_len(rows, cols)
    starts, first = [], [0]
    edges = np.searchsorted(op.owner, np.arange(op.n_classes + 1))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        parts = -(-(end - begin) // length)
        starts += [begin + part * (end - begin) // parts for part in range(parts)]
        first.append(len(starts))
    return np.array([*starts, cols], dtype=np.uint32), np.array(first, dtype=np.uint32)


def lower_support_scores(draft: Draft, op: SupportScores) -> None:
    """Rows times segments over cores, then pairs over cores."""
    check_float32(op, "a coefficient", op.coef)
    check_float32(op, "an intercept", op.intercept)
    rows = len(op.coef)
    starts, first = segments(op)
    n_segments = len(starts) - 1
    weights, stride = padded(op.coef)
    partial = draft.buffer("partial_sums", "float", n_segments * rows, op)
    draft.phase(
        "support vectors",
        draft.split(
            "ep_support_sums_f32", draft.read(op), draft.floats("dual_coefficients", weights, op),
            draft.table("segment_starts", "uint32_t", starts, op), partial, Unsigned(rows), Unsigned(stride), op=op,
            unit="segment of a row", units=n_segments * rows,
        ),
    )  # fmt: skip
    draft.phase(
        "support vectors: pairs",
        draft.split(
            "ep_support_scores_f32", partial, draft.table("class_segments", "uint32_t", first, op),
            draft.floats("intercepts", op.intercept, op), draft.write(op), Unsigned(op.n_classes), op=op, unit="pair",
            units=len(op.intercept),
        ),
    )  # fmt: skip
    draft.notes.append(
        f"{op.origin}: {op.coef.shape[1]} support vectors of {op.n_classes} classes in {n_segments} segments"
    )


def lower_support_votes(draft: Draft, op: SupportVotes) -> None:
    """Classes over cores."""
    source = draft.read(op)
    call = draft.split(
        f"ep_support_{op.kind}_f32", source, draft.write(op), Unsigned(op.n_classes), op=op, unit="class",
        units=op.n_classes,
    )  # fmt: skip
    draft.phase(op.kind, call)
