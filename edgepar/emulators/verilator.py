# SPDX-License-Identifier: Apache-2.0
"""PULP images on the cores' RTL: cycles of the real core inside our model of the cluster."""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from edgepar.emulators.elf import Image, load_image
from edgepar.emulators.job import CoreActivity, Job, Measurement
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.errors import EmulatorError, UsageError

_HEADER_BYTES = 16
# Side by side, since a simulation is single-threaded. A fixed number: cycles must not depend on the host.
_PROCESSES = 2
_SPLIT_FROM_SAMPLES = 4
_START_UP_CYCLES = 200_000
_GRACE_S = 10.0
_TRAPS = {2: "illegal instruction", 3: "ebreak", 11: "ecall"}
_EXITS = {
    64: "the sample region does not hold what its header says",
    67: "a call that ep/pal.h does not allow",
}


@dataclass(frozen=True)
class ClusterOptions:
    """What ``Job.options`` may hold for this emulator; defaults are PULP-OPEN's.

    Attributes
    ----------
    fpu : int
        1: cores with FPU, latency 1, floats in integer registers. 0: without.
    l1_bytes, l2_bytes : int
        Sizes of the two memories.
    l2_latency_cycles : int
        From a core's request to the answer, on an idle path.
    icache_bytes : int
        Size of the shared instruction cache, a power of two.
    icache_refill_extra_cycles : int
        What a refill costs beyond the latency of L2.
    mchan_version : int
        Layout of DMA commands: 7 (PULP-OPEN) or 6 (GAP8).
    """

    fpu: int = 1
    l1_bytes: int = 65536
    l2_bytes: int = 524288
    l2_latency_cycles: int = 15
    icache_bytes: int = 4096
    icache_refill_extra_cycles: int = 3
    mchan_version: int = 7

    def note(self, cores: int) -> str:
        """What is real and what is modelled, in one line."""
        return (
            f"CV32E40P RTL, modelled cluster: {cores} core{'s' if cores != 1 else ''} "
            f"{'with' if self.fpu else 'without'} FPU, L1 {self.l1_bytes // 1024} KiB in 16 banks, "
            f"L2 {self.l2_bytes // 1024} KiB at {self.l2_latency_cycles} cycles, "
            f"instruction cache {self.icache_bytes // 1024} KiB"
        )


@dataclass(frozen=True)
class Outcome:
    """What the simulator wrote, and the dumped memory."""

    stats: dict[str, Any]
    memory: bytes
    console: str


def run(job: Job) -> Measurement:
    """Run all samples of ``job`` on the RTL.

    Samples that do not fit into L2 beside the image go in several simulations; from four samples on there are
    at least two, which run side by side. Each begins with a cold pass of its own.

    Raises
    ------
    EmulatorError
        When the program traps, accesses an address where nothing is, does not end or fails; the text has the pc
        and its symbol.
    MissingToolError, ToolchainError
        When the simulator cannot be built.
    """
    options = _options(job)
    image = load_image(job.artefact)
    start, end = image.symbol("__ep_samples_start"), image.symbol("__ep_samples_end")
    call_bytes = max(1, min(job.batch, job.n_samples)) * (job.input_bytes + job.output_bytes)
    capacity = (end - start - _HEADER_BYTES) // call_bytes
    if capacity < 1:
        raise EmulatorError(
            f"{job.artefact.name}: a call needs {call_bytes} bytes of L2 for samples and answers and "
            f"{end - start - _HEADER_BYTES} are free; make the model or the batch smaller or the target's L2 larger."
        )
    wanted = _PROCESSES if job.n_samples >= _SPLIT_FROM_SAMPLES else 1
    runs = max(1, min(max(wanted, -(-job.n_calls // capacity)), job.n_calls))
    limits = [min(job.n_calls * i // runs * job.batch, job.n_samples) for i in range(runs + 1)]
    program = cluster_simulator(fpu=bool(options.fpu))
    deadline = time.monotonic() + job.timeout_s
    # Before the first sample the program clears its variables, L2's word by word.
    cleared = image.symbol("__ep_l2_bss_end") - image.symbol("__ep_l2_bss_start")
    start_up = _START_UP_CYCLES + cleared // 4 * 2 * (options.l2_latency_cycles + 8)

    def part(first: int, last: int) -> Outcome:
        count = last - first
        calls = -(-count // job.batch)
        data = (
            struct.pack("<4I", count, 0, 0, 0) + job.inputs[first * job.input_bytes : last * job.input_bytes]
        )
        area = _HEADER_BYTES + count * (job.input_bytes + job.output_bytes)
        outcome = simulate(
            program,
            job.artefact,
            job.cores,
            options,
            load=(start, data),
            dump=(start, area),
            region=(image.symbol("ep_roi_begin"), image.symbol("ep_roi_end")),
            max_cycles=start_up + job.max_cycles * (count + min(count, job.batch)),
            timeout_s=max(0.0, deadline - time.monotonic()),
        )
        check(outcome, image)
        if len(outcome.stats["regions"]) != calls + 1:
            raise EmulatorError(
                f"{job.artefact.name}: {len(outcome.stats['regions'])} measured regions instead of {calls + 1}; "
                "the image must be linked with the harness of c_runtime/harness."
            )
        return outcome

    with ThreadPoolExecutor(_PROCESSES) as pool:
        outcomes = list(pool.map(part, limits[:-1], limits[1:]))
    regions = [outcome.stats["regions"] for outcome in outcomes]
    warm = [region for part_regions in regions for region in part_regions[1:]]
    outputs = b"".join(
        outcome.memory[_HEADER_BYTES + (last - first) * job.input_bytes :]
        for outcome, first, last in zip(outcomes, limits[:-1], limits[1:], strict=True)
    )
    return Measurement(
        outputs=outputs,
        cycles=np.array([region["cycles"] for region in warm], dtype=np.int64),
        cold_cycles=int(regions[0][0]["cycles"]),
        provenance="rtl",
        provenance_note=options.note(job.cores),
        activity=tuple(activity([region["cores"][core] for region in warm]) for core in range(job.cores)),
    )


def activity(counters: list[dict[str, int]]) -> CoreActivity:
    """One core's counters, summed."""
    total = {name: sum(one[name] for one in counters) for name in counters[0]}
    return CoreActivity(
        active_cycles=total["active"],
        asleep_cycles=total["asleep"],
        conflict_stall_cycles=total["conflict_stalls"],
        l2_stall_cycles=total["l2_stalls"],
        fetch_stall_cycles=total["fetch_stalls"],
        loads=total["loads"],
        stores=total["stores"],
        fpu_ops=total["fpu_ops"],
        instructions=total["instructions"],
    )


def simulate(
    program: Path,
    artefact: Path,
    cores: int,
    options: ClusterOptions,
    *,
    load: tuple[int, bytes] | None = None,
    dump: tuple[int, int] | None = None,
    region: tuple[int, int] | None = None,
    max_cycles: int,
    timeout_s: float,
) -> Outcome:
    """One simulation: load (address, bytes), run, dump (address, length). Never raises for what the program does."""
    with tempfile.TemporaryDirectory(prefix="edgepar-rtl-") as name:
        folder = Path(name)
        stats = folder / "stats.json"
        settings: dict[str, object] = {
            "--elf": artefact,
            "--stats": stats,
            "--cores": cores,
            "--l1-bytes": options.l1_bytes,
            "--l2-bytes": options.l2_bytes,
            "--l2-latency": options.l2_latency_cycles,
            "--icache-bytes": options.icache_bytes,
            "--refill-extra": options.icache_refill_extra_cycles,
            "--mchan": options.mchan_version,
            "--max-cycles": max_cycles,
        }
        if load is not None:
            (folder / "load.bin").write_bytes(load[1])
            settings["--load"] = f"{load[0]:#x}={folder / 'load.bin'}"
        if dump is not None:
            settings["--dump"] = f"{dump[0]:#x}:{dump[1]}={folder / 'dump.bin'}"
        if region is not None:
            settings["--roi"] = f"{region[0]:#x},{region[1]:#x}"
        command = [str(program), *(str(word) for pair in settings.items() for word in pair)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                console, errors = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                # Asked to end, it still says where each core is.
                process.terminate()
                try:
                    console, errors = process.communicate(timeout=_GRACE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    console, errors = process.communicate()
        if process.returncode != 0:
            raise EmulatorError(
                f"{artefact.name}: the RTL simulator ended with status {process.returncode}: {errors.strip()}"
            )
        memory = (folder / "dump.bin").read_bytes() if dump is not None else b""
        return Outcome(json.loads(stats.read_text(encoding="utf-8")), memory, console)


def check(outcome: Outcome, image: Image) -> None:
    """EmulatorError unless the program ended by itself with status 0."""
    stats = outcome.stats
    match stats["status"]:
        case "exit":
            if stats["code"] == 0:
                return
            why = _EXITS.get(stats["code"])
            text = f"the program ended with status {stats['code']}" + (f" ({why})" if why else "")
        case "trap":
            cause = stats["mcause"]
            text = (
                f"core {stats['core']} trapped at {image.where(stats['mepc'])} "
                f"with mcause {cause} ({_TRAPS.get(cause, 'see the RISC-V privileged specification')})"
            )
        case "bus-error":
            text = (
                f"core {stats['core']} made a {stats['access']} at {stats['address']:#010x} from "
                f"{image.where(stats['pc'])}: {stats['what']}"
            )
        case _:
            cores = ", ".join(
                f"core {i} {'asleep' if core['asleep'] else 'running'} at {image.where(core['pc'])}"
                for i, core in enumerate(stats["cores"])
            )
            text = f"the program did not end within {stats['cycles']} cycles or the time allowed; {cores}"
    last = outcome.console.strip().splitlines()[-1:]
    said = f"; its last output was: {last[0]}" if last else ""
    raise EmulatorError(f"{image.path.name}: {text}{said}; look at the code at that address.")


def _options(job: Job) -> ClusterOptions:
    known = {field.name for field in fields(ClusterOptions)}
    values: dict[str, int] = {}
    for name, value in job.options.items():
        if name not in known:
            raise UsageError(
                f"RTL emulator: option {name!r} is not known; use one of {', '.join(sorted(known))}."
            )
        if isinstance(value, bool) or not isinstance(value, int):
            raise UsageError(f"RTL emulator: option {name!r} is {value!r}; give a whole number.")
        values[name] = value
    return ClusterOptions(**values)
