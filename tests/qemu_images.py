# SPDX-License-Identifier: Apache-2.0
"""Small programs on the platform layer, built as target.toml says and run by the emulators, for the tests of both."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgepar.data import data_folder
from edgepar.emulators import host, qemu, verilator
from edgepar.emulators.job import Job, Measurement
from edgepar.target import get_target
from edgepar.toolchain import find_compiler, toolchains

PROGRAMS = Path(__file__).parent / "qemu"
_EMULATORS = {"host": host, "qemu": qemu, "rtl": verilator}
_WARNINGS = "-Wall -Wextra -Wconversion -Wdouble-promotion -Wshadow -Werror"
_FLAGS = (
    f"-O2 -std=c11 -ffp-contract=off -fno-math-errno {_WARNINGS} -ffunction-sections -fdata-sections".split()
)


@dataclass(frozen=True)
class Platform:
    """One way to build and run a program.

    ``zfinx`` builds the RISC-V image of QEMU with floats in integer registers: the same instructions as in
    the plain image of the RTL. ``fp`` is the kind of float support, the target's first by default.
    """

    name: str
    target: str
    emulator: str
    isa: str
    cores: int
    zfinx: bool = False
    fp: str | None = None


HOST = Platform("host", "host", "host", "native", 9)
VIRT = Platform("virt", "pulp-open", "qemu", "plain", 8)
VIRT_SOFT = Platform("virt without F", "gap8", "qemu", "plain", 8, fp="softfp")
VIRT_LIBGCC = Platform("virt without F, libgcc", "gap8", "qemu", "plain", 8, fp="libgcc")
VIRT_ZFINX = Platform("virt with Zfinx", "pulp-open", "qemu", "plain", 8, zfinx=True)
CORTEX_M = Platform("cortex_m", "cortex-m4", "qemu", "armv7em", 1)
RTL = Platform("rtl", "pulp-open", "rtl", "plain", 8)


def build(platform: Platform, output: Path, sources: list[Path], *extra: str) -> Path:
    """Compile ``sources`` with the platform layer and the harness; ``extra`` are further compiler arguments."""
    row = get_target(platform.target).build(platform.emulator, platform.isa, platform.fp)
    toolchain = toolchains()[row.toolchain]
    compiler = find_compiler(toolchain).command
    runtime = data_folder("c_runtime")
    folder = runtime / "pal" / row.platform
    cpu = ["-march=rv32imc_zfinx", "-mabi=ilp32"] if platform.zfinx else list(row.cpu_flags)
    compile_flags = [
        *toolchain.c_flags,
        *_FLAGS,
        f"-I{runtime / 'include'}",
        f"-I{runtime / 'harness'}",
        *extra,
    ]
    parts: list[Path] = sorted([*folder.glob("*.c"), *folder.glob("*.S")])
    if row.float_routines is not None:
        parts += sorted((runtime / "softfp").glob("*.c"))
        compile_flags.append(f"-I{runtime / 'softfp' / row.float_routines}")
    link: list[str] = []
    libraries = ["-lm"] if platform.emulator == "host" else []
    if platform.emulator != "host":
        parts += sorted((runtime / "harness").glob("*.c"))
        link = ["-Wl,--gc-sections", f"-T{folder / 'link.ld'}"]
    if platform.zfinx:
        # The platform's own code needs atomic operations, which the cores of the RTL do not have.
        atomic = output.with_suffix(".pal.o")
        _call(
            [
                compiler,
                "-march=rv32imac_zfinx",
                "-mabi=ilp32",
                *compile_flags,
                "-c",
                str(folder / "pal.c"),
                "-o",
                str(atomic),
            ]
        )
        parts = [part for part in parts if part.name != "pal.c"] + [atomic]
    everything = [str(part) for part in [*parts, *sources]]
    _call(
        [
            compiler,
            *cpu,
            *compile_flags,
            *toolchain.link_flags,
            *link,
            *everything,
            *libraries,
            "-o",
            str(output),
        ]
    )
    return output


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def job(
    platform: Platform,
    artefact: Path,
    samples: np.ndarray,
    output_bytes: int,
    cores: int | None = None,
    timeout_s: float = 120.0,
    max_cycles: int = 20_000_000,
    **options: int | str,
) -> Job:
    """What an emulator is asked: one sample a row of ``samples``."""
    target = get_target(platform.target)
    settings = {**target.emulators[platform.emulator].options, **options}
    if platform.zfinx:
        settings["cpu"] = "rv32,zfinx=true,f=false,d=false"
    data = np.ascontiguousarray(samples)
    return Job(
        artefact=artefact,
        inputs=data.tobytes(),
        n_samples=len(data),
        input_bytes=data[0].nbytes,
        output_bytes=output_bytes,
        cores=platform.cores if cores is None else cores,
        options=settings,
        timeout_s=timeout_s,
        max_cycles=max_cycles,
    )


def run(platform: Platform, asked: Job) -> Measurement:
    """Run the job on the platform's emulator."""
    return _EMULATORS[platform.emulator].run(asked)
