# SPDX-License-Identifier: Apache-2.0
"""Small PULP programs for the RTL tests: built as target.toml says, run on the simulator, their regions given back."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgepar.data import data_folder
from edgepar.emulators.elf import load_image
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.emulators.verilator import ClusterOptions, Outcome, check, simulate
from edgepar.target import get_target
from edgepar.toolchain import find_compiler, toolchains

PROBES = Path(__file__).parent / "rtl"
# No program of these tests runs longer than this many cycles, nor longer than this on a busy machine.
MAX_CYCLES = 300_000
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Chip:
    """A target, an instruction set and, if not the first, a float support; ``options`` are of its RTL emulator."""

    target: str
    isa: str
    fp: str | None = None

    @property
    def options(self) -> dict[str, int]:
        return {name: int(value) for name, value in get_target(self.target).emulators["rtl"].options.items()}


COREV = Chip("pulp-open", "corev")
PLAIN = Chip("pulp-open", "plain")
GAP8 = Chip("gap8", "corev")


def build(
    chip: Chip,
    sources: list[Path],
    output: Path,
    defines: tuple[str, ...] = (),
    harness: bool = False,
    **link_symbols: int,
) -> Path:
    """Compile and link ``sources`` with the platform layer, and with the measuring program if ``harness``."""
    row = get_target(chip.target).build("rtl", chip.isa, chip.fp)
    toolchain = toolchains()[row.toolchain]
    runtime = data_folder("c_runtime")
    platform = runtime / "pal" / row.platform
    parts = [
        platform / "start.S",
        platform / "pal.c",
        runtime / "harness" / "roi.c",
        runtime / "harness" / "memory.c",
    ]
    if harness:
        parts.append(runtime / "harness" / "main.c")
    compiler = [
        find_compiler(toolchain).command,
        *toolchain.c_flags,
        *row.cpu_flags,
        *(f"-D{define}" for define in (*row.defines, *defines)),
        *("-O2", "-std=c11", "-ffp-contract=off"),
        *("-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror"),
        *("-ffunction-sections", "-fdata-sections"),
        f"-I{runtime / 'include'}",
        f"-I{runtime / 'harness'}",
    ]
    if row.float_routines is not None:
        flags = [*row.float_flags, f"-I{runtime / 'softfp' / row.float_routines}"]
        for source in sorted((runtime / "softfp").glob("*.c")):
            parts.append(output.with_suffix(f".{source.stem}.o"))
            _call([*compiler, *flags, "-c", str(source), "-o", str(parts[-1])])
    command = [
        *compiler,
        "-Wl,--gc-sections",
        *toolchain.link_flags,
        *(f"-Wl,--defsym={name}={value}" for name, value in link_symbols.items()),
        f"-T{platform / 'link.ld'}",
        *map(str, [*parts, *sources]),
        "-o",
        str(output),
    ]
    _call(command)
    return output


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def regions(
    chip: Chip, program: Path, cores: int = 8, max_cycles: int = MAX_CYCLES, **options: int
) -> list[dict[str, Any]]:
    """Run to a clean end; the measured regions in order."""
    outcome = outcome_of(chip, program, cores, max_cycles, **options)
    check(outcome, load_image(program))
    found: list[dict[str, Any]] = outcome.stats["regions"]
    return found


def outcome_of(
    chip: Chip, program: Path, cores: int, max_cycles: int = MAX_CYCLES, **options: int
) -> Outcome:
    """Run, however it ends."""
    settings = ClusterOptions(**{**chip.options, **options})
    image = load_image(program)
    return simulate(
        cluster_simulator(fpu=bool(settings.fpu)),
        program,
        cores,
        settings,
        region=(image.symbol("ep_roi_begin"), image.symbol("ep_roi_end")),
        max_cycles=max_cycles,
        timeout_s=TIMEOUT_S,
    )
