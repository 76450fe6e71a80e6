# SPDX-License-Identifier: Apache-2.0
"""What tables and plots have in common: rows by model, speed-ups, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgepar.report.row import Row

#: As many near ties are written out; report.json has all.
NEAR_TIES_LISTED = 20


@dataclass(frozen=True)
class SpeedUp:
    """One model on one target with several counts of cores, from the fewest on."""

    rows: tuple[Row, ...]

    @property
    def model(self) -> str:
        """Whose it is."""
        return self.rows[0].model

    @property
    def label(self) -> str:
        """Target, emulator and samples."""
        first = self.rows[0]
        samples = f"{first.samples} sample" + ("s" if first.samples != 1 else "")
        return f"{first.way} ({first.emulator}, {samples})"

    def ratio(self, row: Row) -> float:
        """Cycles of the fewest cores over those of ``row``."""
        return self.rows[0].cycles_per_inference / row.cycles_per_inference


def models(rows: Sequence[Row]) -> list[str]:
    """Models in order of appearance."""
    return list(dict.fromkeys(row.model for row in rows))


def target_names(rows: Sequence[Row]) -> list[str]:
    """Targets in order of appearance."""
    return list(dict.fromkeys(row.target for row in rows))


def main_rows(rows: Sequence[Row], model: str) -> list[Row]:
    """One row for each way a model was run: the most cores, then the most samples."""
    best: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if row.model != model:
            continue
        way = row.series[:-1]
        if way not in best or (row.cores, row.samples) > (best[way].cores, best[way].samples):
            best[way] = row
    return list(best.values())


def speed_ups(rows: Sequence[Row]) -> list[SpeedUp]:
    """Series that were run with several counts of cores on the same samples; not the host's, whose clock is shared."""
    series: dict[tuple[str, ...], dict[int, Row]] = {}
    for row in rows:
        if not row.is_wall:
            series.setdefault(row.series, {})[row.cores] = row
    return [
        SpeedUp(tuple(counts[cores] for cores in sorted(counts)))
        for counts in series.values()
        if len(counts) > 1
    ]


def ways(rows: Sequence[Row]) -> dict[str, str]:
    """Provenance of the cycles in words by ``target (emulator)``, each once."""
    found = {}
    for row in rows:
        found[f"{row.target} ({row.emulator})"] = f"{row.provenance}: {row.provenance_note}"
    return found


def energy_sources(rows: Sequence[Row]) -> dict[str, str]:
    """Source of the estimated energy by ``target (emulator)``, each once."""
    found = {}
    for row in rows:
        if row.energy_source is not None:
            found[f"{row.target} ({row.emulator})"] = f"estimated, {row.energy_mode}: {row.energy_source}"
    return found


def near_tie_rows(rows: Sequence[Row]) -> dict[str, str]:
    """Numbers of the rows inside the derived bound, by model; every row that any target found."""
    found = {}
    for model in models(rows):
        near = sorted({number for row in rows if row.model == model for number in row.near_tie_rows})
        if near:
            listed = ", ".join(str(number) for number in near[:NEAR_TIES_LISTED])
            more = len(near) - NEAR_TIES_LISTED
            found[model] = f"{listed} and {more} more" if more > 0 else listed
    return found


def row_label(row: Row) -> str:
    """How plots name a row."""
    cores = "1 core" if row.cores == 1 else f"{row.cores} cores"
    return f"{row.way} · {row.emulator} · {cores}"


def batches(rows: Sequence[Row]) -> list[str]:
    """How the figures of several samples a call are to be read, one line a batch."""
    return [
        f"Batch {batch}: cycles, time and energy of an inference are those of a call over the samples in it."
        for batch in sorted({row.batch for row in rows if row.batch > 1})
    ]


def stored_bytes(row: Row) -> int | None:
    """What lies in flash, or in L2 where constants lie there."""
    return row.l2_bytes if row.l2_bytes is not None else row.flash_bytes


def working_bytes(row: Row) -> int | None:
    """What is written while running: L1 of a cluster, else RAM."""
    return row.l1_bytes if row.l1_bytes is not None else row.ram_bytes
