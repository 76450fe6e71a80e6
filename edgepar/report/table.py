# SPDX-License-Identifier: Apache-2.0
"""The report as text for a terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edgepar.report import numbers
from edgepar.report.row import Row
from edgepar.report.summary import (
    energy_sources,
    main_rows,
    models,
    speed_ups,
    stored_bytes,
    ways,
    working_bytes,
)

WIDTH = 130


def render_table(rows: Sequence[Row], width: int = WIDTH) -> str:
    """The whole report as plain text."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    for model in models(rows):
        console.print(Text(model, style="bold"))
        console.print(_model_table(main_rows(rows, model)))
        console.print()
    series = speed_ups(rows)
    if series:
        console.print("Speed-up over one core, cycles of the same samples")
        for one in series:
            counts = ", ".join(f"{row.cores}: {numbers.ratio(one.ratio(row))}" for row in one.rows)
            console.print(Text(f"  {one.model} on {one.label}: {counts}"))
        console.print()
    _notes(console, "Cycles", ways(rows))
    _notes(console, "Energy is estimated from power tables, not measured", energy_sources(rows))
    console.print(
        "Agreement: with the Model in onnxruntime / the Python estimator. Near ties: rows inside the derived bound."
    )
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in str(text).splitlines())


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
            row.target,
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


def _notes(console: Console, title: str, notes: Mapping[str, str]) -> None:
    if not notes:
        return
    console.print(title)
    for name, note in notes.items():
        console.print(Padding(Text(f"{name}: {note}"), (0, 0, 0, 2)))
    console.print()
