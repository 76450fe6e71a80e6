# SPDX-License-Identifier: Apache-2.0
"""Of two plans for a batch, the one that is expected to be faster."""

from __future__ import annotations

from dataclasses import replace

from edgepar.errors import DoesNotFitError
from edgepar.passes.check_fit import check_fit
from edgepar.passes.estimate_cycles import call_cycles
from edgepar.plan import Plan


def choose_spread(by_units: Plan, by_samples: Plan) -> Plan:
    """The faster plan by the model of cycles, with a note that says why; the other one where memory is too small."""
    fits = True
    try:
        check_fit(by_samples)
    except DoesNotFitError:
        fits = False
    units, samples = (call_cycles(plan) / plan.batch for plan in (by_units, by_samples))
    chosen = by_samples if fits and samples < units else by_units
    batch = f"batch of {chosen.batch} on {chosen.cores} cores"
    each, all_ = (
        "each core computes whole samples by the plan of one core",
        "all cores compute one sample after another",
    )
    if not fits:
        why = f"{all_}, for the scratch of {chosen.cores} samples at a time does not fit"
    else:
        here, there = (each, all_) if chosen is by_samples else (all_, each)
        low, high = min(units, samples), max(units, samples)
        why = f"{here}, about {low:.0f} cycles a sample by the plan's model; if {there}: about {high:.0f}"
    return replace(chosen, notes=(*chosen.notes, f"{batch}: {why}"))
