# SPDX-License-Identifier: Apache-2.0
"""Project folder -> artefact, with plain CMake."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from filelock import FileLock

from edgepar.errors import BuildTimeoutError, DoesNotFitError, MissingToolError, ToolchainError, UsageError
from edgepar.manifest import Manifest
from edgepar.target import get_target
from edgepar.toolchain import find_compiler, require_helper, toolchains

_LOG = "build.log"
#: What the build folder was configured with.
_STAMP = "edgepar-configured"
#: Of each step.
TIMEOUT_S = 600.0

#: What the linkers and the asserts of the link.ld files say when a memory is too small.
_TOO_LARGE = ("does not fit", "do not fit", "will not fit", "overflowed by")


def write_project(files: dict[str, bytes], folder: Path) -> None:
    """Write the files that differ; others keep their time stamps, so that a second build does nothing."""
    try:
        for name, content in files.items():
            path = folder / name
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); choose another folder."
        ) from error


def build_project(folder: Path, manifest: Manifest, timeout_s: float = TIMEOUT_S) -> Path:
    """The artefact of a project, built where it is not up to date.

    Raises
    ------
    MissingToolError
        When CMake or the compiler is not installed.
    DoesNotFitError
        When the linker finds a memory too small.
    BuildTimeoutError
        When it takes longer than ``timeout_s``.
    ToolchainError
        When the build fails: command line, last 20 lines, path of the log.
    """
    target = get_target(manifest.target)
    row = target.build(manifest.emulator, manifest.isa, manifest.fp)
    toolchain = toolchains()[row.toolchain]
    compiler = find_compiler(toolchain)
    require_helper(toolchain)
    if shutil.which("cmake") is None:
        raise MissingToolError("CMake is not installed; install it with: apt-get install cmake")
    if shutil.which("ninja") is None:
        raise MissingToolError("Ninja is not installed; install it with: apt-get install ninja-build")
    build = folder / "build"
    artefact = build / ("model.so" if row.platform == "host" else "model.elf")
    log = build / _LOG
    try:
        build.mkdir(parents=True, exist_ok=True)
        log.touch()
    except OSError as error:
        raise UsageError(
            f"{build}: cannot be written ({error.strerror}); copy the project to a folder that can."
        ) from error
    configure = [
        "cmake", "-S", str(folder), "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
        f"-DEP_CC:FILEPATH={shutil.which(compiler.command)}",
        f"-DCMAKE_TOOLCHAIN_FILE={folder / 'toolchain.cmake'}",
    ]  # fmt: skip
    with FileLock(build / "edgepar.lock"):
        log.write_text("", encoding="utf-8")
        # CMake keeps the paths and the compiler of its first time.
        setting = "\n".join([*configure, (folder / "toolchain.cmake").read_text(encoding="utf-8")])
        stamp = build / _STAMP
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != setting:
            shutil.rmtree(build / "CMakeFiles", ignore_errors=True)
            (build / "CMakeCache.txt").unlink(missing_ok=True)
            _step(configure, log, manifest, timeout_s)
            stamp.write_text(setting, encoding="utf-8")
        _step(["cmake", "--build", str(build), "-j", "2"], log, manifest, timeout_s)
    return artefact


def _step(command: list[str], log: Path, manifest: Manifest, timeout_s: float) -> None:
    # A session of its own, so that its end is the end of the compilers that CMake has started as well.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate(timeout=timeout_s)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise BuildTimeoutError(
                f"model {manifest.name} for {manifest.target}: {' '.join(command)} did not end within "
                f"{timeout_s:g} s; log: {log}; use a smaller model or a faster computer."
            ) from error
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(command)}\n{output}")
    if process.returncode == 0:
        return
    if any(words in output for words in _TOO_LARGE):
        largest = sorted(manifest.needs, key=lambda need: -need.bytes)[:3]
        named = ", ".join(f"{need.name} of {need.bytes} bytes in {need.level}" for need in largest)
        raise DoesNotFitError(
            f"model {manifest.name} on {manifest.target}: code and data together are larger than a memory; largest: "
            f"{named}; use a smaller model or a target with more memory (log: {log})."
        )
    tail = "\n".join(output.splitlines()[-20:])
    raise ToolchainError(
        f"model {manifest.name} for {manifest.target}: '{' '.join(command)}' failed; log: {log}; "
        f"its last lines:\n{tail}"
    )
