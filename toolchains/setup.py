# SPDX-License-Identifier: Apache-2.0
"""Set-up of a checkout: Debian packages that are missing, .venv with pinned versions, edgepar itself in it.

Runs on the system's Python with the standard library alone. Does nothing, and says nothing, when all is in place.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
STAMP = VENV / "edgepar-setup.json"
LOG = CHECKOUT / "build" / "setup.log"
LOCKS = {"run": "requirements.lock", "tests": "requirements-dev.lock"}
APT_LISTS = Path("/var/lib/apt/lists")
HEARTBEAT_S = 10.0


class SetupError(Exception):
    """One sentence for the user."""


def main(arguments: Sequence[str]) -> int:
    """Set up what is missing; 0 when all is in place afterwards."""
    parser = argparse.ArgumentParser(description="Sets up what edgepar needs in this checkout.")
    parser.add_argument("--tests", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    options = parser.parse_args(arguments)
    groups = ("run", "tests") if options.tests else ("run",)
    try:
        check_python()
        if options.dry_run:
            for line in plan(groups):
                print(line)
        elif not is_current(groups):
            with _only_one():
                if not is_current(groups):  # the one before may have done it
                    set_up(groups)
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def check_python() -> None:
    """SetupError when this Python is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place that is meant for an older Python
        raise SetupError(
            f"this is Python {sys.version.split()[0]}, edgepar needs 3.11 or newer; "
            "name one with 'make PYTHON=python3.11'."
        )


def key() -> str:
    """Changes whenever a set-up made before may not be enough."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {CHECKOUT}".encode())
    files = [*LOCKS.values(), "pyproject.toml", "edgepar/tools.toml", "toolchains/setup.py"]
    for path in [CHECKOUT / name for name in files] + sorted((CHECKOUT / "toolchains").glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(groups: Iterable[str]) -> bool:
    """Whether an earlier set-up did all that these groups need."""
    try:
        done = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(done, dict) or not (VENV / "bin" / "python").exists():
        return False
    return all(done.get(group) == key() for group in groups)


def plan(groups: Sequence[str]) -> list[str]:
    """What a set-up would do, one line a step; empty when there is nothing to do."""
    if is_current(groups):
        return []
    packages = missing_packages(groups)
    steps = [f"Debian packages: {' '.join(packages)}"] if packages else []
    steps.append(f"Python packages of {LOCKS[groups[-1]]} into .venv")
    return steps


def set_up(groups: Sequence[str]) -> None:
    """Debian packages, then .venv, then the stamp."""
    started = time.monotonic()
    LOG.write_text("", encoding="utf-8")
    packages = missing_packages(groups)
    if packages:
        install_packages(packages)
    make_venv()
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off"]
    lock = CHECKOUT / LOCKS[groups[-1]]
    _step(f"Python packages of {lock.name} into .venv", [*pip, "-r", str(lock)])
    _step("edgepar into .venv", [*pip, "--no-deps", "--no-build-isolation", "--editable", str(CHECKOUT)])
    STAMP.write_text(json.dumps(dict.fromkeys(groups, key())), encoding="utf-8")
    _say(f"done in {time.monotonic() - started:.0f} s; 'edgepar doctor' lists what is there.")


def missing_packages(groups: Iterable[str]) -> list[str]:
    """Debian packages of every tool that does not answer, in the order of the tables."""
    missing: list[str] = []
    for tool in tools():
        if tool["group"] in groups and not _answers(tool):
            missing += tool["packages"]
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        missing.append("python3-venv")
    return list(dict.fromkeys(missing))


def tools() -> list[dict[str, Any]]:
    """Rows of edgepar/tools.toml and the compilers of toolchains/*.toml in the same form."""
    import tomllib  # not in the Python that check_python refuses

    found = []
    for path in sorted((CHECKOUT / "toolchains").glob("*.toml")):
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        found.append({**row, "packages": _packages(row["install"]), "group": "run"})
        if helper := row.get("helper"):
            answer = {"version_arguments": ["-dumpversion"], "version_pattern": r"(\d\S*)"}
            found.append({**answer, **helper, "packages": _packages(helper["install"]), "group": "run"})
    found += tomllib.loads((CHECKOUT / "edgepar" / "tools.toml").read_text(encoding="utf-8"))["tool"]
    return found


def _packages(install: str) -> list[str]:
    return install.removeprefix("apt-get install ").split()


def _answers(tool: dict[str, Any]) -> bool:
    """Whether one of the tool's commands is there, new enough and takes the probe flags."""
    for command in tool["commands"]:
        if shutil.which(command) is None:
            continue
        asked = subprocess.run(
            [command, *tool["version_arguments"]], capture_output=True, text=True, check=False
        )
        match = re.search(tool["version_pattern"], asked.stdout)
        if asked.returncode != 0 or match is None:
            continue
        if "minimum_version" in tool and int(match.group(1)) < tool["minimum_version"]:
            continue
        if "probe_flags" in tool:
            probe = [command, *tool["probe_flags"], "-x", "c", "-c", "/dev/null", "-o", "/dev/null"]
            if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
                continue
        return True
    return False


def install_packages(packages: Sequence[str]) -> None:
    """apt-get as root or through sudo; SetupError with the command when neither works."""
    command = f"apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise SetupError(f"no apt-get here; install by hand what Debian calls: {' '.join(packages)}.")
    become_root = become_root_prefix()
    if become_root is None:
        raise SetupError(f"these Debian packages are missing and need root; run: {command}")
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Acquire::Retries=3"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if any(APT_LISTS.glob("*_Packages*")):
        try:
            _step(f"Debian packages: {' '.join(packages)}", install)
            return
        except SetupError:
            _say("the package lists may be old; reading them again.")
    _step("lists of Debian packages", [*apt, "update"])
    _step(f"Debian packages: {' '.join(packages)}", install)


def become_root_prefix() -> list[str] | None:
    """What to put before a command that needs root; None when there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if sys.stdin.isatty():
        return ["sudo"]
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if allowed else None


def make_venv() -> None:
    """.venv, made anew when its Python does not run or is too old."""
    python = VENV / "bin" / "python"
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if (
        python.exists()
        and subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    ):
        return
    _step("a virtual environment in .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def _step(title: str, command: Sequence[str]) -> None:
    """Run a command with its output in the log and signs of life on the terminal."""
    _say(title)
    started = time.monotonic()
    last_sign = started
    tail: list[str] = []
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process:
            for line in process.stdout or ():
                log.write(line)
                tail = [*tail[-19:], line.rstrip()]
                if time.monotonic() - last_sign > HEARTBEAT_S:
                    last_sign = time.monotonic()
                    _say(f"  {last_sign - started:.0f} s: {line.strip()[:90]}")
    if process.returncode != 0:
        text = "\n".join(tail)
        raise SetupError(
            f"this command failed with status {process.returncode} (all of its output is in {LOG}): "
            f"{' '.join(command)}\n{text}"
        )


def _say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Two set-ups of one checkout at the same time wait for each other."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
