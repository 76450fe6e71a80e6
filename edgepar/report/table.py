# SPDX-License-Identifier: Apache-2.0
"""The report as text for a terminal."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from edgepar.report import numbers
from edgepar.report.row import Row
from edgepar.report.summary import (
    batches,
    energy_sources,
    main_rows,
    models,
    near_tie_rows,
    speed_ups,
    stored_bytes,
    ways,
    working_bytes,
)

#: Notes are wrapped here; tables are as wide as their figures are.
WIDTH = 120


def render_table(rows: Sequence[Row]) -> str:
    """The whole report as plain text."""
    parts = []
    for model in models(rows):
        parts += [model, _as_text(_model_table(main_rows(rows, model))), ""]
    series = speed_ups(rows)
    if series:
        parts.append("Speed-up over one core, cycles of the same samples")
        for one in series:
            counts = ", ".join(f"{row.cores}: {numbers.ratio(one.ratio(row))}" for row in one.rows)
            parts.append(f"  {one.model} on {one.label}: {counts}")
        parts.append("")
    parts += _notes("Cycles", ways(rows))
    parts += _notes("Energy is estimated from power tables, not measured", energy_sources(rows))
    parts += [f"Near ties of {model}: rows {near}" for model, near in near_tie_rows(rows).items()]
    parts += batches(rows)
    parts.append(
        "Agreement: with the Model in onnxruntime / the Python estimator. Near ties: rows inside the derived bound."
    )
    return "\n".join(parts)


def _as_text(table: Table) -> str:
    console = Console(file=io.StringIO(), width=1000, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _model_table(rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("target", no_wrap=True)
    table.add_column("by", no_wrap=True)
    for title in (
        "cores", "cycles", "cold", "time", "energy\n(est.)", "flash\nor L2", "RAM\nor L1", "stack\nbound", "rows",
        "agreement", "near\nties", "accuracy", "max\nerror",
    ):  # fmt: skip
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.way,
            row.provenance,
            str(row.cores),
            numbers.MISSING if row.is_wall else numbers.count(row.cycles_per_inference),
            numbers.MISSING if row.is_wall else numbers.count(row.cycles_cold),
            numbers.time(row.time_us),
            numbers.energy(row.energy_uj),
            numbers.memory(stored_bytes(row)),
            numbers.memory(working_bytes(row)),
            numbers.memory(row.stack_bytes),
            str(row.samples),
            f"{numbers.share(row.agreement)} / {numbers.share(row.agreement_estimator)}",
            str(row.near_ties),
            numbers.share(row.accuracy),
            numbers.error(row.max_abs_error),
        )
    return table


def _notes(title: str, notes: Mapping[str, str]) -> list[str]:
    """Each distinct note once, with all it is about."""
    if not notes:
        return []
    names: dict[str, list[str]] = {}
    for name, note in notes.items():
        names.setdefault(note, []).append(name)
    lines = [title]
    for note, about in names.items():
        lines.append(
            textwrap.fill(f"{', '.join(about)}: {note}", WIDTH, initial_indent="  ", subsequent_indent="    ")
        )
    return [*lines, ""]
