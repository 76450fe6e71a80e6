# SPDX-License-Identifier: Apache-2.0
"""What edgepar needs on this computer, what is there, and the command that installs what is not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from edgepar.errors import MissingToolError
from edgepar.target import targets
from edgepar.toolchain import Toolchain, find_compiler, toolchains

_TIMEOUT_S = 20


class Tool(BaseModel):
    """A row of tools.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    commands: tuple[str, ...]
    version_arguments: tuple[str, ...]
    version_pattern: str
    packages: tuple[str, ...]
    needed_for: str
    group: Literal["run", "tests"]


@dataclass(frozen=True)
class Finding:
    """One tool as it was found; ``problem`` is empty when it is fine, and ``install`` mends it when it is not."""

    name: str
    needed_for: str
    version: str = ""
    command: str = ""
    problem: str = ""
    install: str = ""
    only_for_tests: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is there."""
        return not self.problem


@cache
def tools() -> tuple[Tool, ...]:
    """The rows of tools.toml."""
    text = (Path(__file__).parent / "tools.toml").read_text(encoding="utf-8")
    return tuple(Tool.model_validate(row) for row in tomllib.loads(text)["tool"])


def examine() -> list[Finding]:
    """Everything edgepar needs, compilers first."""
    found = [_examine_python()]
    for toolchain in toolchains().values():
        found.append(_examine_toolchain(toolchain))
        if toolchain.helper is not None:
            found.append(_examine_helper(toolchain))
    found += [_examine_tool(tool) for tool in tools()]
    found += [_examine_package(name) for name in _python_packages()]
    return found


def _examine_python() -> Finding:
    version = sys.version.split()[0]
    old = "" if sys.version_info >= (3, 11) else "3.11 or newer is needed"
    return Finding("Python", "edgepar", version, sys.executable, old, _as_root("apt-get install python3"))


def _examine_toolchain(toolchain: Toolchain) -> Finding:
    users = [
        target.name
        for target in targets().values()
        if any(row.toolchain == toolchain.name for row in target.builds)
    ]
    needed_for = " and ".join(users) or "no target"
    try:
        compiler = find_compiler(toolchain)
    except MissingToolError as error:
        reason = str(error).removeprefix(f"{toolchain.title}: ").partition("; install it with")[0]
        return Finding(toolchain.title, needed_for, problem=reason, install=_as_root(toolchain.install))
    match = re.search(r"\d+(\.\d+)*", compiler.version)
    return Finding(
        toolchain.title, needed_for, match.group() if match else compiler.version, compiler.command
    )


def _examine_helper(toolchain: Toolchain) -> Finding:
    helper = toolchain.helper
    if helper is None:
        raise ValueError(toolchain.name)
    tool = Tool(
        name=f"library of {helper.commands[0]}",
        commands=helper.commands,
        version_arguments=("-dumpversion",),
        version_pattern=r"(\d\S*)",
        packages=tuple(helper.install.removeprefix("apt-get install ").split()),
        needed_for=f"{toolchain.title}: libgcc",
        group="run",
    )
    return _examine_tool(tool)


def _examine_tool(tool: Tool) -> Finding:
    install = _as_root(f"apt-get install {' '.join(tool.packages)}")
    only_for_tests = tool.group == "tests"
    problem = f"none of {', '.join(tool.commands)} is installed"
    for command in tool.commands:
        if shutil.which(command) is None:
            continue
        version = _version(command, tool)
        if version is not None:
            return Finding(tool.name, tool.needed_for, version, command, only_for_tests=only_for_tests)
        problem = f"'{command} {' '.join(tool.version_arguments)}' does not answer as it should"
    return Finding(tool.name, tool.needed_for, "", "", problem, install, only_for_tests)


def _version(command: str, tool: Tool) -> str | None:
    try:
        answer = subprocess.run(
            [command, *tool.version_arguments],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(tool.version_pattern, answer.stdout)
    if match is None or answer.returncode != 0:
        return None
    found = match.group(1)
    return str(Path(found).resolve()) if found.startswith("/") else found


def _python_packages() -> list[str]:
    try:
        requirements = metadata.requires("edgepar") or []
    except metadata.PackageNotFoundError:
        return []
    names = [re.match(r"[A-Za-z0-9._-]+", text) for text in requirements if "extra ==" not in text]
    return [match.group() for match in names if match]


def _examine_package(name: str) -> Finding:
    try:
        return Finding(name, "Python package", metadata.version(name))
    except metadata.PackageNotFoundError:
        install = f"{sys.executable} -m pip install {name}"
        return Finding(name, "Python package", problem="not installed", install=install)


def _as_root(command: str) -> str:
    return command if os.geteuid() == 0 else f"sudo {command}"
