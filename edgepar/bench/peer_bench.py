# SPDX-License-Identifier: Apache-2.0
"""PeerBench: the rows of `edgepar bench peers` and the forms they are read in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from edgepar.bench.origin import Origin
from edgepar.bench.seed_row import geometric_mean
from edgepar.report import numbers
from edgepar.report.grid import Grid
from edgepar.report.grid_page import render_grids
from edgepar.report.text_file import write_text

TITLE = "The suite's models in the C of other tools"

LEAD = (
    "Same compiler, platform, harness and emulator for all: Cortex-M4 modelled, one PULP core on RTL. Each tool gets "
    "samples in the type that it takes, and of its settings that agree most those with the fewest cycles."
)

OURS = "edgepar"


@dataclass(frozen=True)
class PeerRow:
    """One model on one core in the C of one tool; figures are None where ``note`` says why.

    Attributes
    ----------
    core : str
        ``cortex-m4`` or ``pulp-open``, of which one core is used.
    cycles : int | None
        Median over the rows that were run.
    flash_bytes, ram_bytes : int | None
        Code, constants and start values; what is written, what lies in L1, and a bound of the stack.
    agreement : float
        Share of the test rows, run on the host, and of the rows run on the core that have the estimator's label.
    provenance : str
        Of the cycles.
    """

    model: str
    core: str
    tool: str
    settings: str
    cycles: int | None
    flash_bytes: int | None
    ram_bytes: int | None
    agreement: float
    provenance: str
    note: str = ""


@dataclass(frozen=True)
class PeerSummary:
    """edgepar's figures over the others', where both are there; None where nothing is shared."""

    cycles_ratio_geomean: float | None
    cycles_ratio_worst: float | None
    flash_ratio_geomean: float | None
    flash_ratio_worst: float | None


def ratios(rows: Sequence[PeerRow], field: str) -> dict[PeerRow, float]:
    """Edgepar's figure over that of each row of another tool."""
    ours = {(row.model, row.core): getattr(row, field) for row in rows if row.tool == OURS}
    return {
        row: ours[row.model, row.core] / getattr(row, field)
        for row in rows
        if row.tool != OURS and getattr(row, field) is not None
    }


def summarize_peers(rows: Sequence[PeerRow]) -> PeerSummary:
    """The figures below the table."""
    cycles = list(ratios(rows, "cycles").values())
    flash = list(ratios(rows, "flash_bytes").values())
    return PeerSummary(
        geometric_mean(cycles), max(cycles, default=None), geometric_mean(flash), max(flash, default=None)
    )


@dataclass(frozen=True)
class PeerBench:
    """Rows, their summary, and where they come from."""

    rows: tuple[PeerRow, ...]
    summary: PeerSummary
    origin: Origin

    def __str__(self) -> str:
        notes = [f"  {name}: {note}" for name, note in self.notes().items()]
        return "\n\n".join([*(grid.to_text() for grid in self.grids()), "\n".join(notes), str(self.origin)])

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Text of the JSON file; written to ``path`` when there is one."""
        made: dict[str, Any] = {
            "rows": [asdict(row) for row in self.rows],
            "summary": asdict(self.summary),
            **asdict(self.origin),
        }
        text = json.dumps(made, indent=2, allow_nan=False) + "\n"
        write_text(path, text)
        return text

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Text of one HTML page that needs no network; written to ``path`` when there is one."""
        text = render_grids(f"{TITLE}: {self.origin}", LEAD, self.grids(), notes=self.notes())
        write_text(path, text)
        return text

    def to_markdown(self) -> str:
        """The tables for a README, with date and command."""
        parts = [f"{grid.title}:\n\n{grid.to_markdown()}" for grid in self.grids()]
        return "\n\n".join([f"Made by `{self.origin.command}` on {self.origin.date}.", *parts]) + "\n"

    def grids(self) -> list[Grid]:
        """The tables."""
        cycles = ratios(self.rows, "cycles")
        flash = ratios(self.rows, "flash_bytes")
        lines = tuple(
            (
                row.model,
                row.core,
                row.tool,
                row.settings if not row.note else f"{row.settings}: {row.note}",
                numbers.count(row.cycles),
                numbers.memory(row.flash_bytes),
                numbers.memory(row.ram_bytes),
                numbers.share(row.agreement),
                _ratio(cycles.get(row)),
                _ratio(flash.get(row)),
            )
            for row in self.rows
        )
        headers = (
            "model", "core", "tool", "settings", "cycles", "flash", "RAM", "agreement", "edgepar's cycles",
            "edgepar's flash",
        )  # fmt: skip
        summary = self.summary
        means = (
            ("cycles", _ratio(summary.cycles_ratio_geomean), "0.8×", _ratio(summary.cycles_ratio_worst), "below 1×"),
            ("flash", _ratio(summary.flash_ratio_geomean), numbers.MISSING, _ratio(summary.flash_ratio_worst), "1×"),
        )  # fmt: skip
        return [
            Grid("One sample on one core", headers, lines, n_names=4),
            Grid(
                "edgepar over the others",
                ("figure", "geometric mean", "reach", "worst row", "reach"),
                means,
            ),
        ]

    def notes(self) -> dict[str, str]:
        """How the cycles came about."""
        return {f"cycles of {row.core}": row.provenance for row in self.rows if row.provenance}


def _ratio(value: float | None) -> str:
    return numbers.MISSING if value is None else numbers.ratio(value)
