# SPDX-License-Identifier: Apache-2.0
"""doctor with everything there, and with programs missing, too old or unable."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgepar import doctor
from edgepar.cli import main
from edgepar.toolchain import find_compiler, toolchains


@pytest.fixture
def bin_folder(tmp_path, monkeypatch) -> Path:
    """A PATH with nothing but what a test puts there."""
    place = tmp_path / "bin"
    place.mkdir()
    (place / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(place))
    find_compiler.cache_clear()
    yield place
    find_compiler.cache_clear()


def put(folder: Path, name: str, answer: str, probe_status: int = 0) -> None:
    """A program that prints ``answer``; with -c, like a compiler, it ends with ``probe_status``."""
    path = folder / name
    path.write_text(
        f'#!/bin/sh\nfor a in "$@"; do [ "$a" = -c ] && exit {probe_status}; done\necho "{answer}"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def finding(name: str) -> doctor.Finding:
    return next(found for found in doctor.examine() if found.name == name)


def test_everything_the_tests_run_with_is_found():
    found = doctor.examine()
    assert [f"{f.name}: {f.problem}" for f in found if not f.ok] == []
    assert all(f.version for f in found)
    names = {f.name for f in found}
    assert {tool.name for tool in doctor.tools()} <= names
    assert {toolchain.title for toolchain in toolchains().values()} <= names
    assert {"numpy", "onnxruntime", "pythondata-cpu-cv32e40p"} <= names
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0
    assert all(f.version in done.stdout for f in found)


def test_nothing_is_found(bin_folder):
    found = doctor.examine()
    missing = [f for f in found if not f.ok]
    assert {tool.name for tool in doctor.tools()} <= {f.name for f in missing}
    prefix = "" if os.geteuid() == 0 else "sudo "
    for f in missing:
        assert f.install.startswith(f"{prefix}apt-get install ")
    assert finding("verilator").install == f"{prefix}apt-get install verilator"
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 10
    assert "apt-get install clang-22 lld-22 llvm-22" in done.stdout
    assert "optional chromium" in done.stdout
    assert done.stderr.startswith("edgepar: doctor: missing: GCC for Arm embedded, ")
    assert "chromium" not in done.stderr


CLANG = "clang for RISC-V with the CORE-V (xcv*) extensions"


@pytest.mark.parametrize(
    ("command", "version", "probe_status", "problem"),
    [
        ("clang-22", "22.1.8", 0, ""),
        ("clang-19", "19.0.0", 0, ""),
        ("clang", "24.0.1", 0, ""),
        ("clang", "18.1.0", 0, "clang is older than version 19"),
        ("clang-20", "20.0.0", 1, "clang-20 cannot compile an empty file with --target=riscv32-unknown-elf"),
    ],
)
def test_any_clang_that_knows_the_extensions(bin_folder, command, version, probe_status, problem):
    put(bin_folder, command, f"Debian clang version {version}", probe_status)
    found = finding(CLANG)
    assert found.problem.startswith(problem)
    assert found.ok == (problem == "")
    if found.ok:
        assert (found.command, found.version) == (command, version)
        assert found.needed_for == "pulp-open and gap8"


def test_an_old_clang_does_not_hide_a_good_one(bin_folder):
    put(bin_folder, "clang-19", "clang version 19.1.0", probe_status=1)
    put(bin_folder, "clang", "clang version 23.0.0")
    assert finding(CLANG).command == "clang"


def test_a_tool_that_does_not_answer(bin_folder):
    put(bin_folder, "verilator", "segmentation fault")
    found = finding("verilator")
    assert found.problem == "'verilator --version' does not answer as it should"


def test_a_python_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(
        doctor.metadata, "requires", lambda _: ["numpy>=2", "no-such-thing>=1", "x; extra == 'y'"]
    )
    found = {f.name: f for f in doctor.examine()}
    assert found["numpy"].ok
    assert found["no-such-thing"].install == f"{sys.executable} -m pip install no-such-thing"
    assert "x" not in found
