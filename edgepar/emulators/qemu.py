# SPDX-License-Identifier: Apache-2.0
"""QEMU as emulator: exact outputs, and modelled cycles from a timing plugin.

Options of a job
----------------
machine : ``virt`` (riscv32, one hart a core) or ``mps2-an386`` (Cortex-M4F). Required.
timing : name of the timing table, ``cv32e40p`` or ``cortex-m4``. Required.
cpu : QEMU's ``-cpu`` argument, where the image needs another core (``rv32,zfinx=true,f=false,d=false``).
Any parameter of the timing table by its name: ``l2_latency_cycles``, ``icache_bytes``, ``flash_wait_cycles`` ...

The samples of a job that do not fit into the image's sample region together are run in several parts.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgepar.emulators.elf import Image, load_image
from edgepar.emulators.job import CoreActivity, Job, Measurement
from edgepar.emulators.plugin_build import build_plugin
from edgepar.emulators.timing import describe, load_table
from edgepar.errors import EmulatorError, MissingToolError, UsageError


@dataclass(frozen=True)
class _Machine:
    program: str
    package: str
    arguments: tuple[str, ...]
    kind: str


_MACHINES = {
    "virt": _Machine(
        "qemu-system-riscv32", "qemu-system-misc", ("-M", "virt", "-m", "128M", "-bios", "none"), "riscv"
    ),
    "mps2-an386": _Machine("qemu-system-arm", "qemu-system-arm", ("-M", "mps2-an386"), "arm"),
}

_HEADER_BYTES = 16
_CONSOLE_BYTES = 4000
_KILL_AFTER_S = 3.0
_STATUS_LIMIT = 99  # of the plugin
# Exit statuses of the C side, c_runtime/harness/semihost.h and main.c.
_STATUS_MEANING = {
    64: "found a sample region that is not what the harness expects",
    66: "could not write its outputs to samples.out",
    67: "asked the platform for something that pal.h does not allow (more cores than it has?)",
}
_TRAP = re.compile(r"edgepar-trap (\S+) core=0x(\w+) pc=0x(\w+) cause=0x(\w+) address=0x(\w+)")
_RISCV_CAUSES = {
    0: "misaligned jump",
    1: "instruction fetch from nowhere",
    2: "illegal instruction",
    3: "breakpoint",
    4: "misaligned load",
    5: "load from nowhere",
    6: "misaligned store",
    7: "store to nowhere",
    11: "environment call",
}
# Bits of the configurable fault status register, the most telling first.
_ARM_FAULTS = {
    0x00000010: "stack overflow",
    0x00001000: "stack overflow",
    0x00000001: "fetch from forbidden memory",
    0x00000002: "access to forbidden memory",
    0x00000100: "fetch from nowhere",
    0x00000200: "access to nowhere",
    0x00010000: "undefined instruction",
    0x00020000: "jump to Arm code",
    0x00080000: "no FPU",
    0x01000000: "misaligned access",
    0x02000000: "division by zero",
}


@dataclass(frozen=True)
class _Part:
    """Result of one QEMU process."""

    outputs: bytes
    regions: list[int]
    cores: list[list[int]]
    unknown_pc: int | None


@dataclass(frozen=True)
class _Setting:
    """What all parts of a job share."""

    job: Job
    name: str
    machine: _Machine
    image: Image
    plugin: Path
    timing_config: str
    deadline: float


def run(job: Job) -> Measurement:
    """Run the samples of a job.

    Raises
    ------
    UsageError
        An option that is missing or that the timing table does not have.
    MissingToolError
        QEMU or the C compiler is not installed.
    EmulatorError
        The program trapped, hung, ended with a failure, or is no image for this machine.
    """
    setting = _prepare(job)
    region_bytes = (
        setting.image.symbol("__ep_samples_end") - setting.image.symbol("__ep_samples_start") - _HEADER_BYTES
    )
    call = min(job.batch, job.n_samples)
    room = region_bytes // (job.input_bytes + job.output_bytes) // max(call, 1) * call
    if room < 1:
        what = "sample" if call == 1 else f"call of {call} samples"
        raise EmulatorError(
            f"{job.artefact.name}: no {what} of {job.input_bytes} + {job.output_bytes} bytes fits into the "
            f"{max(region_bytes, 0)} bytes that the image leaves free; make the model smaller."
        )
    parts = [
        _run_part(setting, first, min(room, job.n_samples - first)) for first in range(0, job.n_samples, room)
    ]
    cycles = np.array([count for part in parts for count in part.regions[1:]], dtype=np.int64)
    return Measurement(
        outputs=b"".join(part.outputs for part in parts),
        cycles=cycles,
        cold_cycles=parts[0].regions[0] if parts else None,
        provenance="modelled",
        provenance_note=_note(setting, parts),
        activity=_activity(job.cores, parts, int(cycles.sum())),
    )


def _prepare(job: Job) -> _Setting:
    name = str(job.options.get("machine", ""))
    if name not in _MACHINES:
        raise UsageError(f"QEMU option machine: found {name!r}, allowed are {', '.join(_MACHINES)}.")
    machine = _MACHINES[name]
    if shutil.which(machine.program) is None:
        raise MissingToolError(
            f"{machine.program} was not found; install it with: sudo apt-get install {machine.package}"
        )
    image = load_image(job.artefact)
    if image.machine != machine.kind:
        raise EmulatorError(
            f"{job.artefact.name}: an image for {image.machine} cannot run on the machine {name}."
        )
    overrides = _overrides(job.options)
    description = describe(
        image, str(job.options.get("timing", "")), overrides, job.max_cycles * job.batch, "timing.out"
    )
    deadline = time.monotonic() + job.timeout_s
    return _Setting(job, name, machine, image, build_plugin(), description.text, deadline)


def _overrides(options: Mapping[str, int | float | str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, value in options.items():
        if name in ("machine", "timing", "cpu"):
            continue
        if isinstance(value, str) or value != int(value) or value < 0:
            raise UsageError(f"QEMU option {name}: found {value!r}, allowed are whole numbers from 0.")
        numbers[name] = int(value)
    return numbers


def _run_part(setting: _Setting, first: int, count: int) -> _Part:
    job = setting.job
    inputs = job.inputs[first * job.input_bytes : (first + count) * job.input_bytes]
    with tempfile.TemporaryDirectory(prefix="edgepar-qemu-") as name:
        folder = Path(name)
        (folder / "samples.in").write_bytes(struct.pack("<4I", count, 0, 0, 0) + inputs)
        (folder / "timing.cfg").write_text(setting.timing_config, encoding="ascii")
        # Under these names in the working directory, since a comma in a path would end QEMU's argument.
        (folder / "plugin.so").symlink_to(setting.plugin.resolve())
        (folder / "image.elf").symlink_to(job.artefact.resolve())
        status, console = _execute(setting, folder)
        timing = _read_timing(folder / "timing.out")
        if status is None:
            raise _timeout_error(setting, first, count, timing, console)
        if status != 0:
            raise _failure(setting, first, status, timing, console)
        dump = folder / "samples.out"
        data = dump.read_bytes() if dump.exists() else b""
    expected = _HEADER_BYTES + count * (job.input_bytes + job.output_bytes)
    regions = -(-count // job.batch) + 1
    if len(data) != expected or len(timing.regions) != regions:
        raise EmulatorError(
            f"{job.artefact.name}: the program ended after {len(timing.regions)} of {regions} regions of interest "
            f"and left {len(data)} of {expected} bytes; build it with c_runtime/harness and for samples of "
            f"{job.input_bytes} and {job.output_bytes} bytes."
        )
    return _Part(
        data[_HEADER_BYTES + count * job.input_bytes :], timing.regions, timing.cores, timing.unknown_pc
    )


def _execute(setting: _Setting, folder: Path) -> tuple[int | None, str]:
    """Run QEMU; return its exit status (None when the time was over) and the end of what it printed."""
    job = setting.job
    samples = setting.image.symbol("__ep_samples_start")
    command = [
        setting.machine.program, *setting.machine.arguments,
        *(("-smp", str(job.cores)) if setting.machine.kind == "riscv" else ()),
        *(("-cpu", str(job.options["cpu"])) if "cpu" in job.options else ()),
        "-display", "none", "-serial", "none", "-monitor", "none", "-no-reboot",
        "-semihosting-config", "enable=on,target=native",
        "-kernel", "image.elf",
        "-device", f"loader,file=samples.in,addr=0x{samples:x},force-raw=on",
        "-plugin", "./plugin.so",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    tail = bytearray()
    reader = threading.Thread(target=_keep_tail, args=(process, tail), daemon=True)
    reader.start()
    status: int | None = None
    try:
        status = process.wait(timeout=max(setting.deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        process.terminate()  # QEMU then still writes what the plugin knows
        try:
            process.wait(timeout=_KILL_AFTER_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    reader.join(timeout=_KILL_AFTER_S)
    return status, bytes(tail).decode("utf-8", "replace")


def _keep_tail(process: subprocess.Popen[bytes], tail: bytearray) -> None:
    if process.stdout is not None:
        while chunk := os.read(process.stdout.fileno(), 1 << 16):
            tail += chunk
            del tail[:-_CONSOLE_BYTES]


@dataclass
class _Timing:
    """The plugin's result file."""

    regions: list[int]
    cores: list[list[int]]
    unknown_pc: int | None = None
    limit_pc: int | None = None
    last_pc: int | None = None


def _read_timing(path: Path) -> _Timing:
    timing = _Timing([], [])
    for line in path.read_text(encoding="ascii").splitlines() if path.exists() else []:
        word, *numbers = line.split()
        match word:
            case "region":
                timing.regions.append(int(numbers[0]))
            case "core":
                timing.cores.append([int(number) for number in numbers[1:]])
            case "unknown":
                timing.unknown_pc = int(numbers[0])
            case "limit":
                timing.limit_pc = int(numbers[0])
            case "last":
                timing.last_pc = int(numbers[0])
    return timing


def _said(console: str) -> str:
    text = console.strip()
    return f"; the last console output was: {text[-400:]}" if text else "; it printed nothing"


def _who(setting: _Setting) -> str:
    return f"{setting.job.artefact.name} on {setting.machine.program} {setting.name}"


def _timeout_error(setting: _Setting, first: int, count: int, timing: _Timing, console: str) -> EmulatorError:
    done = len(timing.regions)
    doing = (
        "before the first sample"
        if done == 0
        else f"in sample {first + (done - 1) * setting.job.batch}"
        if (done - 1) * setting.job.batch < count
        else "after the last sample"
    )
    at = f", core 0 near {setting.image.where(timing.last_pc)}" if timing.last_pc else ""
    text = console.replace("terminating on signal 15", "stopped by edgepar")
    return EmulatorError(
        f"{_who(setting)}: not done after {setting.job.timeout_s:g} s, {doing}{at}; raise the timeout or look for a "
        f"loop that never ends{_said(text)}"
    )


def _failure(setting: _Setting, first: int, status: int, timing: _Timing, console: str) -> EmulatorError:
    who = _who(setting)
    trap = _TRAP.search(console)
    if trap is not None:
        kind, core, pc, cause, address = trap[1], *(int(word, 16) for word in trap.groups()[1:])
        if kind == "riscv":
            reason = _RISCV_CAUSES.get(cause, f"cause {cause}")
        else:
            reason = next(
                (text for bit, text in _ARM_FAULTS.items() if cause & bit), f"fault status 0x{cause:08x}"
            )
        at = setting.image.where(pc) if pc else "an unknown pc"
        return EmulatorError(
            f"{who}: the program trapped on core {core} at pc {at}: {reason}, address 0x{address:08x}."
        )
    if status == _STATUS_LIMIT and timing.limit_pc is not None:
        return EmulatorError(
            f"{who}: sample {first + max(len(timing.regions) - 1, 0) * setting.job.batch} took more than "
            f"{setting.job.max_cycles * setting.job.batch} cycles, "
            f"core 0 at pc {setting.image.where(timing.limit_pc)}; raise max_cycles or look for a loop that never ends."
        )
    if status in _STATUS_MEANING:
        return EmulatorError(f"{who}: the program {_STATUS_MEANING[status]}{_said(console)}")
    return EmulatorError(f"{who}: ended with status {status}{_said(console)}")


def _activity(cores: int, parts: list[_Part], total_cycles: int) -> tuple[CoreActivity, ...]:
    found = []
    for core in range(cores):
        columns = zip(*(part.cores[core] for part in parts), strict=True)
        active, insns, loads, stores, fpu, data_stall, fetch_stall = (sum(column) for column in columns)
        found.append(
            CoreActivity(
                active_cycles=active,
                asleep_cycles=max(total_cycles - active, 0),
                l2_stall_cycles=data_stall,
                fetch_stall_cycles=fetch_stall,
                loads=loads,
                stores=stores,
                fpu_ops=fpu,
                instructions=insns,
            )
        )
    return tuple(found)


def _note(setting: _Setting, parts: list[_Part]) -> str:
    table = load_table(str(setting.job.options["timing"]))
    note = (
        f"QEMU {setting.name}, timing table {setting.job.options['timing']} ({table.source}); "
        "divisions at a fixed figure, no bank conflicts and no contention between cores"
    )
    unknown = [part.unknown_pc for part in parts if part.unknown_pc is not None]
    return note + (
        f"; instructions without a row counted as 1 cycle, one at {setting.image.where(unknown[0])}"
        if unknown
        else ""
    )
