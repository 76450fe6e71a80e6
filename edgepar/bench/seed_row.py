# SPDX-License-Identifier: Apache-2.0
"""A row of `edgepar bench seed`, the mean figures of its rows, and those of the paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: DNN Is Not All You Need (Tabanelli, Tagliavini, Benini; ACM TECS 22(3), 2023), by the names of ``Summary``.
PAPER: Mapping[str, float] = {
    "speedup_geomean": 7.04,
    "softfp_geomean": 1.61,
    "fpu_best": 32.09,
    "m4_geomean": 12.87,
    "energy_saving_mean": 0.87,
}


@dataclass(frozen=True)
class Shares:
    """Shares of the time of all cores, of the run on the most cores."""

    barriers_asleep: float
    bank_conflicts: float
    l2_stalls: float
    fetch_stalls: float


@dataclass(frozen=True)
class Roofline:
    """The least cycles that a kernel which streams its tables from L2 could take, and how near it comes.

    Attributes
    ----------
    compute_cycles : float
        What the best one-core build issues, its waits left out, over the number of cores.
    stream_bytes, stream_cycles : int, float
        Bytes that come by DMA in one call, and their cycles at 8 bytes each.
    share : float
        The larger of the two over the cycles measured.
    """

    compute_cycles: float
    stream_bytes: int
    stream_cycles: float
    share: float


@dataclass(frozen=True)
class SeedRow:
    """One kernel of the suite. A figure that this version cannot measure is None.

    Attributes
    ----------
    kernel, dataset, model, work : str
        What is measured: the kernel's name, the data, the folder below models/, and what one call does.
    cycles : mapping
        pulp-open by number of cores, RTL, warm instruction cache.
    one_core : mapping
        Cycles of every one-core build that was tried; the least of them is what ``speedup`` refers to.
    emulated_work : str
        What one call does in the columns of gap8 and Cortex-M4, and in ``cycles_fpu``.
    cycles_cortex_m4_ram : int | None
        With tables in RAM, as far as they fit; the forests' busiest nodes.
    products : int | None
        Multiply-accumulates, where a call is little else.
    cycles_fpu : int
        pulp-open on all cores, on the emulated work.
    identical_kernels : bool | None
        Whether libgcc and softfp ran the same kernel sources with the same tables.
    energy_uj : mapping
        By mode, then by target and what ran on it; estimated.
    agreement : float
        Share of answers, over all measurements of the row, that are the estimator's.
    provenance : mapping
        How each group of figures came about, in words.
    """

    kernel: str
    dataset: str
    model: str
    work: str
    cycles: Mapping[str, int]
    one_core: Mapping[str, int]
    speedup: float
    shares: Shares
    roofline: Roofline | None
    emulated_work: str
    cycles_libgcc: int | None
    cycles_softfp: int | None
    cycles_emulation_free: int | None
    cycles_fpu: int
    identical_kernels: bool | None
    cycles_cortex_m4: int
    cycles_cortex_m4_ram: int | None
    products: int | None
    energy_uj: Mapping[str, Mapping[str, float]]
    agreement: float
    provenance: Mapping[str, str]

    @property
    def cycles_most_cores(self) -> int:
        """On as many cores as the row has."""
        return self.cycles[max(self.cycles, key=int)]

    @property
    def softfp_ratio(self) -> float | None:
        """Cycles with libgcc over those with softfp."""
        return _ratio(self.cycles_libgcc, self.cycles_softfp)

    @property
    def emulation_free_ratio(self) -> float | None:
        """Cycles with libgcc over those of emulation-free kernels."""
        return _ratio(self.cycles_libgcc, self.cycles_emulation_free)

    @property
    def fpu_ratio(self) -> float | None:
        """Cycles with libgcc over those with FPU."""
        return _ratio(self.cycles_libgcc, self.cycles_fpu)

    @property
    def m4_ratio(self) -> float:
        """Cortex-M4 over pulp-open, on the same work."""
        return self.cycles_cortex_m4 / self.cycles_fpu

    @property
    def energy_saving(self) -> float:
        """Share of the best one-core build's energy that the most cores save, at constant power."""
        energies = self.energy_uj["constant-power"]
        return 1 - energies["pulp-open, all cores"] / energies["pulp-open, 1 core"]


@dataclass(frozen=True)
class Summary:
    """Mean and extreme figures; None where no row has the figure.

    Speed-ups are over the rows that do not stream from L2; those are judged by their roofline.
    """

    speedup_geomean: float | None
    speedup_worst: float | None
    softfp_geomean: float | None
    emulation_free_geomean: float | None
    fpu_best: float | None
    m4_geomean: float | None
    energy_saving_mean: float | None
    roofline_worst: float | None
    dense_one_core: float | None
    dense_all_cores: float | None
    dense_cortex_m4_ram: float | None


def summarize(rows: Sequence[SeedRow]) -> Summary:
    """The figures below the table."""
    speedups = [row.speedup for row in rows if row.roofline is None]
    savings = [row.energy_saving for row in rows]
    dense = [row for row in rows if row.products]
    return Summary(
        speedup_geomean=geometric_mean(speedups),
        speedup_worst=min(speedups, default=None),
        softfp_geomean=geometric_mean(row.softfp_ratio for row in rows),
        emulation_free_geomean=geometric_mean(row.emulation_free_ratio for row in rows),
        fpu_best=max((ratio for row in rows if (ratio := row.fpu_ratio) is not None), default=None),
        m4_geomean=geometric_mean(row.m4_ratio for row in rows),
        energy_saving_mean=sum(savings) / len(savings) if savings else None,
        roofline_worst=min((row.roofline.share for row in rows if row.roofline is not None), default=None),
        dense_one_core=_least((min(row.one_core.values()), row.products) for row in dense),
        dense_all_cores=_least((row.cycles_most_cores, row.products) for row in dense),
        dense_cortex_m4_ram=_least((row.cycles_cortex_m4_ram, row.products) for row in dense),
    )


def _least(pairs: Iterable[tuple[int | None, int | None]]) -> float | None:
    """The least ratio of two figures that are both there."""
    ratios = (_ratio(above, below) for above, below in pairs)
    return min((ratio for ratio in ratios if ratio is not None), default=None)


def geometric_mean(values: Iterable[float | None]) -> float | None:
    """Of the values that are there; None when there is none."""
    logs = [math.log(value) for value in values if value is not None]
    return math.exp(sum(logs) / len(logs)) if logs else None


def _ratio(above: int | None, below: int | None) -> float | None:
    return None if above is None or below is None else above / below
