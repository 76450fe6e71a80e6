# SPDX-License-Identifier: Apache-2.0
"""Assembly probes: a short body of instructions repeated a few and many times; the slope is the cycles of one body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.qemu_images import PROGRAMS, Platform, build, job, run


@dataclass(frozen=True)
class Probe:
    """A row: cycles that one ``body`` takes. ``setup`` runs once before; ``few`` and ``many`` are the two lengths."""

    name: str
    body: str
    cycles: float
    setup: str = ""
    few: int = 8
    many: int = 40


def measure(platform: Platform, probes: list[Probe], folder: Path, **options: int) -> npt.NDArray[np.float64]:
    """Cycles of each probe's body, all in one image and one run: each routine runs twice, the second time counts."""
    arm = platform.target == "cortex-m4"
    source = folder / "probes.S"
    source.write_text(_source(probes, arm), encoding="ascii")
    image = build(
        platform, folder / f"{platform.target}-{platform.emulator}.elf", [PROGRAMS / "probe.c", source]
    )
    routines = np.repeat(np.arange(2 * len(probes), dtype=np.uint32), 2).reshape(-1, 1)
    measurement = run(platform, job(platform, image, routines, 4, cores=1, **options))
    assert "without a row" not in measurement.provenance_note
    cycles = measurement.cycles
    warm = cycles.reshape(-1, 2, 2)[:, :, 1]
    lengths = np.array([probe.many - probe.few for probe in probes])
    slopes: npt.NDArray[np.float64] = (warm[:, 1] - warm[:, 0]) / lengths
    return slopes


def _source(probes: list[Probe], arm: bool) -> str:
    lines = [".syntax unified", ".thumb"] if arm else [".option norelax"]
    names = []
    for index, probe in enumerate(probes):
        for length in (probe.few, probe.many):
            name = f"probe_{index}_{length}"
            names.append(name)
            lines += [
                ".text",
                ".balign 16",
                f".type {name}, %function" if arm else f".type {name}, @function",
                f"{name}:",
            ]
            lines += ["push {r4-r11, lr}" if arm else "mv t6, ra", probe.setup, ".balign 16"]
            lines += [f".rept {length}", probe.body, ".endr"]
            lines += [
                "pop {r4-r11, pc}" if arm else "mv ra, t6\nret",
                ".ltorg" if arm else "",
                f".size {name}, . - {name}",
            ]
    lines += ['.section .rodata.probes,"a"', ".balign 4", ".globl ep_probe_table", "ep_probe_table:"]
    lines += [f".word {name}" for name in names]
    return "\n".join(lines) + "\n"
