# SPDX-License-Identifier: Apache-2.0
"""SupportScores and SupportVotes -> sums over segments of support vectors, and what follows on core 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgepar.ops import SupportScores, SupportVotes
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import DENSE_WORK, check_float32
from edgepar.plan import Unsigned

#: Cores that segments are made for, whatever number runs: results must not depend on it.
_CORES = 8
#: Cycles of a unit, and of adding one partial sum, for choosing the segments alone.
_UNIT_CYCLES, _COMBINE_CYCLES = 50, 6
_LONGEST = 64


def segments(op: SupportScores, blocks: Blocks) -> tuple[np.ndarray, np.ndarray]:
    """Where segments of support vectors start (and the last ends), and the first segment of each class.

    No segment crosses classes. Their length is what eight cores finish first, so that the shape alone decides the order
    of additions.
    """
    edges = np.searchsorted(op.owner, np.arange(op.n_classes + 1))
    counts = np.diff(edges)

    def cycles(length: int) -> int:
        parts = -(-counts // length)
        unit = min(length, int(counts.max())) * (2 * blocks.rows + 1) + _UNIT_CYCLES
        pairs = -(-len(op.intercept) // _CORES) * 2 * int(parts.max()) * _COMBINE_CYCLES
        return -(-int(parts.sum()) * blocks.count // _CORES) * unit + pairs

    length = min(range(4, _LONGEST + 1), key=cycles)
    starts, first = [], [0]
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        parts = -(-(end - begin) // length)
        starts += [begin + part * (end - begin) // parts for part in range(parts)]
        first.append(len(starts))
    return np.array([*starts, op.coef.shape[1]], dtype=np.uint32), np.array(first, dtype=np.uint32)


@dataclass(frozen=True)
class Blocks:
    """``count`` blocks of ``rows`` coefficients that share each support vector."""

    count: int
    rows: int

    @staticmethod
    def of(rows: int) -> Blocks:
        """As few and as even as can be."""
        count = -(-rows // DENSE_WORK.most_rows)
        return Blocks(count, -(-rows // count))


def lower_support_scores(draft: Draft, op: SupportScores) -> None:
    """Blocks of rows times segments over cores, then pairs over cores."""
    check_float32(op, "a coefficient", op.coef)
    check_float32(op, "an intercept", op.intercept)
    rows, cols = op.coef.shape
    blocks = Blocks.of(rows)
    starts, first = segments(op, blocks)
    n_segments = len(starts) - 1
    units = blocks.count * n_segments
    padded = np.zeros((blocks.count * blocks.rows, cols))
    padded[:rows] = op.coef
    weights = np.moveaxis(padded.reshape(blocks.count, blocks.rows, cols), 1, 2)
    partial = draft.buffer("partial_sums", "float", units * blocks.rows, op)
    draft.phase(
        "support vectors",
        draft.split(
            draft.multiply_add("ep_dense_segments"), draft.read(op), draft.floats("dual_coefficients", weights, op),
            draft.table("segment_starts", "uint32_t", starts, op), partial, Unsigned(blocks.rows),
            Unsigned(n_segments), op=op, unit="segment of a block of rows", units=units,
        ),
    )  # fmt: skip
    draft.phase(
        "support vectors: pairs",
        draft.split(
            "ep_support_scores_f32", partial, draft.table("class_segments", "uint32_t", first, op),
            draft.floats("intercepts", op.intercept, op), draft.write(op), Unsigned(op.n_classes),
            Unsigned(blocks.rows), op=op, unit="pair", units=len(op.intercept),
        ),
    )  # fmt: skip
    draft.notes.append(
        f"{op.origin}: {cols} support vectors of {op.n_classes} classes in {n_segments} segments"
    )


def lower_support_votes(draft: Draft, op: SupportVotes) -> None:
    """Classes over cores."""
    source = draft.read(op)
    call = draft.split(
        "ep_support_votes_f32", source, draft.write(op), Unsigned(op.n_classes), op=op, unit="class",
        units=op.n_classes,
    )  # fmt: skip
    draft.phase("votes", call)
