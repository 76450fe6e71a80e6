# SPDX-License-Identifier: Apache-2.0
"""The table of estimators as people read it: in the README, in `edgepar export --list` and in refusals."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from edgepar.export.estimator_row import FAMILIES
from edgepar.export.estimators import ESTIMATORS, supported_names


@dataclass(frozen=True)
class Group:
    """Estimators of one family that are used alike, in the order of the table."""

    family: str
    role: str
    outputs: tuple[str, ...]
    names: tuple[str, ...]


def groups() -> tuple[Group, ...]:
    """Every estimator once, by family, role and outputs."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for row in sorted(ESTIMATORS, key=lambda row: list(FAMILIES).index(row.family)):
        found.setdefault((FAMILIES[row.family], row.role.replace("_", " "), row.outputs), []).append(row.name)
    return tuple(Group(*key, tuple(names)) for key, names in found.items())


def markdown() -> str:
    """The table of the README."""
    lines = ["| family | role | outputs | estimators |", "|---|---|---|---|"]
    for group in groups():
        cells = (group.family, group.role, ", ".join(group.outputs), ", ".join(group.names))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def suggestion(name: str) -> str:
    """What to use instead of an estimator that is not in the table; the end of a refusal."""
    near = difflib.get_close_matches(name, supported_names(), n=3, cutoff=0.6)
    nearest = f"the nearest of those that can be are {', '.join(near)}; " if len(near) > 1 else ""
    if len(near) == 1:
        nearest = f"the nearest that can be is {near[0]}; "
    return f"{nearest}'edgepar export --list' names all {len(ESTIMATORS)}, which may stand in Pipelines too."
