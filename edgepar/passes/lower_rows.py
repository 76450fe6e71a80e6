# SPDX-License-Identifier: Apache-2.0
"""Distances, Similarity and Neighbours -> kernels over the rows of a table, and the choice of the nearest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Distances, Neighbours, OutlierFactor, Similarity
from edgepar.ops.op import Array
from edgepar.passes.draft import Draft, Place
from edgepar.passes.lower_linear import check_float32, padded
from edgepar.plan import Argument, Call, Float, Named, Null, Ref, Result, Unsigned

_KERNELS = {
    "manhattan": "ep_manhattan_f32",
    "chebyshev": "ep_chebyshev_f32",
}
_MAX_CLASSES = 1 << 16


#: Columns whose squares of differences of bytes surely add up within 32 bits.
_MOST_BYTE_COLS = (2**32 - 1) // 255**2
#: Fewer rows than this do not save what making bytes of the sample costs.
_FEWEST_BYTE_ROWS = 32


def lower_distances(draft: Draft, op: Distances) -> None:
    """Rows over cores."""
    check_float32(op, "a coordinate", op.rows)
    if _takes_bytes(draft, op):
        _lower_bytes(draft, op)
        return
    table, stride = padded(op.rows)
    power: tuple[Argument, ...] = ()
    if op.metric == "sqeuclidean":
        kernel = draft.multiply_add("ep_sqeuclidean")
    elif op.metric != "power":
        kernel = _KERNELS[op.metric]
    elif op.is_whole():
        kernel, power = "ep_power_distance_f32", (Unsigned(round(op.power)),)
    else:
        kernel, power = "ep_minkowski_f32", (Float(op.power),)
    target = _by_unit(draft.write(op))
    rows = replace(draft.floats("rows", table, op), unit_stride=stride)
    draft.phase(
        "distances",
        draft.split(
            kernel, draft.read(op), rows, target, *power, Unsigned(op.rows.shape[1]), Unsigned(stride), op=op,
            unit="row", units=len(op.rows),
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {op.metric} distances to {len(op.rows)} rows of {op.rows.shape[1]}")


def _takes_bytes(draft: Draft, op: Distances) -> bool:
    """Whether rows are whole numbers of a byte, in a build that computes with integers.

    Builds that emulate float operations (softfp, libgcc) keep to them.
    """
    rows, cols = op.rows.shape
    whole = bool(np.all((op.rows == np.round(op.rows)) & (op.rows >= 0.0) & (op.rows <= 255.0)))
    sizes = rows >= _FEWEST_BYTE_ROWS and cols <= _MOST_BYTE_COLS
    return op.metric == "sqeuclidean" and whole and sizes and draft.build.fp in ("fpu", "emulation-free")


def byte_rows(rows: Array) -> npt.NDArray[np.uint32]:
    """Rows of whole numbers as words of four bytes, the first in the lowest bits, and the sum of their squares."""
    n_rows, cols = rows.shape
    words = -(-cols // 4)
    padded_rows = np.zeros((n_rows, 4 * words), dtype="<u1")
    padded_rows[:, :cols] = rows
    squares = np.sum(rows**2, axis=1).astype(np.uint32)
    return np.column_stack([padded_rows.view("<u4"), squares])


def _lower_bytes(draft: Draft, op: Distances) -> None:
    """Bytes of the sample over cores, then rows over cores."""
    n_rows, cols = op.rows.shape
    words = -(-cols // 4)
    narrow = draft.buffer("narrow_sample", "uint32_t", words, op)
    found = draft.buffer("narrow_parts", "uint32_t", 2 * draft.cores, op)
    mine = replace(draft.buffer("narrow_found", "uint32_t", 2 * draft.cores, op), core_stride=2)
    draft.phase(
        "the sample as bytes",
        draft.split(
            "ep_narrow_u8", draft.read(op), narrow, replace(found, core_stride=2), Unsigned(cols), op=op,
            unit="word of four features", units=words,
        ),
    )  # fmt: skip
    target = _by_unit(draft.write(op))
    rows = replace(draft.table("byte_rows", "uint32_t", byte_rows(op.rows), op), unit_stride=words + 1)
    draft.phase(
        "distances",
        Call(draft.apply("ep_narrow_sum_u8", found, mine, Unsigned(draft.cores)), "every", op.origin),
        draft.split(
            "ep_sqeuclidean_u8", draft.read(op), narrow, mine, rows, target, Unsigned(cols), op=op, unit="row",
            units=n_rows,
        ),
    )  # fmt: skip
    draft.notes.append(
        f"{op.origin}: sqeuclidean distances to {n_rows} rows of {cols} whole numbers, held as bytes without loss; "
        "samples of such numbers are compared as integers, others as floats"
    )


def lower_similarity(draft: Draft, op: Similarity) -> None:
    """Rows over cores."""
    parameters: dict[str, tuple[Argument, ...]] = {
        "rbf": (Float(op.gamma),),
        "polynomial": (Float(op.gamma), Float(op.coef0), Unsigned(op.degree)),
        "sigmoid": (Float(op.gamma), Float(op.coef0)),
        "cosine": (),
    }
    check_float32(op, "gamma", np.array([op.gamma]))
    check_float32(op, "coef0", np.array([op.coef0]))
    n = draft.graph.values[op.output].len
    source, target = _by_unit(draft.read(op)), _by_unit(draft.write(op))
    call = draft.split(f"ep_{op.kind}_f32", source, target, *parameters[op.kind], op=op, unit="row", units=n)
    draft.go_on("similarities", source, call)


def _by_unit(place: Place) -> Place:
    """An array of one element a row."""
    return replace(place, unit_stride=1) if isinstance(place, Ref | Result) else place


def _nearest(draft: Draft, op: Neighbours | OutlierFactor, n_rows: int) -> tuple[Ref, Ref, list[Call]]:
    """The nearest distances and their rows: a list a core, and the calls by which core 0 makes one of them."""
    lists = draft.cores  # a core without rows leaves an empty list
    near = draft.buffer("nearest", "float", lists * op.k, op)
    rows = draft.buffer("nearest_rows", "uint32_t", lists * op.k, op)
    mine = replace(near, core_stride=op.k), replace(rows, core_stride=op.k)
    clear = Call(draft.apply("ep_nearest_clear_f32", *mine, Unsigned(op.k)), "every", op.origin)
    source = _by_unit(draft.read(op))
    call = draft.split(
        "ep_nearest_f32", source, *mine, Unsigned(op.k), Named("first"), op=op, unit="row", units=n_rows
    )
    draft.go_on("nearest rows of each core", source, call, clear)
    draft.notes.append(
        f"{op.origin}: {op.k} nearest of {n_rows}, a list on each of {lists} cores, merged on one"
    )
    if lists == 1:
        return near, rows, []
    merge = draft.first("ep_nearest_merge_f32", near, rows, Unsigned(op.k), Unsigned(lists), op=op)
    return near, rows, [merge]


def lower_outlier_factor(draft: Draft, op: OutlierFactor) -> None:
    """A list of the nearest a core, then core 0 merges them and looks around."""
    check_float32(op, "a reach", op.reach)
    check_float32(op, "a density", op.density)
    near, rows, calls = _nearest(draft, op, len(op.reach))
    reach, density = draft.floats("reaches", op.reach, op), draft.floats("densities", op.density, op)
    factor = draft.first(
        "ep_outlier_factor_f32",
        near,
        rows,
        reach,
        density,
        draft.write(op),
        Float(op.exponent),
        Unsigned(op.k),
        op=op,
    )
    draft.phase("outlier factor", *calls, factor)


def lower_neighbours(draft: Draft, op: Neighbours) -> None:
    """A list of the nearest a core, then core 0 merges them and asks the rows."""
    n_rows, n = op.targets.shape
    near, rows, calls = _nearest(draft, op, n_rows)
    k, outputs = Unsigned(op.k), Unsigned(n)
    weights: Argument = Null()
    if op.exponent is not None:
        weights = draft.buffer("neighbour_weights", "float", op.k, op)
        calls.append(draft.first("ep_neighbour_weights_f32", near, weights, Float(op.exponent), k, op=op))
    target = draft.write(op)
    if op.is_votes():
        if n > _MAX_CLASSES:
            raise UnsupportedModelError(
                f"{op.origin}: {n} classes, and neighbours may vote for {_MAX_CLASSES} at most; merge classes."
            )
        table = draft.table("row_classes", "uint16_t", op.targets.argmax(axis=1).astype(np.uint16), op)
        calls.append(draft.first("ep_neighbour_votes_f32", rows, table, weights, target, k, outputs, op=op))
    else:
        check_float32(op, "a target", op.targets)
        table = draft.floats("targets", op.targets, op)
        calls.append(draft.first("ep_neighbour_sums_f32", rows, table, weights, target, k, outputs, op=op))
    if op.exponent is not None:
        calls.append(draft.first("ep_neighbour_divide_f32", weights, target, k, outputs, op=op))
    draft.phase("nearest rows", *calls)
