# SPDX-License-Identifier: Apache-2.0
"""What joins the answers of several estimators -> short kernels."""

from __future__ import annotations

import numpy as np

from edgepar.ops import (
    Concat,
    Interpolate,
    OneVote,
    Op,
    PairVotes,
    Select,
    Shares,
    WeightedMedian,
    WeightedSum,
)
from edgepar.passes.draft import Draft
from edgepar.plan import Argument, Call, Element, Float, Null, Unsigned

#: Elementary operations from which on sharing them among cores saves more than the barrier costs.
SHARED_WORK = 128


def shared_call(
    draft: Draft, op: Op, kernel: str, *arguments: Argument, unit: str, units: int, work: int
) -> Call:
    """Split over ``units`` where the work is worth a barrier, else core 0's."""
    if work >= SHARED_WORK:
        return draft.split(kernel, *arguments, op=op, unit=unit, units=units)
    return draft.first(kernel, *arguments, Unsigned(0), Unsigned(units), op=op)


def lower_concat(draft: Draft, op: Concat) -> None:
    """Each input to its place in one buffer."""
    target = draft.write(op)
    at = 0
    calls = []
    for name in op.inputs:
        n = draft.graph.values[name].len
        source = draft.place[name]
        calls.append(
            shared_call(
                draft, op, "ep_copy_f32", source, target, Unsigned(at), unit="element", units=n, work=n
            )
        )
        at += n
    draft.phase("join", *calls)


def lower_select(draft: Draft, op: Select) -> None:
    """Elements over cores."""
    n = len(op.columns)
    columns = draft.table("columns", "uint32_t", op.columns.astype(np.uint32), op)
    call = shared_call(
        draft, op, "ep_select_f32", draft.read(op), columns, draft.write(op), unit="element", units=n, work=n
    )
    draft.phase("select", call)


def lower_weighted_sum(draft: Draft, op: WeightedSum) -> None:
    """Outputs over cores."""
    members, outputs = len(op.weights), draft.graph.values[op.output].len
    weights = draft.floats("weights", op.device_weights(), op)
    call = shared_call(
        draft, op, "ep_weighted_sum_f32", draft.read(op), weights, draft.write(op), Unsigned(members),
        Unsigned(outputs), unit="output", units=outputs, work=members * outputs,
    )  # fmt: skip
    draft.phase("weighted sum", call)


def lower_weighted_median(draft: Draft, op: WeightedMedian) -> None:
    """Each number against all others over cores, then the least of those that have enough weight."""
    n = len(op.weights)
    weights = draft.table("weights", "uint32_t", op.device_weights(), op)
    found = draft.buffer("median_candidates", "float", n, op)
    call = shared_call(
        draft, op, "ep_median_candidates_f32", draft.read(op), weights, found, Unsigned(op.device_half()), Unsigned(n),
        unit="number", units=n, work=3 * n * n,
    )  # fmt: skip
    draft.phase("median: candidates", call)
    draft.phase("median", draft.first("ep_least_f32", found, draft.write(op), Unsigned(n), op=op))


def lower_one_vote(draft: Draft, op: OneVote) -> None:
    """Core 0 writes a vector of zeros and a one."""
    label = Element(draft.read(op))
    draft.phase(
        "vote",
        draft.first("ep_one_vote_f32", label, draft.write(op), Unsigned(0), Unsigned(op.classes), op=op),
    )


def lower_shares(draft: Draft, op: Shares) -> None:
    """Core 0 sums and divides."""
    n = draft.graph.values[op.output].len
    arguments = (draft.read(op), Float(op.of_nothing), draft.write(op), Unsigned(n))
    draft.phase("shares", draft.first("ep_shares_f32", *arguments, op=op))


def lower_interpolate(draft: Draft, op: Interpolate) -> None:
    """Features over cores; each is a binary search and one step."""
    features, length = op.knots.shape
    knots, values = draft.floats("knots", op.knots, op), draft.floats("values", op.values, op)
    call = shared_call(
        draft, op, "ep_interpolate_f32", draft.read(op), knots, values, draft.write(op), Unsigned(length),
        unit="feature", units=features, work=features * (8 + 8 * length.bit_length()),
    )  # fmt: skip
    draft.phase("interpolate", call)


def lower_pair_votes(draft: Draft, op: PairVotes) -> None:
    """Classes over cores."""
    places = [draft.place[name] for name in op.inputs]
    predictions: Argument = places[0] if len(places) == 2 else Null()
    confidences = places[-1]
    call = shared_call(
        draft, op, "ep_pair_votes_f32", predictions, confidences, draft.write(op), Unsigned(op.classes), unit="class",
        units=op.classes, work=4 * op.classes * op.classes,
    )  # fmt: skip
    draft.phase("votes of pairs", call)
