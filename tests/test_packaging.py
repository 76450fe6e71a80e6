# SPDX-License-Identifier: Apache-2.0
"""The wheel, and that what the documents say is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from edgepar.cli import main
from edgepar.errors import EdgeparError
from edgepar.export import support
from edgepar.target import targets
from edgepar.version import VERSION
from edgepar.workloads import suite, workloads

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
README = (CHECKOUT / "README.md").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=CHECKOUT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (found,) = place.glob("*.whl")
    return found


def tracked(folder: str) -> set[str]:
    """Files of a folder that git knows, or that lie there where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", folder], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\n") if listed.returncode == 0 else []
    return {name for name in names if name and (CHECKOUT / name).is_file()}


@pytest.mark.parametrize("folder", ["targets", "c_runtime", "toolchains", "models"])
def test_the_wheel_holds_every_file_of(wheel, folder):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"edgepar/_data/{name}" for name in tracked(folder)}
    assert wanted
    assert wanted <= inside


def test_the_wheel_holds_the_package_and_nothing_of_the_checkout(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {"edgepar/cli.py", "edgepar/tools.toml", "edgepar/report/page.html.j2"} <= inside
    assert wheel.name == f"edgepar-{VERSION}-py3-none-any.whl"
    tops = {name.split("/")[0] for name in inside}
    assert tops == {"edgepar", f"edgepar-{VERSION}.dist-info"}
    assert not any("__pycache__" in name for name in inside)


COMPILE_FOR_HOST = """
import json, sys
import numpy as np
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB
import edgepar
X, y = load_iris(return_X_y=True)
estimator = GaussianNB().fit(X, y)
image = edgepar.compile(edgepar.export(estimator, X[:1]), target="host", cores=1, folder=sys.argv[1])
expected = estimator.predict(X.astype(np.float32).astype(np.float64))
print(json.dumps([edgepar.__file__, int((image.run(X).predict() == expected).sum())]))
"""


def test_an_installed_wheel_compiles_without_the_checkout(wheel, tmp_path):
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, timeout=120)
    site = next(environment.glob("lib/python*/site-packages"))
    # What edgepar depends on is not installed again: it is seen through this path, edgepar itself is not.
    packages = sysconfig.get_path("purelib")
    (site / "dependencies.pth").write_text(packages + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    done = subprocess.run(
        [environment / "bin" / "python", "-c", COMPILE_FOR_HOST, str(tmp_path / "project")],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    where, agreed = json.loads(done.stdout)
    assert Path(where).is_relative_to(site)
    assert agreed == 150


def test_every_import_is_a_declared_dependency():
    extras = PROJECT["project"]["optional-dependencies"].values()
    texts = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]
    declared = {re.match(r"[\w-]+", text).group().lower() for text in texts}
    modules = {
        "elftools": "pyelftools", "sklearn": "scikit-learn", "pythondata_cpu_cv32e40p": "pythondata-cpu-cv32e40p",
        "google": "protobuf",
    }  # fmt: skip
    through_another = {"scipy": "scikit-learn", "protobuf": "onnx", "threadpoolctl": "scikit-learn"}
    found = set()
    for path in (CHECKOUT / "edgepar").rglob("*.py"):
        found |= set(re.findall(r"^\s*(?:from|import) ([a-z_0-9]+)", path.read_text(), re.MULTILINE))
    outside = {modules.get(name, name) for name in found - set(sys.stdlib_module_names) - {"edgepar"}}
    outside = {through_another.get(name, name) for name in outside}
    assert outside - declared == set()


def test_the_lock_holds_every_dependency():
    locked = {
        line.split("==")[0].lower() for line in (CHECKOUT / "requirements.lock").read_text().splitlines()
    }
    for text in PROJECT["project"]["dependencies"]:
        assert re.match(r"[\w-]+", text).group().lower() in locked
    assert "hatchling" in locked


def test_commands_of_the_readme_exist():
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    commands = re.findall(r"^edgepar (\w+)([^\n]*)", blocks, re.MULTILINE)
    assert {name for name, _ in commands} >= {"export", "compile", "run", "compare", "targets", "doctor"}
    for name, rest in commands:
        command = main.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[rest.split()[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", rest)) <= known | {"--help"}


def test_make_targets_of_the_readme_exist():
    makefile = (CHECKOUT / "Makefile").read_text()
    named = set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)) | set(
        re.findall(r"`make ([a-z-]+)`", README)
    )
    assert {"demo", "test"} <= named
    for name in named:
        assert re.search(rf"^{name}:", makefile, re.MULTILINE), name


def test_the_support_tables_of_the_readme_are_those_of_the_code():
    assert f"\n{support.markdown()}\n" in README, (
        "README needs the table of `python -c 'from edgepar.export import support; print(support.markdown())'`"
    )
    for target in targets().values():
        assert f"| `{target.name}` | {target.title} |" in README


def test_the_examples_of_the_readme_run(tmp_path):
    example = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    quick = re.sub(r"targets=\[[^\]]*\]", 'targets=["host"]', example)
    quick = re.sub(r"samples=\{[^}]*\}", "samples={}", quick).replace('target="pulp-open"', 'target="host"')
    assert quick != example
    done = subprocess.run(
        [sys.executable, "-c", quick], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.html").is_file()
    assert "1.0 / 1.0" in done.stdout


@pytest.mark.parametrize(
    "path", [*sorted((CHECKOUT / "docs").glob("*.md")), CHECKOUT / "README.md"], ids=lambda p: p.name
)
def test_paths_in_documents_exist(path):
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target
    for name in re.findall(r"`((?:edgepar|c_runtime|targets|toolchains|models|tests|docs)/[\w./-]+)`", text):
        assert (CHECKOUT / name).exists(), name


def test_exit_codes_are_distinct_and_in_the_help():
    classes = EdgeparError.__subclasses__()
    codes = [found.exit_code for found in classes]
    assert len(set(codes)) == len(codes)
    shown = CliRunner().invoke(main, ["--help"]).stdout
    assert [int(code) for code in re.findall(r"\b(\d+)\s+[a-z]", shown.partition("Exit codes:")[2])] == [
        0,
        *sorted(codes),
    ]


def test_the_demo_has_its_three_workloads():
    assert set(suite("demo")) == {"digits_forest", "digits_logistic", "digits_bayes"}
    assert all(workload.bench for workload in suite("seed").values())


@pytest.mark.parametrize("name", workloads())
def test_workloads_reach_their_accuracy(name):
    workload = workloads()[name]
    trained = workload.train()
    sizes = {"digits": (1437, 360), "fashion_mnist": (5000, 1000)}
    assert (len(trained.X_train), len(trained.X_test)) == sizes[workload.data]
    assert trained.score() >= workload.expected_accuracy


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
    ],
    ids=" ".join,
)
def test_checks_are_clean(command):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_c_sources_are_formatted():
    sources = [name for name in tracked("c_runtime") | tracked("tests") if name.endswith((".c", ".h"))]
    assert len(sources) > 20
    done = subprocess.run(
        [Path(sys.executable).with_name("clang-format"), "--dry-run", "--Werror", *sorted(sources)],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:3000]
