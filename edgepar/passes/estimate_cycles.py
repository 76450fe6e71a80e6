# SPDX-License-Identifier: Apache-2.0
"""What a sample is expected to cost by a Plan: good enough to choose between two plans, no figure for a report."""

from __future__ import annotations

import math

from edgepar.plan import Apply, Call, Named, Phase, Plan, Ref, Unsigned
from edgepar.target import FloatSupport

#: Cycles of CV32E40P with FPU, kernel family -> (a word of its tables in L1, a unit besides); by docs/kernels.md.
_COSTS: dict[str, tuple[float, float]] = {
    "ep_dense": (2.2, 20.0),
    "ep_gaussian_nb": (2.1, 20.0),
    "ep_centroids": (3.2, 20.0),
    "ep_quadratic": (2.5, 20.0),
    "ep_sqeuclidean": (3.2, 12.0),
    "ep_manhattan": (3.2, 12.0),
    "ep_chebyshev": (3.2, 12.0),
    "ep_power_distance": (6.0, 12.0),
    "ep_minkowski": (240.0, 12.0),
    "ep_rbf": (0.0, 110.0),
    "ep_sigmoid": (0.0, 220.0),
    "ep_nearest": (0.0, 6.0),
    "ep_softmax": (0.0, 125.0),
    "ep_root": (0.0, 340.0),
    "ep_scale": (0.0, 9.0),
    "ep_affine": (0.0, 9.0),
    "ep_codes_by_grid": (0.0, 8.0),
    "ep_codes_by_rank": (0.0, 40.0),
    "ep_argmax": (0.0, 5.0),
    "ep_leaf_copy": (0.0, 4.0),
}
_OTHERS = (2.0, 12.0)
#: A kernel call, and what an answer on core 0 alone takes besides.
_CALL = 20.0
#: Cycles of a float operation in place of the FPU's one, about.
_FLOATS: dict[FloatSupport, float] = {"fpu": 1.0, "softfp": 12.0, "libgcc": 25.0, "emulation-free": 6.0}
#: Kernels on integers, whatever the float support.
_INTEGER = (
    "ep_trees",
    "ep_coded_trees",
    "ep_codes",
    "ep_leaves",
    "ep_leaf",
    "ep_sum_i32",
    "ep_zero",
    "ep_argmax_i32",
)
#: A barrier with what cores wait for each other, the time of a word from L2, and bytes a cycle of DMA.
_BARRIER, _L2_WORD, _DMA_BYTES = 30.0, 14.0, 8.0
#: Starting and awaiting a copy, and what the engine, which makes one copy after the other, waits for memory in each.
_COPY, _COPY_LATENCY = 40.0, 13.0
#: What a tree takes longer where the sample is read from L2, as a share: a word a decision.
_FAR_SAMPLE = 1.0


def sample_cycles(plan: Plan) -> float:
    """Cycles until all cores have done with one sample; where cores share samples, of one core with its own."""
    cores = plan.team if plan.spread == "units" else 1
    phases = [phase for phase in plan.phases if phase.attempt == 0]
    return sum(_phase_cycles(phase, plan, cores) for phase in phases) + _BARRIER * (cores > 1) * (
        len(phases) + 1
    )


def call_cycles(plan: Plan) -> float:
    """Cycles of a call of ``batch`` samples."""
    together = plan.answers.copies / plan.cores if plan.answers and plan.spread == "samples" else 1.0
    copies = [(sum(field.len for field in plan.record), together)]
    copies += [(plan.graph.input.len, 1.0)] if plan.near_sample else []
    copied = sum(4 * length / _DMA_BYTES + _COPY_LATENCY / of for length, of in copies)
    own = sample_cycles(plan) + (sum(_COPY / of for _, of in copies) if plan.staged else 0.0)
    if plan.spread == "samples":
        own *= math.ceil(plan.batch / plan.cores)
    else:
        own *= plan.batch
    return max(own, plan.batch * copied if plan.staged else 0.0)


def _phase_cycles(phase: Phase, plan: Plan, cores: int) -> float:
    """Of the busiest core: calls on the first or last one come on top of what is split."""
    shared = alone = 0.0
    for call in phase.calls:
        work = _call_cycles(call, plan)
        if call.who == "split":
            busiest = math.ceil(call.units / cores) / max(call.units, 1)
            streamed = _bytes(call, plan, "l2") / _DMA_BYTES if call.stream is not None else 0.0
            shared += max(work * busiest, streamed) + _CALL
        elif call.who == "every":
            shared += work + _CALL
        else:
            alone += work + _CALL
    # The last core has the fewest units, and an answer there goes along with the others' work.
    on_last = all(call.who != "first" for call in phase.calls)
    return max(shared, alone) if on_last and shared else shared + alone


def _call_cycles(call: Call, plan: Plan) -> float:
    """Of the whole call on one core."""
    if call.cycles is not None:
        far = plan.staged and Named("input") in call.apply.arguments
        return call.cycles * (1.0 + _FAR_SAMPLE * far)
    found = 0.0
    words = sum(_bytes(call, plan, level) for level in ("l1", "l2", "flash", "ram")) / 4
    for number, apply in enumerate(call.applies):
        name = apply.function
        word, unit = next((cost for family, cost in _COSTS.items() if name.startswith(family)), _OTHERS)
        units = call.units
        if call.who != "split":
            units = max((a.value for a in apply.arguments if isinstance(a, Unsigned)), default=1)
        factor = 1.0 if name.startswith(_INTEGER) else _FLOATS[plan.build.fp]
        # Kernels that follow work on what the first one has made of the tables.
        found += (units * unit + (0.0 if number else words * word)) * factor
    far_bytes = _bytes(call, plan, "l2") if "l2" in plan.target.memories and call.stream is None else 0
    return found + far_bytes / 4 * _L2_WORD


def _bytes(call: Call, plan: Plan, level: str) -> int:
    """Of the tables in ``level`` that a call reads."""
    named = {a.name for apply in call.applies for a in _arguments(apply) if isinstance(a, Ref)}
    return sum(table.bytes for table in plan.tables if table.level == level and table.name in named)


def _arguments(apply: Apply) -> list[object]:
    found: list[object] = []
    for argument in apply.arguments:
        found += _arguments(argument) if isinstance(argument, Apply) else [argument]
    return found
