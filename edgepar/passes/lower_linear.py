# SPDX-License-Identifier: Apache-2.0
"""Linear and GaussianNB -> partial sums over (chunk, row) pairs and their combination."""

from __future__ import annotations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import GaussianNB, Linear
from edgepar.ops.op import Array, Op
from edgepar.passes.draft import Draft
from edgepar.passes.lower_elementwise import split_high_low
from edgepar.plan import Float, Unsigned

#: Cores the chunking is made for, whatever number runs: results must not depend on it.
_CORES = 8
#: Cycles of a multiply-accumulate and of adding one partial sum, for choosing the chunks only.
_MAC_CYCLES, _COMBINE_CYCLES = 3.0, 6.0
LARGEST = float(np.finfo(np.float32).max)


def chunk_len(rows: int, cols: int, unit_cycles: float = _MAC_CYCLES) -> int:
    """Columns of a chunk: the cut that eight cores finish first, by shape alone; ``unit_cycles`` a column and row."""
    best = min(
        range(1, min(_CORES, cols) + 1),
        key=lambda chunks: (
            -(-rows * chunks // _CORES) * -(-cols // chunks) * unit_cycles
            + -(-rows // _CORES) * chunks * _COMBINE_CYCLES,
            chunks,
        ),
    )
    return -(-cols // best)


def padded(table: Array) -> tuple[Array, int]:
    """Rows of an odd number of words, so that cores that work on different rows meet on different banks."""
    stride = table.shape[1] | 1
    out = np.zeros((table.shape[0], stride))
    out[:, : table.shape[1]] = table
    return out, stride


def _check(op: Op, what: str, values: Array) -> None:
    if not np.all(np.abs(values) <= LARGEST):
        worst = float(values.reshape(-1)[np.argmax(~(np.abs(values) <= LARGEST))])
        raise UnsupportedModelError(
            f"{op.origin}: {what} of {worst:.3g} cannot be held as float32, the limit is {LARGEST:.3g}; "
            "scale the features."
        )


def lower_linear(draft: Draft, op: Linear) -> None:
    """Rows times chunks over cores, then rows over cores."""
    rows, cols = op.coef.shape
    _check(op, "a coefficient", op.coef)
    _check(op, "an intercept", op.intercept)
    length = chunk_len(rows, cols)
    chunks = -(-cols // length)
    weights, stride = padded(op.coef)
    partial = draft.buffer("partial_sums", "float", chunks * rows, op)
    draft.phase(
        "linear",
        draft.split(
            "ep_dense_f32", draft.read(op), draft.floats("weights", weights, op), partial, Unsigned(rows),
            Unsigned(cols), Unsigned(stride), Unsigned(length), op=op, unit="chunk of a row", units=chunks * rows,
        ),
    )  # fmt: skip
    draft.phase(
        "linear: combine",
        draft.split(
            "ep_dense_combine_f32", partial, draft.floats("intercepts", op.intercept, op), draft.write(op),
            Unsigned(rows), Unsigned(chunks), op=op, unit="row", units=rows,
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {rows} rows of {cols} products in {chunks} chunks of {length}")


def lower_gaussian_nb(draft: Draft, op: GaussianNB) -> None:
    """Classes times chunks over cores; where every class overflows, once more with smaller units."""
    classes, features = op.theta.shape
    r = 1.0 / np.sqrt(2.0 * op.var)
    _check(op, "a mean", op.theta)
    _check(op, "the inverse of a standard deviation", r)
    _check(op, "a prior with its variances", op.base())
    if np.any(r < float(np.finfo(np.float32).tiny)):
        raise UnsupportedModelError(
            f"{op.origin}: a variance above 1e75 cannot be held as float32; scale the features."
        )
    length = chunk_len(classes, features)
    chunks = -(-features // length)
    high, low = split_high_low(op.theta)
    tables = []
    for name, data in (("mean_high", high), ("mean_low", low), ("inverse_deviation", r)):
        rows, stride = padded(data)
        tables.append(draft.floats(name, rows, op))
    partial = draft.buffer("partial_sums", "float", chunks * classes, op)
    shape = (Unsigned(classes), Unsigned(features), Unsigned(stride), Unsigned(length))
    x = draft.read(op)
    scores = draft.write(op)
    unit = "chunk of a class"
    draft.phase(
        "naive Bayes",
        draft.split(
            "ep_gaussian_nb_f32", x, *tables, partial, *shape, op=op, unit=unit, units=chunks * classes
        ),
    )
    draft.phase(
        "naive Bayes: combine",
        draft.split(
            "ep_gaussian_nb_combine_f32", partial, draft.floats("base", op.base(), op), scores, Unsigned(classes),
            Unsigned(chunks), op=op, unit="class", units=classes,
        ),
    )  # fmt: skip
    for attempt, shrink in enumerate((2.0**-56, 2.0**-110), start=1):
        guard = draft.apply("ep_gaussian_nb_overflowed_f32", scores, Unsigned(classes))
        draft.phase(
            "naive Bayes: every class overflowed, smaller units",
            draft.split(
                "ep_gaussian_nb_shrunk_f32", x, *tables, Float(shrink), partial, *shape, op=op, unit=unit,
                units=chunks * classes,
            ),
            guard=guard,
            attempt=attempt,
        )  # fmt: skip
        draft.phase(
            "naive Bayes: combine",
            draft.first(
                "ep_gaussian_nb_combine_shrunk_f32",
                partial,
                scores,
                Unsigned(classes),
                Unsigned(chunks),
                op=op,
            ),
            guard=guard,
            attempt=attempt,
        )
    draft.notes.append(f"{op.origin}: {classes} classes of {features} squares in {chunks} chunks of {length}")
