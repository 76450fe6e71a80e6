# SPDX-License-Identifier: Apache-2.0
"""c_runtime/softfp as programs: against the float hardware of this computer, and as images whose answers are hashes."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.kernel_library import ROOT, WARNINGS
from tests.qemu_images import Platform, build, job, run

SOFTFP = ROOT / "c_runtime" / "softfp"
SOURCES = tuple(sorted(SOFTFP.glob("*.c")))
PROBE = ROOT / "tests" / "c"
#: The names of the C library are its own on this computer, and the reference.
RENAMED = ("-Dsqrtf=softfp_sqrtf", "-Dfmaf=softfp_fmaf")
#: By order of softfp_routines.h.
ROUTINES = (
    "add", "sub", "mul", "div", "fma", "lt", "le", "gt", "ge", "eq", "ne", "unord",
    "fix", "fixuns", "fixdi", "fixunsdi", "floatsi", "floatunsi", "floatdi", "floatundi", "sqrt",
)  # fmt: skip


_FLAGS = ("-O2", "-std=c11", "-ffp-contract=off", "-fno-math-errno", *WARNINGS)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="edgepar-softfp-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _compiled(source: Path, flags: tuple[str, ...]) -> Path:
    number = len(list(_folder().glob("*.o")))
    output = _folder() / f"{number}.o"
    if source.parent != PROBE:
        flags = ("-fno-builtin", *RENAMED, f"-I{SOFTFP / 'rv32im'}", f"-I{SOFTFP}", *flags)
    subprocess.run(["gcc", *_FLAGS, *flags, "-c", str(source), "-o", str(output)], check=True)
    return output


@cache
def host_program(flags: tuple[str, ...] = (), instead: Path | None = None) -> Path:
    """tests/c/softfp_host.c with the routines in their plain form; ``instead`` replaces the source of its name."""
    sources = [PROBE / "softfp_host.c", *(s for s in SOURCES if instead is None or s.name != instead.name)]
    objects = [_compiled(source, flags) for source in [*sources, *filter(None, [instead])]]
    number = len(list(_folder().glob("host-*")))
    program = _folder() / f"host-{number}"
    subprocess.run(["gcc", *flags, *map(str, objects), "-lm", "-pthread", "-o", str(program)], check=True)
    return program


def differences(program: Path, *arguments: object) -> tuple[int, dict[str, str]]:
    """How many inputs were tried, and the routines that differ from the hardware with the first example of each."""
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found["inputs"], {name: text for name, (count, text) in found["differ"].items() if count}


def hardware_hashes(first: int, block_len: int, blocks: int) -> np.ndarray:
    """[blocks, routines] hashes of what the hardware answers."""
    command = [str(host_program()), "hashes", str(first), str(block_len), str(blocks)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return np.array([[int(word, 16) for word in line.split()] for line in lines], np.uint32)


def image_hashes(
    platform: Platform, folder: Path, first: int, block_len: int, blocks: int, libraries: Sequence[Path]
) -> np.ndarray:
    """The same hashes from the routines of an image."""
    image = build(
        platform, folder / "softfp.elf", [PROBE / "softfp_image.c", *libraries], *RENAMED, "-fno-builtin"
    )
    samples = np.array([[first + block * block_len, block_len] for block in range(blocks)], np.uint32)
    asked = job(platform, image, samples, 4 * len(ROUTINES), cores=1, max_cycles=200_000_000, timeout_s=600)
    return np.frombuffer(run(platform, asked).outputs, np.uint32).reshape(blocks, len(ROUTINES))
