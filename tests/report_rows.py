# SPDX-License-Identifier: Apache-2.0
"""Rows with made-up figures, for tests of what is done with rows."""

from __future__ import annotations

from typing import Any

from edgepar.report import Report, Row

PULP: dict[str, Any] = {
    "model": "digits",
    "target": "pulp-open",
    "cores": 8,
    "fp": "fpu",
    "isa": "corev",
    "emulator": "rtl",
    "provenance": "rtl",
    "provenance_note": "CV32E40P RTL, modelled cluster",
    "cycles_per_inference": 12345.0,
    "cycles_min": 12000,
    "cycles_max": 13000,
    "cycles_cold": 20001,
    "time_us": 70.54,
    "frequency_hz": 175e6,
    "l2_latency_cycles": 15,
    "energy_uj": 1.0234,
    "energy_mode": "per-core",
    "energy_source": "10 pJ a core cycle (derived)",
    "flash_bytes": 120_000,
    "ram_bytes": 40_000,
    "stack_bytes": 412,
    "l1_bytes": 41_000,
    "l2_bytes": 130_000,
    "samples": 16,
    "agreement": 1.0,
    "agreement_estimator": 1.0,
    "near_ties": 0,
    "near_tie_rows": (),
    "accuracy": 0.975,
    "max_abs_error": 3e-8,
    "activity": (),
    "model_sha256": "ab" * 32,
}

HOST: dict[str, Any] = PULP | {
    "target": "host",
    "isa": "native",
    "emulator": "host",
    "provenance": "wall",
    "provenance_note": "wall clock",
    "cycles_cold": None,
    "energy_uj": None,
    "energy_mode": None,
    "energy_source": None,
    "l1_bytes": None,
    "l2_bytes": None,
    "l2_latency_cycles": None,
    "frequency_hz": 1e9,
    "samples": 360,
}

CORTEX_M: dict[str, Any] = PULP | {
    "target": "cortex-m4",
    "cores": 1,
    "isa": "armv7em",
    "emulator": "qemu",
    "provenance": "modelled",
    "provenance_note": "QEMU mps2-an386, timing table",
    "cycles_per_inference": 133_000.0,
    "l1_bytes": None,
    "l2_bytes": None,
    "l2_latency_cycles": None,
    "samples": 360,
}


def row(base: dict[str, Any] = PULP, **changes: Any) -> Row:
    """One row, with some figures changed."""
    return Row(**(base | changes))


def full_report() -> Report:
    """Two models on three targets, and one series of core counts."""
    rows = [row(base, model=model) for model in ("digits", "wine <b>") for base in (HOST, CORTEX_M, PULP)]
    cycles = {1: 80_000.0, 2: 41_000.0, 4: 21_000.0, 8: 12_500.0}
    rows += [row(cores=cores, cycles_per_inference=c, samples=2) for cores, c in cycles.items()]
    return Report(tuple(rows))
