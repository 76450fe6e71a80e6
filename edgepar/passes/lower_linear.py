# SPDX-License-Identifier: Apache-2.0
"""Linear and GaussianNB -> partial sums over (block, chunk) pairs and their combination."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import GaussianNB, Linear
from edgepar.ops.op import Array, Op
from edgepar.passes.blocks import CORES, Cut, Work, cut
from edgepar.passes.draft import Draft
from edgepar.passes.lower_elementwise import split_high_low
from edgepar.plan import Float, Named, Result, Unsigned

LARGEST = float(np.finfo(np.float32).max)


def padded(table: Array) -> tuple[Array, int]:
    """Rows of an odd number of words, so that cores that work on different rows meet on different banks."""
    stride = table.shape[1] | 1
    out = np.zeros((table.shape[0], stride))
    out[:, : table.shape[1]] = table
    return out, stride


#: Cycles of the fused kernels on CV32E40P (docs/kernels.md), for choosing the cut alone.
DENSE_WORK = Work(most_rows=10, cell=2.0, column=1.0, unit=40.0, combine=3.0)
#: Cycles that DMA takes to bring a column of the sample, and columns from which on it pays that the sample comes in two
#: parts, with a barrier and sums of their own.
_COLUMN_COPY, _LEAST_PARTED = 0.65, 384
_BAYES_WORK = Work(most_rows=10, cell=6.0, column=1.0, unit=40.0, combine=3.0, words=3, even=True)


def check_float32(op: Op, what: str, values: Array) -> None:
    """UnsupportedModelError when a number is beyond float32."""
    if not np.all(np.abs(values) <= LARGEST):
        worst = float(values.reshape(-1)[np.argmax(~(np.abs(values) <= LARGEST))])
        raise UnsupportedModelError(
            f"{op.origin}: {what} of {worst:.3g} cannot be held as float32, the limit is {LARGEST:.3g}; "
            "scale the features."
        )


def lower_linear(draft: Draft, op: Linear) -> None:
    """Blocks of rows times chunks of columns over cores, then rows over cores."""
    rows = op.coef.shape[0]
    check_float32(op, "a coefficient", op.coef)
    check_float32(op, "an intercept", op.intercept)
    parts = _parts(draft, op)
    partial = draft.buffer("partial_sums", "float", sum(part.units * part.block for part in parts), op)
    x, column, done = draft.read(op), 0, 0
    calls = []
    for part in parts:
        weights = draft.floats("weights", part.table(op.coef[:, column : column + part.cols]), op)
        columns = x if isinstance(x, Result) else replace(x, offset=column)
        calls.append(
            draft.split(
                draft.multiply_add("ep_dense"), columns, replace(weights, unit_stride=part.block * part.chunk_len),
                replace(partial, unit_stride=part.block, offset=done), Unsigned(part.cols), Unsigned(part.block),
                Unsigned(part.chunk_len), Named("first"), op=op, unit="chunk of a block of rows", units=part.units,
            )
        )  # fmt: skip
        column, done = column + part.cols, done + part.units * part.block
        draft.notes.append(f"{op.origin}: {part.describe('rows', 'products')}")
    if len(parts) > 1 and draft.may_part:
        draft.head_len = parts[0].cols
        draft.phase("linear: the sample's head", calls[0])
        draft.phase("linear: its rest", *calls[1:], whole_sample=True)
        draft.notes.append(
            f"{op.origin}: the first {draft.head_len} columns are worked on while the others come to L1"
        )
    else:
        draft.phase("linear", *calls)
    block, chunks = parts[0].block, sum(part.chunks for part in parts)
    draft.phase(
        "linear: combine",
        draft.split(
            "ep_dense_combine_f32", partial, draft.floats("intercepts", op.intercept, op), draft.write(op),
            Unsigned(block), Unsigned(chunks), op=op, unit="row", units=rows,
        ),
    )  # fmt: skip


def _parts(draft: Draft, op: Linear) -> tuple[Cut, ...]:
    """One cut of all columns, or two for a sample so long that its head is worked on while the rest comes.

    Wherever products are fused, so that such builds give the same bits.
    """
    rows, cols = op.coef.shape
    whole = cut(rows, cols, DENSE_WORK)
    begins = op.inputs[0] == draft.graph.input.name and not draft.phases
    if not (
        draft.build.fused
        and begins
        and whole.blocks == 1
        and cols >= _LEAST_PARTED
        and whole.is_resident(DENSE_WORK)
    ):
        return (whole,)
    work = (DENSE_WORK.cell * rows + DENSE_WORK.column) / CORES
    head = math.ceil(cols * _COLUMN_COPY / (_COLUMN_COPY + work) / CORES)
    rest = cols - CORES * head
    return (
        Cut(rows, CORES * head, whole.block, head),
        Cut(rows, rest, whole.block, math.ceil(rest / CORES)),
    )


def bayes_shift(theta: Array, r: Array) -> Array:
    """What the means miss by, in deviations; beyond float32 the fused form has no number for it and is not taken."""
    return np.asarray(-(theta - theta.astype(np.float32).astype(np.float64)) * r)


def lower_gaussian_nb(draft: Draft, op: GaussianNB) -> None:
    """Blocks of classes times chunks of features; where every class overflows, once more with smaller units."""
    classes, features = op.theta.shape
    r = 1.0 / np.sqrt(2.0 * op.var)
    check_float32(op, "a mean", op.theta)
    check_float32(op, "the inverse of a standard deviation", r)
    check_float32(op, "a prior with its variances", op.base())
    if np.any(r < float(np.finfo(np.float32).tiny)):
        raise UnsupportedModelError(
            f"{op.origin}: a variance above 1e75 cannot be held as float32; scale the features."
        )
    shape = cut(classes, features, _BAYES_WORK)
    high, low = split_high_low(op.theta)
    shift = bayes_shift(op.theta, r)
    fused = draft.build.fused and bool(np.all(np.abs(shift) <= LARGEST))
    form = "_fma" if fused else ""
    columns = (high, r, shift) if fused else (high, low, r)
    table = draft.floats("classes", shape.table(np.stack(columns, axis=2)), op)
    table = replace(table, unit_stride=3 * shape.block * shape.chunk_len)
    partial = draft.buffer("partial_sums", "float", shape.units * shape.block, op)
    partials = replace(partial, unit_stride=shape.block)
    sizes = (Unsigned(features), Unsigned(shape.block), Unsigned(shape.chunk_len), Named("first"))
    x = draft.read(op)
    scores = draft.write(op)
    unit = "chunk of a block of classes"
    draft.phase(
        "naive Bayes",
        draft.split(
            f"ep_gaussian_nb{form}_f32", x, table, partials, *sizes, op=op, unit=unit, units=shape.units
        ),
    )
    draft.phase(
        "naive Bayes: combine",
        draft.split(
            "ep_gaussian_nb_combine_f32", partial, draft.floats("base", op.base(), op), scores,
            Unsigned(shape.block), Unsigned(shape.chunks), op=op, unit="class", units=classes,
        ),
    )  # fmt: skip
    for attempt, shrink in enumerate((2.0**-56, 2.0**-110), start=1):
        guard = draft.apply("ep_gaussian_nb_overflowed_f32", scores, Unsigned(classes))
        draft.phase(
            "naive Bayes: every class overflowed, smaller units",
            draft.split(
                f"ep_gaussian_nb_shrunk{form}_f32", x, table, Float(shrink), partials, *sizes, op=op, unit=unit,
                units=shape.units,
            ),
            guard=guard,
            attempt=attempt,
        )  # fmt: skip
        draft.phase(
            "naive Bayes: combine",
            draft.first(
                "ep_gaussian_nb_combine_shrunk_f32", partial, scores, Unsigned(classes), Unsigned(shape.block),
                Unsigned(shape.chunks), op=op,
            ),
            guard=guard,
            attempt=attempt,
        )  # fmt: skip
    draft.notes.append(f"{op.origin}: {shape.describe('classes', 'squares')}")
    if draft.build.fused and not fused:
        draft.notes.append(
            f"{op.origin}: nothing is fused here, for a mean of features lies too many deviations from its float32"
        )
