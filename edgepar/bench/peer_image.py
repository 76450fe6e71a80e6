# SPDX-License-Identifier: Apache-2.0
"""The C of another tool in the program that also measures edgepar's: same platform, harness, compiler and emulator."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from elftools.elf.elffile import ELFFile

from edgepar.bench.measure import TIMEOUT_S, Store, digest, emulator_digest
from edgepar.bench.peer_code import DTYPES, PeerCode
from edgepar.build import build_project, write_project
from edgepar.codegen.project import project
from edgepar.emulators.job import Job, Measurement
from edgepar.errors import MissingToolError
from edgepar.image import Image
from edgepar.manifest import Field, Manifest
from edgepar.memory import read_stack_figures, stack_bound
from edgepar.target import get_target
from edgepar.toolchain import toolchains

#: The C library of the Debian package, for cores whose compiler has none. Its code takes floats in integer registers.
PICOLIBC = Path("/usr/lib/picolibc/riscv64-unknown-elf")
_PICOLIBC_LIBRARY = "lib/release/rv32im/ilp32/libc.a"

#: Other tools' code may want more stack than the platforms reserve; what it does take is in ``ram_bytes``.
_LINK_SYMBOLS = {
    "pulp": {"__ep_cores": 1, "__ep_stack_bytes": 32768},
    "cortex_m": {"__ep_stack_bytes": 32768},
    "host": {},
}

#: Wall clock of a compiler, so that a row which never ends is one without figures.
BUILD_TIMEOUT_S = 240.0

#: For one function of megabytes. The scheduler of clang is what takes longest there, and code that calls routines for
#: doubles has little to schedule.
_LONG_FUNCTION = {
    "cortex_m": ("-O1",),
    "pulp": ("-O1", "-mllvm=-enable-misched=false"),
    "host": ("-O0",),
}

#: Soft doubles take their time.
_MAX_CYCLES = 400_000_000

_WRITABLE, _ALLOCATED = 0x1, 0x2

# picolibc keeps errno in thread-local storage, and the platform of PULP something else in tp.
_ENTER = {
    "pulp": (
        "static uint32_t thread[16];\n    uint32_t kept;\n"
        '    __asm__ volatile("mv %0, tp\\n\\tmv tp, %1" : "=&r"(kept) : "r"(thread) : "memory");'
    )
}
_LEAVE = {"pulp": '__asm__ volatile("mv tp, %0" : : "r"(kept) : "memory");'}


@dataclass(frozen=True, eq=False)
class PeerImage:
    """Built code of another tool."""

    code: PeerCode
    manifest: Manifest
    artefact: Path

    def run(self, X: npt.NDArray[Any], store: Store) -> Measurement:
        """Cycles and class indices (int32) of rows, which become what the tool takes before the counted region."""
        target = get_target(self.manifest.target)
        emulator = target.emulators[self.manifest.emulator]
        build = target.build(self.manifest.emulator, self.manifest.isa, self.manifest.fp)
        options = {**emulator.options, **build.emulator_options}
        samples = self.code.samples(X)
        module: Any = importlib.import_module(f"edgepar.emulators.{emulator.module}")
        job = Job(
            artefact=self.artefact,
            inputs=samples.tobytes(),
            n_samples=len(samples),
            input_bytes=samples[0].nbytes,
            output_bytes=4,
            cores=1,
            options=options,
            timeout_s=TIMEOUT_S,
            max_cycles=_MAX_CYCLES,
        )
        if emulator.module == "host":
            return module.run(job)  # type: ignore[no-any-return]
        key = digest(
            self.artefact.read_bytes(),
            job.inputs,
            repr(sorted(options.items())),
            emulator_digest(emulator.module, bool(options.get("fpu", 1)), str(options.get("timing", ""))),
        )
        return store.remember("peer_runs", key, lambda: module.run(job))  # type: ignore[no-any-return]


def labels(measurement: Measurement) -> npt.NDArray[np.int32]:
    """Class indices of a peer's answers."""
    return np.frombuffer(measurement.outputs, dtype="<i4")


def build_peer(code: PeerCode, base: Image, folder: Path) -> PeerImage:
    """Build ``code`` for the target of ``base``, an image of edgepar's own for one core.

    Raises
    ------
    DoesNotFitError, BuildTimeoutError, ToolchainError
        When it is larger than the target's memories, or its compiler does not survive it.
    """
    if base.plan is None:
        raise ValueError(f"{base.folder} has no plan")
    platform = base.build.platform
    if platform == "pulp" and not PICOLIBC.is_dir():
        raise MissingToolError(
            f"bench peers: {PICOLIBC} is not there; "
            "install it with: apt-get install picolibc-riscv64-unknown-elf"
        )
    manifest = base.manifest.model_copy(
        update={
            "name": f"{base.manifest.name}_{code.tool}",
            "record": (Field(name="label", role="label", dtype="int32", len=1, flat=True),),
            "needs": (),
        }
    )
    shared = {
        name: content
        for name, content in project(base.plan).items()
        if name.startswith(("runtime/pal/", "runtime/harness/", "runtime/include/"))
        or name == "toolchain.cmake"
    }
    texts = {
        "peer.h": code.source,
        "glue.c": _glue(code, int(np.prod(base.manifest.input_shape)), platform),
        "CMakeLists.txt": _cmake_lists(code, base, sorted(shared)),
    }
    write_project({**shared, **{name: text.encode() for name, text in texts.items()}}, folder)
    # The host's agreement is what every row needs.
    timeout_s = TIMEOUT_S if platform == "host" else BUILD_TIMEOUT_S
    return PeerImage(code, manifest, build_project(folder, manifest, timeout_s))


def _glue(code: PeerCode, n_features: int, platform: str) -> str:
    return f"""#include "harness.h"
#include "peer.h"

const uint32_t ep_model_input_bytes = {n_features * np.dtype(DTYPES[code.input_type]).itemsize}u;
const uint32_t ep_model_output_bytes = 4u;

void ep_model_infer(const void *input, void *output) {{
    const {code.input_type} *x = input;
    int32_t label;
    {_ENTER.get(platform, "")}
    {code.call}
    {_LEAVE.get(platform, "")}
    *(int32_t *)output = label;
}}
"""


def _cmake_lists(code: PeerCode, base: Image, shared: list[str]) -> str:
    build = base.build
    toolchain = toolchains()[build.toolchain]
    host = build.platform == "host"
    sources = " ".join(["glue.c", *(name for name in shared if name.endswith((".c", ".S")))])
    includes = " ".join(
        [
            ".", "runtime/include", "runtime/harness", f"runtime/pal/{build.platform}",
            *([str(code.include)] if code.include else []),
        ]
    )  # fmt: skip
    # Other tools' code is for hosted C: compilers may know what pow(x, 2) is. On this computer only its answers count,
    # and optimising a function of megabytes takes minutes.
    flags = [flag for flag in toolchain.c_flags if flag != "-ffreestanding"]
    stack = "-fstack-size-section" if toolchain.stack_sizes == "section" else "-fstack-usage"
    links = [*toolchain.link_flags, "-Wl,--gc-sections", "-Wl,--build-id=none"]
    libraries = ["m"]
    if build.platform == "pulp":
        flags += [f"-isystem {PICOLIBC / 'include'}"]
        libraries = [str(PICOLIBC / _PICOLIBC_LIBRARY), "${EP_LIBGCC}"]
    if not host:
        links += [
            f"-T${{CMAKE_CURRENT_SOURCE_DIR}}/runtime/pal/{build.platform}/link.ld",
            "-Wl,--emit-relocs",
        ]
        symbols = {**build.link_symbols, **_LINK_SYMBOLS[build.platform]}
        links += [f"-Wl,--defsym={name}={value}" for name, value in sorted(symbols.items())]
    optimisation = "-O0" if host else "-O2"
    if code.long_function:
        optimisation = ";".join(_LONG_FUNCTION[build.platform])
    targets = " ".join(flag for flag in flags if flag.startswith("--target"))
    made = f"add_library(image SHARED {sources})" if host else f"add_executable(image {sources})"
    return f"""cmake_minimum_required(VERSION 3.20)
project(peer LANGUAGES C{"" if host else " ASM"})
{made}
set_target_properties(image PROPERTIES PREFIX "" OUTPUT_NAME model SUFFIX .{"so" if host else "elf"})
target_include_directories(image PRIVATE {includes})
target_compile_definitions(image PRIVATE {" ".join(build.defines)})
target_compile_options(image PRIVATE {" ".join(build.cpu_flags)} {" ".join(flags)}
    $<$<COMPILE_LANGUAGE:C>:{optimisation};-w;-ffunction-sections;-fdata-sections;{stack}>)
target_link_options(image PRIVATE {" ".join(build.cpu_flags)} {targets} {" ".join(links)})
target_link_libraries(image PRIVATE {" ".join(libraries)})
"""


@dataclass(frozen=True)
class Footprint:
    """Bytes of flash (code, constants, start values) and RAM (what is written or lies in L1, and a stack bound)."""

    flash_bytes: int
    ram_bytes: int


def footprint(artefact: Path) -> Footprint:
    """What an image takes, counted alike for every tool."""
    figures = read_stack_figures(artefact.parent, artefact)
    with artefact.open("rb") as file:
        elf = ELFFile(file)
        sections = [s for s in elf.iter_sections() if s["sh_flags"] & _ALLOCATED and s["sh_size"]]
        stored = sum(s["sh_size"] for s in sections if s["sh_type"] != "SHT_NOBITS")
        working = sum(
            s["sh_size"]
            for s in sections
            if s["sh_flags"] & _WRITABLE or s.name.startswith((".l1", ".ep_l1"))
        )
        return Footprint(stored, working + stack_bound(elf, figures))
