# SPDX-License-Identifier: Apache-2.0
"""Builds of the cluster simulator, cached per user: the packaged CV32E40P, verilated, and our cluster around it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_dir

from edgepar.data import data_folder
from edgepar.errors import MissingToolError, ToolchainError
from edgepar.toolchain import toolchains

_CORE_PACKAGE = "pythondata-cpu-cv32e40p"
_CORE_MODULE = "pythondata_cpu_cv32e40p"
_FILE_LIST = "cv32e40p_fpu_manifest.flist"
# The tracer and its bench are not part of the core, and the clock gate is ours.
_LEFT_OUT = ("cv32e40p_tb_wrapper.sv", "cv32e40p_tracer_pkg.sv", "cv32e40p_sim_clock_gate.sv")
_VERILATOR_FLAGS = (
    *("--cc", "--exe", "--prefix", "Vcore", "--top-module", "cluster_core", "-o", "cluster_sim"),
    *("-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert"),
    *("-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTIDRIVEN", "-Wno-BLKANDNBLK"),
)
_CXX_FLAGS = "-std=c++20 -Wall -Wextra"
_MAKE_FLAGS = ("-j2", "VM_PARALLEL_BUILDS=1", "OPT_FAST=-O2", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2")
_TOOLS = ("verilator", "make", "g++")  # each is a Debian package of the same name


def cluster_simulator(fpu: bool) -> Path:
    """The simulator of a cluster with or without FPU, built on first use.

    Parameters
    ----------
    fpu : bool
        True: FPU with latency 1 and floats in integer registers (Zfinx), as in PULP-OPEN. False: no FPU, as in GAP8.

    Raises
    ------
    MissingToolError
        When a program or the core's package is missing; the text has the command that installs it.
    ToolchainError
        When the build fails.
    """
    core = _core_folder()
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            raise MissingToolError(
                f"RTL simulator: {tool} is not installed; install it with: apt-get install {tool}"
            )
    kind = "fpu" if fpu else "nofpu"
    folder = Path(user_cache_dir("edgepar")) / "rtl"
    place = folder / f"{kind}-{_content_hash(fpu)}"
    program = place / "cluster_sim"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{kind}.lock"):
        if not program.exists():
            _build(core, fpu, place)
    return program


def _core_folder() -> Path:
    spec = importlib.util.find_spec(_CORE_MODULE)
    if spec is None or spec.origin is None:
        raise MissingToolError(
            f"RTL simulator: the core's RTL ({_CORE_PACKAGE}) is not installed; "
            f"install it with: pip install {_CORE_PACKAGE}"
        )
    return Path(spec.origin).parent / "system_verilog"


def _sources() -> list[Path]:
    folder = data_folder("targets") / "pulp-open" / "rtl"
    patterns = ("*.sv", "*.vlt", "sim/*.cpp", "sim/*.h")
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def _compiler() -> str:
    """The C++ side of the clang that compiles the images, which makes a simulator half as fast again as g++ does."""
    names = [command.replace("clang", "clang++") for command in toolchains()["clang-riscv"].commands]
    return next((name for name in names if shutil.which(name)), "g++")


def _content_hash(fpu: bool) -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    versions = [
        importlib.metadata.version(_CORE_PACKAGE),
        _answer("verilator", "--version"),
        _answer(_compiler(), "--version"),
    ]
    for text in (*versions, *_VERILATOR_FLAGS, _CXX_FLAGS, *_MAKE_FLAGS, str(fpu)):
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()[:16]


def _answer(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _core_arguments(core: Path) -> list[str]:
    """The package's own file list, with its variable filled in."""
    lines = (core / _FILE_LIST).read_text(encoding="utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return [
        line.replace("${DESIGN_RTL_DIR}", str(core / "rtl"))
        for line in kept
        if line and not line.startswith("//") and not line.endswith(_LEFT_OUT)
    ]


def _build(core: Path, fpu: bool, place: Path) -> None:
    """Build beside ``place`` and move it there in one step, so that a cut-short build leaves nothing behind."""
    kind = "with" if fpu else "without"
    text = f"edgepar: building the RTL simulator ({kind} FPU), about half a minute, once ..."
    print(text, file=sys.stderr, flush=True)  # noqa: T201
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="build-") as name:
        work = Path(name)
        log = place.parent / f"{place.name}.log"
        log.unlink(missing_ok=True)
        (work / "core.f").write_text("\n".join(_core_arguments(core)) + "\n", encoding="utf-8")
        sources = [str(path) for path in _sources() if path.suffix in (".vlt", ".sv", ".cpp")]
        sources.sort(key=lambda path: not path.endswith(".vlt"))  # settings before what they are for
        _step(
            [
                "verilator",
                *_VERILATOR_FLAGS,
                f"-GFPU={int(fpu)}",
                "-CFLAGS",
                _CXX_FLAGS,
                "--Mdir",
                str(work / "obj"),
                *(source for source in sources if not source.endswith(".cpp")),
                "-f",
                str(work / "core.f"),
                *(source for source in sources if source.endswith(".cpp")),
            ],
            log,
        )
        _step(["make", "-C", str(work / "obj"), "-f", "Vcore.mk", f"CXX={_compiler()}", *_MAKE_FLAGS], log)
        done = work / "done"
        done.mkdir()
        (work / "obj" / "cluster_sim").rename(done / "cluster_sim")
        done.rename(place)
    took = time.monotonic() - began
    print(f"edgepar: the RTL simulator is ready after {took:.0f} s", file=sys.stderr, flush=True)  # noqa: T201


def _step(command: list[str], log: Path) -> None:
    with log.open("ab") as stream:
        stream.write((" ".join(command) + "\n").encode())
        stream.flush()
        code = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False).returncode
    if code != 0:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        raise ToolchainError(
            f"RTL simulator: {command[0]} ended with status {code}; the command was\n{' '.join(command)}\n"
            f"its last lines were\n{last}\nthe whole log is {log}"
        )
