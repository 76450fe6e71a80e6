# SPDX-License-Identifier: Apache-2.0
"""Distances, Similarity and Neighbours -> kernels over the rows of a table, and the choice of the nearest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgepar.errors import UnsupportedModelError
from edgepar.ops import Distances, Neighbours, Similarity
from edgepar.passes.draft import Draft
from edgepar.passes.lower_linear import check_float32, padded
from edgepar.plan import Argument, Float, Null, Ref, Unsigned

_KERNELS = {
    "sqeuclidean": "ep_sqeuclidean_f32",
    "manhattan": "ep_manhattan_f32",
    "chebyshev": "ep_chebyshev_f32",
}
_MAX_CLASSES = 1 << 16


def lower_distances(draft: Draft, op: Distances) -> None:
    """Rows over cores."""
    check_float32(op, "a coordinate", op.rows)
    table, stride = padded(op.rows)
    power: tuple[Argument, ...] = ()
    if op.metric != "power":
        kernel = _KERNELS[op.metric]
    elif op.is_whole():
        kernel, power = "ep_power_distance_f32", (Unsigned(round(op.power)),)
    else:
        kernel, power = "ep_minkowski_f32", (Float(op.power),)
    target = draft.write(op)
    if isinstance(target, Ref):
        target = replace(target, unit_stride=1)
    rows = replace(draft.floats("rows", table, op), unit_stride=stride)
    draft.phase(
        "distances",
        draft.split(
            kernel, draft.read(op), rows, target, *power, Unsigned(op.rows.shape[1]), Unsigned(stride), op=op,
            unit="row", units=len(op.rows),
        ),
    )  # fmt: skip
    draft.notes.append(f"{op.origin}: {op.metric} distances to {len(op.rows)} rows of {op.rows.shape[1]}")


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
    source = draft.read(op)
    draft.phase(
        "similarities",
        draft.split(
            f"ep_{op.kind}_f32", source, draft.write(op), *parameters[op.kind], op=op, unit="row", units=n
        ),
    )


def lower_neighbours(draft: Draft, op: Neighbours) -> None:
    """A list of the nearest a core, then core 0 merges them and asks the rows."""
    n_rows, n = op.targets.shape
    lists = min(draft.cores, n_rows)
    near = draft.buffer("nearest", "float", lists * op.k, op)
    rows = draft.buffer("nearest_rows", "uint32_t", lists * op.k, op)
    draft.phase(
        "nearest rows of each core",
        draft.split(
            "ep_nearest_f32", draft.read(op), replace(near, core_stride=op.k), replace(rows, core_stride=op.k),
            Unsigned(op.k), op=op, unit="row", units=n_rows,
        ),
    )  # fmt: skip
    k, outputs = Unsigned(op.k), Unsigned(n)
    calls = []
    if lists > 1:
        calls.append(draft.first("ep_nearest_merge_f32", near, rows, k, Unsigned(lists), op=op))
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
    draft.notes.append(
        f"{op.origin}: {op.k} nearest of {n_rows}, a list on each of {lists} cores, merged on one"
    )
