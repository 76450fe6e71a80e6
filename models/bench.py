# SPDX-License-Identifier: Apache-2.0
"""`make bench`: how fast the emulators are on this computer. Prints; tests nothing."""

from __future__ import annotations

import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from edgepar.api import compile as compile_model
from edgepar.api import export
from edgepar.emulators.elf import load_image
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.emulators.verilator import ClusterOptions, simulate
from edgepar.errors import EdgeparError
from edgepar.model import Model
from edgepar.workloads import Trained, suite

RTL_SAMPLES = 100
SIDE_BY_SIDE = 2
SECONDS = "{:8.2f} s"


def rtl_speed(artefact: Path, rows: np.ndarray, cores: int) -> tuple[int, float]:
    """Cluster cycles and seconds of simulations that run side by side, each on all rows."""
    options = ClusterOptions()
    start = load_image(artefact).symbol("__ep_samples_start")
    load = (start, struct.pack("<4I", len(rows), 0, 0, 0) + rows.tobytes())

    def one(_: int) -> int:
        outcome = simulate(
            cluster_simulator(fpu=True), artefact, cores, options, load=load, max_cycles=10**9, timeout_s=600
        )
        return int(outcome.stats["cycles"])

    began = time.monotonic()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        cycles = sum(pool.map(one, range(SIDE_BY_SIDE)))
    return cycles, time.monotonic() - began


def bench_rtl(trained: Trained, model: Model) -> None:
    """Cluster cycles a second, 8 cores with FPU."""
    began = time.monotonic()
    cluster_simulator(fpu=True)
    print(f"  RTL simulator, built or from the cache    {SECONDS.format(time.monotonic() - began)}")
    image = compile_model(model, "pulp-open", cores=8)
    rows = trained.X_test[:RTL_SAMPLES].astype(np.float32)
    cycles, seconds = rtl_speed(image.artefact, rows, 8)
    print(
        f"  RTL, 8 cores with FPU, {SIDE_BY_SIDE} side by side     {SECONDS.format(seconds)}"
        f"  {cycles / seconds:10,.0f} cluster cycles a second"
    )


def bench_runs(trained: Trained, model: Model) -> None:
    """Wall clock of compile and run by target."""
    for target, emulator in (("host", None), ("cortex-m4", "qemu"), ("pulp-open", "qemu"), ("gap8", "qemu")):
        began = time.monotonic()
        image = compile_model(model, target, emulator=emulator)
        compiled = time.monotonic()
        image.run(trained.X_test)
        done = time.monotonic()
        print(
            f"  {target:<10} {emulator or '':<5} compile {SECONDS.format(compiled - began)}"
            f"   {len(trained.X_test)} samples {SECONDS.format(done - compiled)}"
        )


def main() -> int:
    """Bench every workload of the demo."""
    try:
        for workload in suite("demo").values():
            print(f"{workload.name}: {workload.title}", flush=True)
            trained = workload.train()
            model = export(trained.estimator, trained.X_train[:1], name=workload.name)
            bench_runs(trained, model)
            bench_rtl(trained, model)
    except EdgeparError as error:
        print(f"bench: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
