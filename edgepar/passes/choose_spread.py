# SPDX-License-Identifier: Apache-2.0
"""Of the plans for a batch, the one that is expected to be fastest."""

from __future__ import annotations

from dataclasses import replace

from edgepar.errors import DoesNotFitError
from edgepar.passes.check_fit import check_fit
from edgepar.passes.estimate_cycles import call_cycles
from edgepar.plan import Plan


def choose_spread(by_units: Plan, *by_samples: Plan) -> Plan:
    """The fastest plan by the model of cycles, with a note that says why; of those by samples, one that fits."""
    fitting = [plan for plan in by_samples if _fits(plan)]
    chosen = min((by_units, *fitting), key=call_cycles)
    batch = f"batch of {chosen.batch} on {chosen.cores} cores"
    each, all_ = (
        "each core computes whole samples by the plan of one core",
        "all cores compute one sample after another",
    )
    if not fitting:
        why = f"{all_}, for the scratch of {chosen.cores} samples at a time does not fit"
    else:
        best = min(fitting, key=call_cycles)
        here, there = (each, all_) if chosen is best else (all_, each)
        other = by_units if chosen is best else best
        cycles, others = (call_cycles(plan) / plan.batch for plan in (chosen, other))
        far = "" if chosen.near_sample else ", reading the few features that trees ask for from L2"
        why = f"{here}{far}, about {cycles:.0f} cycles a sample by the plan's model; if {there}: about {others:.0f}"
    return replace(chosen, notes=(*chosen.notes, f"{batch}: {why}"))


def _fits(plan: Plan) -> bool:
    try:
        check_fit(plan)
    except DoesNotFitError:
        return False
    return True
