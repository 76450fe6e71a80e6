# SPDX-License-Identifier: Apache-2.0
"""Refuse, before anything is built, a Plan that the target's memories cannot hold."""

from __future__ import annotations

from edgepar.errors import DoesNotFitError
from edgepar.plan import Plan

#: What code, stacks and start-up may take of each memory, in bytes; generous, the linker has the last word.
RESERVED_BYTES = {"l1": 14 * 1024, "l2": 64 * 1024, "flash": 48 * 1024, "ram": 8 * 1024}

_ADVICE = "use fewer features, classes or nodes of trees (n_estimators, max_depth, max_leaf_nodes)"


def check_fit(plan: Plan) -> None:
    """DoesNotFitError names the memory, the three largest buffers in it and what to change."""
    for level, needed in plan.bytes_by_level().items():
        if level not in plan.target.memories:
            continue
        available = plan.target.memories[level].bytes - RESERVED_BYTES[level]
        if level == "l2":
            # A sample and its answer must have room behind the image.
            needed += 4 * (plan.graph.input.len + sum(field.len for field in plan.record)) + 32
        if needed <= available:
            continue
        # Tables of L1 lie in L2 as well, until they are copied at the start.
        items = [item for item in plan.items if item.level == level]
        if level == plan.target.constants_in:
            items += [table for table in plan.tables if table.level == "l1"]
        largest = sorted(items, key=lambda item: -item.bytes)[:3]
        named = ", ".join(f"{item.name} of {item.bytes} bytes ({item.origin})" for item in largest)
        raise DoesNotFitError(
            f"model {plan.graph.name} on {plan.target.name}: {level} needs {needed} bytes of data and has {available} "
            f"for it; largest: {named}; {_ADVICE}, or choose a target with more memory."
        )
