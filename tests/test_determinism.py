# SPDX-License-Identifier: Apache-2.0
"""The same model gives the same bytes: exported twice, as a project twice, built twice in different folders."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

import edgepar
from edgepar.api import plan
from edgepar.codegen.project import project
from edgepar.workloads import workloads
from tests.case import Case
from tests.estimators import CASES
from tests.images import BY_NAME, cases, model_of

_EXPORTS = """
import hashlib, sys
import edgepar
from tests.images import BY_NAME
for name in sys.argv[1:]:
    case = BY_NAME[name]
    data = edgepar.export(case.fit().estimator, case.fit().X_test[:1]).to_bytes()
    print(name, hashlib.sha256(data).hexdigest())
"""


def test_two_processes_export_the_same_bytes() -> None:
    """Also when the order of sets and dictionaries of strings differs."""
    names = ["digits_forest", "digits_logistic", "digits_gaussian_nb", "nan_forest", "string_labels_logistic"]
    found = []
    for seed in ("0", "1234"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", _EXPORTS, *names],
            env=environment, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        found.append(done.stdout)
    assert found[0] == found[1]
    assert found[0].count("\n") == len(names)


def test_a_workload_does_not_depend_on_the_threads_it_is_trained_with() -> None:
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            trained = workloads()["digits_logistic"].train()
        found.append(edgepar.export(trained.estimator, trained.X_train[:1]).to_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_exports_and_a_saved_model_are_the_same_bytes(case: Case, tmp_path: Path) -> None:
    fitted = case.fit()
    first, second = (edgepar.export(fitted.estimator, fitted.X_test[:1]) for _ in range(2))
    assert first.to_bytes() == second.to_bytes()
    assert first.sha256 == second.sha256
    first.save(tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == first.to_bytes()
    assert edgepar.load(tmp_path / "m.onnx").to_bytes() == first.to_bytes()


@pytest.mark.parametrize("target", ["host", "cortex-m4", "pulp-open", "gap8"])
@pytest.mark.parametrize(
    "case", cases("nan_forest", "clipped_forest", "digits_logistic", "iris_gaussian_nb"), ids=str
)
def test_two_projects_are_the_same_bytes(case: Case, target: str) -> None:
    fitted = case.fit()
    first, second = (
        project(plan(edgepar.export(fitted.estimator, fitted.X_test[:1]), target)) for _ in range(2)
    )
    assert first == second
    assert {"model.c", "model.h", "CMakeLists.txt", "toolchain.cmake", "README.md", "edgepar.json"} <= set(
        first
    )


@pytest.mark.parametrize(
    ("target", "emulator", "isa"),
    [
        ("host", None, None),
        ("cortex-m4", None, None),
        ("pulp-open", "rtl", "corev"),
        ("pulp-open", "rtl", "plain"),
        ("pulp-open", "qemu", None),
        ("gap8", "rtl", "corev"),
        ("gap8", "qemu", None),
    ],
)
def test_two_images_from_different_folders_are_the_same_bytes(
    target: str, emulator: str | None, isa: str | None, tmp_path: Path
) -> None:
    model = model_of(BY_NAME["cancer_gaussian_nb"])
    folders = (tmp_path / "a", tmp_path / "another folder, with a longer name" / "and one more" / "b")
    images = [edgepar.compile(model, target, emulator=emulator, isa=isa, folder=folder) for folder in folders]
    first, second = (image.artefact.read_bytes() for image in images)
    assert first == second
    assert str(tmp_path).encode() not in first


def test_another_model_gives_another_project() -> None:
    first, second = (
        project(plan(model_of(BY_NAME[name]), "host")) for name in ("iris_tree", "iris_gaussian_nb")
    )
    assert first["model.c"] != second["model.c"]
    assert first["edgepar.json"] != second["edgepar.json"]
