# SPDX-License-Identifier: Apache-2.0
"""The report as one HTML page: inline style, inline SVG, no script, nothing loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgepar.report import numbers
from edgepar.report.charts import Bar, bar_chart, speed_up_chart
from edgepar.report.row import Row
from edgepar.report.summary import (
    energy_sources,
    main_rows,
    models,
    near_tie_rows,
    row_label,
    speed_ups,
    stored_bytes,
    target_names,
    ways,
    working_bytes,
)
from edgepar.version import VERSION

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Figure:
    """A plot with its heading and what the reader has to know about it."""

    title: str
    note: str
    svg: str


@dataclass(frozen=True)
class Section:
    """All of one model."""

    model: str
    sha256: str
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]


def environment() -> Environment:
    """What renders the templates of this folder."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("edgepar.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(rows: Sequence[Row], title: str) -> str:
    """Text of the page; the same rows give the same bytes."""
    series = speed_ups(rows)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            version=VERSION,
            sections=[_section(rows, model) for model in models(rows)],
            targets=target_names(rows),
            n_rows=len(rows),
            speed_up=speed_up_chart("Speed-up over the number of cores", series) if series else "",
            series=series,
            ways=ways(rows),
            energy_sources=energy_sources(rows),
            near_tie_rows=near_tie_rows(rows),
            numbers=numbers,
            stored_bytes=stored_bytes,
            working_bytes=working_bytes,
        )
    )


def _section(rows: Sequence[Row], model: str) -> Section:
    mine = main_rows(rows, model)
    devices = [row for row in mine if not row.is_wall]
    timed = [row for row in devices if row.time_us is not None]
    charged = [row for row in devices if row.energy_uj is not None]
    figures = [
        _figure(
            "Cycles per inference",
            "median, warm instruction cache",
            devices,
            [(row.cycles_per_inference, numbers.count(row.cycles_per_inference)) for row in devices],
        ),
        _figure(
            "Time per inference",
            "cycles at the target's clock",
            timed,
            [(row.time_us or 0.0, numbers.time(row.time_us)) for row in timed],
        ),
        _figure(
            "Energy per inference",
            "estimated from power tables, not measured",
            charged,
            [(row.energy_uj or 0.0, numbers.energy(row.energy_uj)) for row in charged],
            style="estimated",
        ),
        _memory_figure(devices),
    ]
    return Section(model, mine[0].model_sha256, tuple(figure for figure in figures if figure), tuple(mine))


def _figure(
    title: str, note: str, rows: Sequence[Row], values: Sequence[tuple[float, str]], style: str = ""
) -> Figure | None:
    bars = [
        Bar(row_label(row), value, text, row.target, style or row.provenance)
        for row, (value, text) in zip(rows, values, strict=True)
    ]
    return Figure(title, note, bar_chart(title, bars)) if bars else None


def _memory_figure(rows: Sequence[Row]) -> Figure | None:
    bars = []
    # One image a target, the first: those of its other emulators are built for them and not for the chip.
    for row in reversed({row.target: row for row in reversed(rows)}.values()):
        stored, working = stored_bytes(row), working_bytes(row)
        on_cluster = row.l1_bytes is not None
        if stored is not None:
            name = f"{row.target} · {'L2' if on_cluster else 'flash'}"
            bars.append(Bar(name, stored, numbers.memory(stored), row.target, "stored"))
        if working is not None:
            name = f"{row.target} · {'L1' if on_cluster else 'RAM'}"
            bars.append(Bar(name, working, numbers.memory(working), row.target, "working"))
    note = "read from the ELF files"
    return Figure("Memory", note, bar_chart("Memory", bars)) if bars else None
