# SPDX-License-Identifier: Apache-2.0
"""SeedBench: the rows of `edgepar bench seed` and the forms they are read in."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from edgepar.bench.origin import Origin
from edgepar.bench.seed_row import PAPER, SeedRow, Summary
from edgepar.report import numbers
from edgepar.report.charts import Bar, bar_chart
from edgepar.report.grid import Grid
from edgepar.report.grid_page import render_grids
from edgepar.report.page import Figure
from edgepar.report.text_file import write_text

TITLE = "The seed paper's kernels"

LEAD = (
    "Cycles of one call with a warm instruction cache: pulp-open and gap8 on RTL in a modelled cluster, Cortex-M4 "
    "modelled. Speed-up is against the best one-core build. Energy is estimated from power tables, not measured."
)


@dataclass(frozen=True)
class Target:
    """A figure of the summary, how it is written, and what it shall reach."""

    field: str
    title: str
    write: Callable[[float], str]
    reach: str = ""


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _cycles(value: float) -> str:
    return f"{value:.2f}"


SUMMARY: tuple[Target, ...] = (
    Target("speedup_geomean", "speed-up on 8 cores, geometric mean, rows in L1 and forests", numbers.ratio, "7.4×"),
    Target("speedup_worst", "the worst of them", numbers.ratio, "6.5×"),
    Target("roofline_worst", "share of the roofline, worst row that streams from L2", _percent, "90 %"),
    Target("softfp_geomean", "softfp against libgcc on gap8, geometric mean", numbers.ratio, "2.2×"),
    Target("emulation_free_geomean", "emulation-free against libgcc, geometric mean", numbers.ratio, "4×"),
    Target("fpu_best", "FPU against libgcc, best row", numbers.ratio, "40×"),
    Target("m4_geomean", "Cortex-M4 cycles / pulp-open cycles, geometric mean", numbers.ratio),
    Target("dense_one_core", "dense, cycles a multiply-accumulate, pulp-open, 1 core", _cycles, "2.35"),
    Target("dense_all_cores", "the same on all cores", _cycles, "0.31"),
    Target("dense_cortex_m4_ram", "the same on Cortex-M4, tables in RAM", _cycles, "4.00"),
    Target("energy_saving_mean", "energy saved by 8 cores against 1 at constant power, mean", _percent, "86 %"),
)  # fmt: skip


@dataclass(frozen=True)
class SeedBench:
    """Rows, their summary, and where they come from."""

    rows: tuple[SeedRow, ...]
    summary: Summary
    origin: Origin

    def __str__(self) -> str:
        notes = [
            textwrap.fill(f"{name}: {note}", 120, initial_indent="  ", subsequent_indent="    ")
            for name, note in self.notes().items()
        ]
        return "\n\n".join([*(grid.to_text() for grid in self.grids()), "\n".join(notes), str(self.origin)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": [_row_dict(row) for row in self.rows],
            "summary": asdict(self.summary),
            "paper": dict(PAPER),
            **asdict(self.origin),
        }

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Text of the JSON file; written to ``path`` when there is one."""
        text = json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n"
        write_text(path, text)
        return text

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Text of one HTML page that needs no network; written to ``path`` when there is one."""
        text = render_grids(f"{TITLE}: {self.origin}", LEAD, self.grids(), _figures(self.rows), self.notes())
        write_text(path, text)
        return text

    def to_markdown(self) -> str:
        """The tables for a README, with date and command."""
        parts = [f"{grid.title}:\n\n{grid.to_markdown()}" for grid in self.grids()]
        return "\n\n".join([f"Made by `{self.origin.command}` on {self.origin.date}.", *parts]) + "\n"

    def grids(self) -> list[Grid]:
        """The tables."""
        return [
            _speed_up_grid(self.rows),
            _float_grid(self.rows),
            _energy_grid(self.rows),
            _summary_grid(self.summary),
        ]

    def notes(self) -> dict[str, str]:
        """How each group of figures came about, each text once."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            for name, note in row.provenance.items():
                names = found.setdefault(note, [])
                if name not in names:
                    names.append(name)
        return {", ".join(names): note for note, names in found.items()}


def _row_dict(row: SeedRow) -> dict[str, Any]:
    ratios = {
        "libgcc_over_softfp": row.softfp_ratio,
        "libgcc_over_emulation_free": row.emulation_free_ratio,
        "libgcc_over_fpu": row.fpu_ratio,
        "cortex_m4_over_pulp_open": row.m4_ratio,
    }
    return {**asdict(row), "ratios": ratios, "energy_saving": row.energy_saving}


def _name(row: SeedRow) -> tuple[str, str, str]:
    return row.kernel, row.dataset, row.work


def _speed_up_grid(rows: Sequence[SeedRow]) -> Grid:
    counts = sorted({int(count) for row in rows for count in row.cycles})
    most = counts[-1] if counts else 0
    lines = [
        (
            *_name(row),
            *(numbers.count(row.cycles.get(str(count))) for count in counts),
            numbers.ratio(row.speedup),
            *(
                _percent(share)
                for share in (
                    row.shares.barriers_asleep,
                    row.shares.bank_conflicts,
                    row.shares.l2_stalls,
                    row.shares.fetch_stalls,
                )
            ),
            numbers.MISSING if row.roofline is None else _percent(row.roofline.share),
        )
        for row in rows
    ]
    headers = ("kernel", "data", "a call", *(f"{count} core{'s' if count > 1 else ''}" for count in counts))
    return Grid(
        f"pulp-open: cycles by number of cores, and where the time of {most} cores goes",
        (*headers, "speed-up", "asleep", "conflicts", "L2", "fetch", "of roofline"),
        tuple(lines),
        n_names=3,
    )


def _ratio(value: float | None) -> str:
    return numbers.MISSING if value is None else numbers.ratio(value)


def _float_grid(rows: Sequence[SeedRow]) -> Grid:
    return Grid(
        "Cycles without and with an FPU, all cores, and of Cortex-M4",
        (
            "kernel", "a call", "libgcc", "softfp", "emulation-free", "FPU", "libgcc/softfp", "libgcc/em.-free",
            "libgcc/FPU", "Cortex-M4", "Cortex-M4, RAM", "M4/pulp-open",
        ),
        tuple(
            (
                row.kernel,
                row.emulated_work,
                numbers.count(row.cycles_libgcc),
                numbers.count(row.cycles_softfp),
                numbers.count(row.cycles_emulation_free),
                numbers.count(row.cycles_fpu),
                _ratio(row.softfp_ratio),
                _ratio(row.emulation_free_ratio),
                _ratio(row.fpu_ratio),
                numbers.count(row.cycles_cortex_m4),
                numbers.count(row.cycles_cortex_m4_ram),
                numbers.ratio(row.m4_ratio),
            )
            for row in rows
        ),
        n_names=2,
    )  # fmt: skip


def _energy_grid(rows: Sequence[SeedRow]) -> Grid:
    names = list(dict.fromkeys(name for row in rows for name in row.energy_uj["per-core"]))
    return Grid(
        "Energy of a call, estimated: per-core / constant-power",
        ("kernel", *names, "saved at constant power"),
        tuple(
            (
                row.kernel,
                *(
                    " / ".join(numbers.energy(row.energy_uj[mode].get(name)) for mode in row.energy_uj)
                    for name in names
                ),
                _percent(row.energy_saving),
            )
            for row in rows
        ),
    )


def _summary_grid(summary: Summary) -> Grid:
    found = asdict(summary)
    return Grid(
        "Beside the paper",
        ("figure", "the paper", "reach", "here"),
        tuple(
            (
                target.title,
                numbers.MISSING if target.field not in PAPER else target.write(PAPER[target.field]),
                target.reach or numbers.MISSING,
                numbers.MISSING if found[target.field] is None else target.write(found[target.field]),
            )
            for target in SUMMARY
        ),
    )


def _figures(rows: Sequence[SeedRow]) -> list[Figure]:
    speed_ups = [Bar(row.kernel, row.speedup, numbers.ratio(row.speedup), "pulp-open", "rtl") for row in rows]
    ratios = [
        Bar(row.kernel, row.fpu_ratio, numbers.ratio(row.fpu_ratio), "gap8", "rtl")
        for row in rows
        if row.fpu_ratio is not None
    ]
    m4 = [Bar(row.kernel, row.m4_ratio, numbers.ratio(row.m4_ratio), "cortex-m4", "modelled") for row in rows]
    titled = (
        ("Speed-up on all cores", "pulp-open, against the best one-core build", speed_ups),
        ("FPU against libgcc", "pulp-open against gap8, all cores", ratios),
        ("Cortex-M4 against pulp-open", "cycles, all cores", m4),
    )
    return [Figure(title, note, bar_chart(title, bars)) for title, note, bars in titled if bars]
