# SPDX-License-Identifier: Apache-2.0
"""Refuse, before anything is built, a Plan that the target's memories cannot hold."""

from __future__ import annotations

from edgepar.errors import DoesNotFitError
from edgepar.plan import Plan

#: On a target whose memory is not stated: bytes are counted by 32 bits.
_MOST_CALL_BYTES = 2**31 - 1

_ADVICE = "use fewer features, classes or nodes of trees (n_estimators, max_depth, max_leaf_nodes)"


def check_fit(plan: Plan) -> None:
    """DoesNotFitError names the memory, the three largest buffers in it and what to change."""
    if plan.batch > 1:
        _check_batch(plan)
    for level, needed in plan.bytes_by_level().items():
        if level not in plan.target.memories:
            continue
        available = plan.target.data_bytes(level)
        if level == "l2":
            # Samples and answers of a call must have room behind the image.
            needed += _call_bytes(plan) + 32
        if needed <= available:
            continue
        items = [item for item in plan.items if item.level == level]
        if level == plan.target.constants_in:
            # Tables of fast memory are copied from here at the start.
            items += [table for table in plan.tables if table.level != level]
        largest = sorted(items, key=lambda item: -item.bytes)[:3]
        named = ", ".join(f"{item.name} of {item.bytes} bytes ({item.origin})" for item in largest)
        raise DoesNotFitError(
            f"model {plan.graph.name} on {plan.target.name}: {level} needs {needed} bytes of data and has {available} "
            f"for it; largest: {named}; {_ADVICE}, or choose a target with more memory."
        )


def _call_bytes(plan: Plan) -> int:
    """Samples and answers of a call."""
    return 4 * (plan.graph.input.len + sum(field.len for field in plan.record)) * plan.batch


def _check_batch(plan: Plan) -> None:
    """DoesNotFitError where the model does fit, and so many samples beside it do not."""
    who = f"model {plan.graph.name} on {plan.target.name}"
    data = _call_bytes(plan)
    level = "l2" if "l2" in plan.target.memories else "ram"
    if level in plan.target.memories:
        available = plan.target.data_bytes(level)
        available -= plan.bytes_by_level().get(level, 0) + 32
    else:
        level, available = "a call", _MOST_CALL_BYTES
    most = max(available, 0) * plan.batch // data
    if most >= plan.batch:
        return
    advice = f"use a batch of {most} at most" if most else "use a smaller model or a target with more memory"
    raise DoesNotFitError(
        f"{who}: {plan.batch} samples a call and their answers are {data} bytes, and {level} has "
        f"{max(available, 0)} for them; {advice}."
    )
