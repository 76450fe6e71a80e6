# SPDX-License-Identifier: Apache-2.0
"""Compilers as toolchains/*.toml state them, and the search for one that is installed and good enough."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from edgepar.data import data_folder
from edgepar.errors import MissingToolError


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Helper(_Table):
    """A second program a toolchain needs, here the GCC whose helper library is linked."""

    commands: tuple[str, ...]
    install: str
    library_arguments: tuple[str, ...]


class Toolchain(_Table):
    """One compiler: its names in order of preference, what version and flags it must know, and its flags.

    ``whole_program_c_flags`` and ``whole_program_link_flags`` have it optimise a model and the kernels it calls as one,
    where sizes are literals.
    """

    name: str
    title: str
    commands: tuple[str, ...]
    version_arguments: tuple[str, ...]
    version_pattern: str
    minimum_version: int
    probe_flags: tuple[str, ...]
    install: str
    cmake_system: str
    cmake_processor: str
    c_flags: tuple[str, ...]
    link_flags: tuple[str, ...]
    whole_program_c_flags: tuple[str, ...] = ()
    whole_program_link_flags: tuple[str, ...] = ()
    stack_sizes: Literal["section", "su"]
    helper: Helper | None = None


@dataclass(frozen=True)
class Compiler:
    """A compiler that was found."""

    command: str
    version: str


@cache
def toolchains() -> dict[str, Toolchain]:
    """All toolchains by name."""
    found = {}
    for path in sorted(data_folder("toolchains").glob("*.toml")):
        toolchain = Toolchain.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        found[toolchain.name] = toolchain
    return found


@cache
def find_compiler(toolchain: Toolchain) -> Compiler:
    """The first command that is there, new enough and takes the probe flags; MissingToolError when none does."""
    reasons = []
    for command in toolchain.commands:
        if shutil.which(command) is None:
            continue
        answer = subprocess.run(
            [command, *toolchain.version_arguments], capture_output=True, text=True, check=False
        )
        match = re.search(toolchain.version_pattern, answer.stdout)
        if match is None or int(match.group(1)) < toolchain.minimum_version:
            reasons.append(f"{command} is older than version {toolchain.minimum_version}")
            continue
        probe = [command, *toolchain.probe_flags, "-x", "c", "-c", "/dev/null", "-o", "/dev/null"]
        if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            flags = "".join(f" {flag}" for flag in toolchain.probe_flags)
            reasons.append(f"{command} cannot compile an empty file{' with' if flags else ''}{flags}")
            continue
        return Compiler(command, answer.stdout.splitlines()[0].strip())
    found = "; ".join(reasons) if reasons else f"none of {', '.join(toolchain.commands)} is installed"
    raise MissingToolError(f"{toolchain.title}: {found}; install it with: {toolchain.install}")


def require_helper(toolchain: Toolchain) -> None:
    """MissingToolError when the toolchain's helper program is not there."""
    helper = toolchain.helper
    if helper is not None and not any(shutil.which(command) for command in helper.commands):
        raise MissingToolError(
            f"{toolchain.title}: {' or '.join(helper.commands)} is not installed; install it with: {helper.install}"
        )
