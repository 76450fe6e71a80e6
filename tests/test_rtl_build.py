# SPDX-License-Identifier: Apache-2.0
"""The build of the RTL simulator when something is missing or fails; none of these builds anything."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgepar.emulators import rtl_build
from edgepar.emulators.rtl_build import cluster_simulator
from edgepar.errors import MissingToolError, ToolchainError


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Replace the programs on PATH by shell scripts, and the cache by an empty folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def install(scripts: dict[str, str]) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, body in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
            (folder / name).chmod(0o755)
        for name in ("sh", "mkdir", "touch"):
            (folder / name).symlink_to(str(shutil.which(name)))
        monkeypatch.setenv("PATH", str(folder))

    return install


ALL = {"verilator": "exit 0", "make": "exit 0", "g++": "exit 0"}


@pytest.mark.parametrize("missing", list(ALL))
def test_a_missing_program_is_named_with_its_install_command(
    missing: str, tools: Callable[[dict[str, str]], None]
) -> None:
    tools({name: body for name, body in ALL.items() if name != missing})
    with pytest.raises(
        MissingToolError, match=f"^RTL simulator: {missing.replace('+', '[+]')} is not installed; "
    ) as caught:
        cluster_simulator(fpu=True)
    assert str(caught.value).endswith(f"install it with: apt-get install {missing}")
    assert caught.value.exit_code == 10


def test_a_missing_core_is_named_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"install it with: pip install pythondata-cpu-cv32e40p$"):
        cluster_simulator(fpu=True)


def test_a_build_that_fails_shows_command_last_lines_and_log(
    tools: Callable[[dict[str, str]], None], tmp_path: Path
) -> None:
    lines = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done"
    fail = f'case "$1" in --version) echo Verilator 0;; *) {lines}; exit 3;; esac'
    tools({**ALL, "verilator": fail})
    with pytest.raises(ToolchainError) as caught:
        cluster_simulator(fpu=True)
    text = str(caught.value)
    assert text.startswith("RTL simulator: verilator ended with status 3; the command was\nverilator --cc ")
    assert "-GFPU=1" in text
    assert "\nline 11\n" in text
    assert "\nline 10\n" not in text
    log = Path(text.rsplit(" ", 1)[1])
    assert log.read_text(encoding="utf-8").endswith("line 30\n")
    assert caught.value.exit_code == 11
    assert not [path for path in log.parent.iterdir() if path.is_dir()]


def test_a_simulator_is_built_once_and_announced(
    tools: Callable[[dict[str, str]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    # A make that leaves a program where it should be: -C is its second argument.
    tools({**ALL, "make": 'mkdir -p "$2" && touch "$2/cluster_sim"'})
    first = cluster_simulator(fpu=False)
    assert first.exists()
    said = capsys.readouterr().err
    assert "building the RTL simulator (without FPU)" in said
    assert cluster_simulator(fpu=False) == first
    assert capsys.readouterr().err == ""


def test_the_cache_tells_builds_apart(
    tools: Callable[[dict[str, str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tools({**ALL, "make": 'mkdir -p "$2" && touch "$2/cluster_sim"'})
    places = {cluster_simulator(fpu=True), cluster_simulator(fpu=False)}
    monkeypatch.setattr(rtl_build, "_CXX_FLAGS", "-std=c++23")
    places.add(cluster_simulator(fpu=True))
    assert len(places) == 3
