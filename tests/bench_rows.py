# SPDX-License-Identifier: Apache-2.0
"""Made-up rows of the bench."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edgepar.bench.origin import Origin
from edgepar.bench.seed_bench import SeedBench
from edgepar.bench.seed_row import Roofline, SeedRow, Shares, summarize

IN_L1 = SeedRow(
    kernel="Dense|Kernel",
    dataset="digits",
    model="digits_dense",
    work="1 sample",
    cycles={"1": 8400, "2": 4300, "4": 2150, "8": 1000},
    one_core={"1 core": 8000, "other": 8400},
    speedup=8.0,
    shares=Shares(0.125, 0.0, 0.0625, 0.0),
    roofline=None,
    emulated_work="1 sample",
    cycles_libgcc=32000,
    cycles_softfp=16000,
    cycles_emulation_free=4000,
    cycles_fpu=1000,
    identical_kernels=True,
    cycles_cortex_m4=10000,
    cycles_cortex_m4_ram=7500,
    products=4000,
    energy_uj={
        mode: {"pulp-open, 1 core": 8.0, "pulp-open, all cores": 1.0, "gap8, libgcc": 90.0, "cortex-m4": 30.0}
        for mode in ("per-core", "constant-power")
    },
    agreement=1.0,
    provenance={"cycles": "rtl: made up", "cycles_fpu": "rtl: made up", "cycles_cortex_m4": "modelled: too"},
)
FOREST = replace(
    IN_L1, kernel="Forest", speedup=2.0, cycles_softfp=32000, cycles_cortex_m4=2500, products=None,
    energy_uj={"per-core": {}, "constant-power": {"pulp-open, 1 core": 4.0, "pulp-open, all cores": 2.0}},
)  # fmt: skip
STREAMS = replace(
    IN_L1, kernel="Neighbours", speedup=1.5, roofline=Roofline(700.0, 7200, 900.0, 0.9), cycles_libgcc=None,
    cycles_softfp=None, cycles_emulation_free=None, cycles_cortex_m4=20000, cycles_cortex_m4_ram=None, products=None,
    identical_kernels=None,
)  # fmt: skip


def bench(*rows: Any) -> SeedBench:
    return SeedBench(
        rows, summarize(rows), Origin("edgepar bench seed", "2026-01-02", {"edgepar": "0.0", "numpy": "2"})
    )
