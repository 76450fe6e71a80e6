# SPDX-License-Identifier: Apache-2.0
"""How fast the cluster simulator is: ``python -m tests.bench_rtl``. Not a test: the figures are the machine's.

Eight cores with FPU are busy with float multiply-accumulates throughout. Cycles a second by wall clock are what a
user waits for; by CPU time they are what the simulator does, also on a machine that others use.
"""

from __future__ import annotations

import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from edgepar.emulators.rtl_build import cluster_simulator
from tests.rtl_images import COREV, PROBES, build, regions


def _simulate(program: Path) -> dict[str, Any]:
    (region,) = regions(COREV, program, max_cycles=10_000_000)
    return region


def main() -> None:
    """Print cycles a second of one simulation, and of two side by side."""
    cluster_simulator(fpu=True)
    with tempfile.TemporaryDirectory() as folder:
        program = build(COREV, [PROBES / "busy.c"], Path(folder) / "busy.elf")
        for processes in (1, 2):
            used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            with ThreadPoolExecutor(processes) as pool:
                found = list(pool.map(_simulate, [program] * processes))
            wall_s = time.monotonic() - began
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu_s = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            cycles = sum(region["cycles"] for region in found)
            busy = sum(core["active"] for region in found for core in region["cores"]) / (8 * cycles)
            print(  # noqa: T201
                f"{processes} simulation{'s' if processes > 1 else ' '}: {cycles} cycles, cores {busy:.0%} active; "
                f"{cycles / wall_s:,.0f} cycles/s of wall clock, {cycles / cpu_s:,.0f} cycles/s of CPU time"
            )


if __name__ == "__main__":
    main()
