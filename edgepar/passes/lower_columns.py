# SPDX-License-Identifier: Apache-2.0
"""Features made of features -> kernels over features or terms."""

from __future__ import annotations

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import CategoryCodes, CountEdges, Fill, MissingFlags, Op, PlaceFlags, Polynomial
from edgepar.ops.op import Array
from edgepar.passes.draft import Draft
from edgepar.passes.lower_composition import shared_call
from edgepar.passes.lower_linear import check_float32
from edgepar.plan import Argument, Float, Ref, Unsigned

_MOST_FEATURES = (1 << 16) - 1


def ragged(draft: Draft, name: str, rows: tuple[Array, ...], op: Op) -> tuple[Ref, Ref]:
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
    """Terms over cores; a run of terms that differ in one factor is a vector times numbers."""
    terms, degree = op.factors.shape
    features = draft.graph.values[op.inputs[0]].len
    if features > _MOST_FEATURES:
        raise UnsupportedModelError(
            f"{op.origin}: {features} features, and products may be made of {_MOST_FEATURES} at most; select features."
        )
    starts, factors = op.device_runs(features)
    source = draft.read(op)
    tables = [
        draft.table("run_starts", "uint32_t", starts.astype(np.uint32), op),
        draft.table("factors", "uint16_t", factors.astype(np.uint16), op),
    ]
    call = shared_call(
        draft, op, "ep_products_f32", source, *tables, draft.write(op), Unsigned(len(factors)), Unsigned(features),
        Unsigned(degree), unit="term", units=terms, work=2 * terms * degree,
    )  # fmt: skip
    draft.phase("products of features", call)
    draft.notes.append(f"{op.origin}: {terms} products of up to {degree} features in {len(factors)} runs")


def lower_fill(draft: Draft, op: Fill) -> None:
    """Features over cores."""
    check_float32(op, "a number to fill in", op.fill)
    n = len(op.fill)
    kernel, missing = (
        ("ep_fill_nan_f32", ()) if np.isnan(op.missing) else ("ep_fill_number_f32", _number(op.missing))
    )
    source, fill = draft.read(op), draft.floats("fill", op.fill, op)
    call = shared_call(
        draft, op, kernel, source, *missing, fill, draft.write(op), unit="feature", units=n, work=2 * n
    )
    draft.phase("missing values", call)


def lower_missing_flags(draft: Draft, op: MissingFlags) -> None:
    """Features over cores."""
    n = draft.graph.values[op.output].len
    kernel, missing = (
        ("ep_nan_flags_f32", ()) if np.isnan(op.missing) else ("ep_number_flags_f32", _number(op.missing))
    )
    call = shared_call(
        draft, op, kernel, draft.read(op), *missing, draft.write(op), unit="feature", units=n, work=2 * n
    )
    draft.phase("flags of missing values", call)


def _number(missing: float) -> tuple[Argument, ...]:
    """The number as float32; infinity, which no sample holds, where no float32 is equal to it."""
    with np.errstate(over="ignore"):
        number = float(np.float32(missing))
    return (Float(number if number == missing else np.inf),)


def lower_category_codes(draft: Draft, op: CategoryCodes) -> None:
    """Features over cores, a binary search each."""
    n = len(op.categories)
    with np.errstate(over="ignore"):
        # No float32 is equal to the others.
        held = [row == row.astype(np.float32) for row in op.categories]
    categories = tuple(row[mask] for row, mask in zip(op.categories, held, strict=True))
    codes = tuple(row[mask] for row, mask in zip(op.codes, held, strict=True))
    for row in (*codes, op.unknown[~np.isnan(op.unknown)], op.missing[~np.isnan(op.missing)]):
        check_float32(op, "a code", row)
    source = draft.read(op)
    starts, table = ragged(draft, "categories", categories, op)
    values = draft.floats("codes", np.concatenate(codes) if sum(map(len, codes)) else np.zeros(1), op)
    unknown, missing = draft.floats("unknown", op.unknown, op), draft.floats("missing", op.missing, op)
    call = shared_call(
        draft, op, "ep_category_codes_f32", source, starts, table, values, unknown, missing, draft.write(op),
        unit="feature", units=n, work=4 * n * (2 + max(map(len, categories)).bit_length()),
    )  # fmt: skip
    draft.phase("codes of categories", call)


def lower_place_flags(draft: Draft, op: PlaceFlags) -> None:
    """Codes over cores."""
    n = len(op.widths)
    source = draft.read(op)
    starts = draft.table("starts", "uint32_t", np.cumsum([0, *op.widths]).astype(np.uint32), op)
    call = shared_call(
        draft, op, "ep_place_flags_f32", source, starts, draft.write(op), unit="feature", units=n,
        work=2 * sum(op.widths),
    )  # fmt: skip
    draft.phase("flags of codes", call)
