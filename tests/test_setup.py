# SPDX-License-Identifier: Apache-2.0
"""Set-up: what it would install, that it does nothing twice, and what it says when it cannot go on."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from edgepar import doctor
from edgepar.toolchain import toolchains

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def setup(tmp_path, monkeypatch) -> ModuleType:
    """The script as a module, on a copy of what it reads."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    (tmp_path / "edgepar").mkdir()
    shutil.copy(CHECKOUT / "edgepar" / "tools.toml", tmp_path / "edgepar")
    shutil.copytree(CHECKOUT / "toolchains", tmp_path / "toolchains")
    spec = importlib.util.spec_from_file_location("edgepar_setup", tmp_path / "toolchains" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.CHECKOUT == tmp_path
    # Steps are recorded instead of run.
    module.steps = []
    monkeypatch.setattr(module, "_step", lambda title, command: module.steps.append(list(command)))
    monkeypatch.setattr(module, "missing_packages", lambda groups: [])
    return module


def make_python(setup: ModuleType) -> None:
    """A .venv whose Python runs."""
    (setup.VENV / "bin").mkdir(parents=True)
    python = setup.VENV / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)


def test_it_reads_the_same_tables_as_doctor(setup):
    names = {row["name"] for row in setup.tools() if "name" in row}
    assert names == {tool.name for tool in doctor.tools()} | set(toolchains())
    packages = {package for row in setup.tools() for package in row["packages"]}
    assert {
        "verilator",
        "clang-22",
        "lld-22",
        "gcc-riscv64-unknown-elf",
        "qemu-system-misc",
        "chromium",
    } <= packages
    assert all(row["group"] in ("run", "tests") for row in setup.tools())


def test_missing_packages_are_those_of_tools_that_do_not_answer(setup, monkeypatch):
    answers = {"verilator": False, "chromium": False, "clang-riscv": False}
    monkeypatch.undo()
    monkeypatch.setattr(setup, "_answers", lambda tool: answers.get(tool.get("name"), True))
    assert setup.missing_packages(("run",)) == ["clang-22", "lld-22", "llvm-22", "verilator"]
    assert setup.missing_packages(("run", "tests"))[-1] == "chromium"


def test_nothing_is_missing_here(setup, monkeypatch):
    monkeypatch.undo()
    assert setup.missing_packages(("run", "tests")) == []


def test_the_second_time_does_and_says_nothing(setup, capsys):
    make_python(setup)
    assert setup.main([]) == 0
    assert [step[-1] for step in setup.steps] == [
        str(setup.CHECKOUT / "requirements.lock"),
        str(setup.CHECKOUT),
    ]
    assert "set-up: done in " in capsys.readouterr().out
    setup.steps.clear()
    assert setup.main([]) == 0
    assert setup.main(["--dry-run"]) == 0
    assert setup.steps == []
    assert capsys.readouterr().out == ""


def test_tests_need_more(setup):
    make_python(setup)
    setup.main([])
    setup.steps.clear()
    setup.main(["--tests"])
    assert setup.steps[0][-1] == str(setup.CHECKOUT / "requirements-dev.lock")
    setup.steps.clear()
    setup.main([])
    setup.main(["--tests"])
    assert setup.steps == []


@pytest.mark.parametrize("name", ["requirements.lock", "edgepar/tools.toml", "toolchains/arm-gcc.toml"])
def test_a_changed_table_is_a_reason_to_set_up_again(setup, name):
    make_python(setup)
    setup.main([])
    with (setup.CHECKOUT / name).open("a") as file:
        file.write("# changed\n")
    assert setup.plan(("run",)) == ["Python packages of requirements.lock into .venv"]


@pytest.mark.parametrize("stamp", ["", "[]", "{", '{"run": 1}', "null"])
def test_a_damaged_stamp_is_no_stamp(setup, stamp):
    make_python(setup)
    setup.STAMP.write_text(stamp)
    assert not setup.is_current(("run",))


def test_dry_run_does_nothing(setup, monkeypatch, capsys):
    monkeypatch.setattr(setup, "missing_packages", lambda groups: ["verilator", "cmake"])
    assert setup.main(["--dry-run", "--tests"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Debian packages: verilator cmake",
        "Python packages of requirements-dev.lock into .venv",
    ]
    assert setup.steps == []
    assert not setup.VENV.exists()


def test_a_venv_is_made_when_there_is_none(setup):
    setup.VENV.mkdir()  # as the step that is only recorded here would have done
    setup.main([])
    assert setup.steps[0] == [sys.executable, "-m", "venv", "--clear", str(setup.VENV)]


def test_without_root_and_packages_there_is_one_sentence(setup, monkeypatch, capsys):
    monkeypatch.setattr(setup, "missing_packages", lambda groups: ["verilator", "cmake"])
    monkeypatch.setattr(setup, "become_root_prefix", lambda: None)
    assert setup.main([]) == 1
    assert capsys.readouterr().err == (
        "set-up: these Debian packages are missing and need root; run: apt-get install verilator cmake\n"
    )


def test_without_root_it_works_when_the_packages_are_there(setup, monkeypatch):
    make_python(setup)
    monkeypatch.setattr(setup, "become_root_prefix", lambda: pytest.fail("nobody needs root here"))
    assert setup.main([]) == 0


@pytest.mark.parametrize("lists", [False, True])
def test_package_lists_are_read_when_there_are_none(setup, monkeypatch, tmp_path, lists):
    place = tmp_path / "lists"
    place.mkdir()
    if lists:
        (place / "some_main_binary-amd64_Packages.lz4").touch()
    monkeypatch.setattr(setup, "APT_LISTS", place)
    monkeypatch.setattr(setup, "become_root_prefix", lambda: ["sudo", "-n"])
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    setup.install_packages(["cmake"])
    verbs = [next(word for word in step if word in ("update", "install")) for step in setup.steps]
    assert verbs == (["install"] if lists else ["update", "install"])
    assert all(step[:3] == ["sudo", "-n", "env"] for step in setup.steps)


def test_an_old_python_is_named(setup, monkeypatch, capsys):
    monkeypatch.setattr(setup.sys, "version_info", (3, 10, 2))
    monkeypatch.setattr(setup.sys, "version", "3.10.2 (main)")
    assert setup.main([]) == 1
    assert "this is Python 3.10.2, edgepar needs 3.11 or newer" in capsys.readouterr().err


def test_a_step_that_fails_shows_the_end_of_its_output(setup, monkeypatch, tmp_path):
    monkeypatch.undo()
    setup.LOG.parent.mkdir()
    command = [sys.executable, "-c", "print('\\n'.join(map(str, range(100)))); raise SystemExit(3)"]
    with pytest.raises(setup.SetupError) as caught:
        setup._step("a step", command)
    text = str(caught.value)
    assert "status 3" in text
    assert str(setup.LOG) in text
    assert text.endswith("\n98\n99")
    assert "\n79\n" not in text
    assert "\n1\n" in setup.LOG.read_text()


def test_this_checkout_is_set_up():
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "toolchains" / "setup.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--dry-run" in done.stdout


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_every_package(name):
    lines = (CHECKOUT / name).read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert len(pinned) > 10
    assert all(line.count("==") == 1 for line in pinned)
    assert not any("://" in line for line in lines)


def test_the_stamp_names_what_was_done(setup):
    make_python(setup)
    setup.main(["--tests"])
    assert set(json.loads(setup.STAMP.read_text())) == {"run", "tests"}
