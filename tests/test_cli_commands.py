# SPDX-License-Identifier: Apache-2.0
"""The command line from an estimator file to a report, on the host."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
from click.testing import CliRunner, Result
from sklearn.datasets import load_wine
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from edgepar.cli import main
from edgepar.export import supported_names
from edgepar.target import targets


def edgepar(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Estimator files, a model, its samples and labels."""
    place = tmp_path_factory.mktemp("cli")
    X, y = load_wine(return_X_y=True)
    names = np.array(["barolo", "grignolino", "barbera"])[y]
    tree = make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0)).fit(X, names)
    skops.io.dump(tree, place / "wine.skops")
    (place / "wine.pkl").write_bytes(pickle.dumps(tree))
    skops.io.dump(Ridge().fit(X, y.astype(float)), place / "ridge.skops")
    skops.io.dump(DecisionTreeClassifier(), place / "unfitted.skops")
    np.save(place / "X.npy", X)
    np.save(place / "y.npy", names)
    np.save(place / "expected.npy", tree.predict(X.astype(np.float32).astype(np.float64)))
    done = edgepar("export", place / "wine.skops", "-o", place / "wine.onnx", "--name", "wine")
    assert done.exit_code == 0, done.output
    return place


def test_export_says_what_it_wrote(folder):
    done = edgepar("export", folder / "wine.skops", "-o", folder / "again.onnx", "--name", "wine")
    assert done.exit_code == 0
    assert "again.onnx: model wine, classifier, sha256 " in done.stdout
    assert (folder / "again.onnx").read_bytes() == (folder / "wine.onnx").read_bytes()


def test_a_pickle_needs_trust(folder):
    refused = edgepar("export", folder / "wine.pkl", "-o", folder / "p.onnx")
    assert refused.exit_code == 2
    assert "unpickling runs whatever code is in the file" in refused.stderr
    assert not (folder / "p.onnx").exists()
    assert edgepar("export", folder / "wine.pkl", "-o", folder / "p.onnx", "--trust").exit_code == 0


def test_export_list_is_the_table():
    done = edgepar("export", "--list")
    assert done.exit_code == 0
    assert all(name in done.stdout for name in supported_names())


def test_compile_then_run(folder):
    project = folder / "project"
    done = edgepar("compile", folder / "wine.onnx", "--target", "host", "--cores", 2, "-o", project)
    assert done.exit_code == 0, done.output
    assert "wine for host, 2 cores; flash " in done.stdout
    assert {"model.c", "model.h", "CMakeLists.txt", "toolchain.cmake"} <= {
        path.name for path in project.iterdir()
    }
    done = edgepar("run", project, "--input", folder / "X.npy", "--output", folder / "answers")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("178 samples, median ")
    np.testing.assert_array_equal(np.load(folder / "answers"), np.load(folder / "expected.npy"))
    shown = edgepar("run", project, "--input", folder / "X.npy", "--samples", 3)
    assert shown.stdout.startswith("3 samples")
    assert "'barolo' 'barolo' 'barolo'" in shown.stdout


def test_compare_writes_both_reports(folder):
    done = edgepar(
        "compare", folder / "wine.onnx", "--targets", "host", "--input", folder / "X.npy", "--labels", folder / "y.npy",
        "--samples", "host=50", "--cores", "1,2", "--json", folder / "r.json", "--html", folder / "r.html",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = json.loads((folder / "r.json").read_text())
    assert [(row["target"], row["cores"], row["samples"]) for row in rows] == [
        ("host", 1, 50),
        ("host", 2, 50),
    ]
    for row in rows:
        assert row["agreement"] == 1.0
        assert row["agreement_estimator"] is None  # only the ONNX file was given
        assert row["accuracy"] == 1.0
        assert row["provenance"] == "wall"
        assert row["energy_uj"] is None
    assert "Energy" not in done.stdout
    assert "wine" in (folder / "r.html").read_text()


def test_targets_lists_every_target():
    done = edgepar("targets")
    assert done.exit_code == 0
    for target in targets().values():
        assert f"{target.name}: {target.title}" in done.stdout


def test_every_command_has_help():
    for name in main.commands:
        done = edgepar(name, "--help")
        assert done.exit_code == 0
        assert "Usage:" in done.stdout


ERRORS = [
    (["export"], 2, "an estimator file and -o are needed, for example: edgepar export m.skops -o m.onnx"),
    (["export", "{0}/none.skops", "-o", "{0}/m.onnx"], 2, "none.skops: is no file; check the path."),
    (
        ["export", "{0}/X.npy", "-o", "{0}/m.onnx"],
        2,
        "ends in .npy, and estimator files are .skops, .joblib or .pkl",
    ),
    (
        ["export", "{0}/unfitted.skops", "-o", "{0}/m.onnx"],
        4,
        "call fit with the training data before the export.",
    ),
    (
        ["export", "{0}/wine.skops", "-o", "{0}/m.onnx", "--name", "1"],
        2,
        "The model name '1' is no C identifier",
    ),
    (["compile", "{0}/none.onnx", "--target", "host", "-o", "{0}/d"], 5, "none.onnx"),
    (["compile", "{0}/X.npy", "--target", "host", "-o", "{0}/d"], 5, "X.npy"),
    (
        ["compile", "{0}/wine.onnx", "--target", "pulpopen", "-o", "{0}/d"],
        8,
        "target 'pulpopen' is not known; did you mean 'pulp-open'? Known targets: host, cortex-m4, pulp-open, gap8.",
    ),
    (
        ["compile", "{0}/wine.onnx", "--target", "pulp-open", "--cores", "9", "-o", "{0}/d"],
        2,
        "target pulp-open: cores is 9; give a whole number from 1 to 8.",
    ),
    (
        ["compile", "{0}/wine.onnx", "--target", "gap8", "--fp", "fpu", "-o", "{0}/d"],
        2,
        "target gap8 on rtl: fp 'fpu' is not available; "
        "use isa 'corev' or 'plain' and fp 'emulation-free' or 'softfp' or 'libgcc'.",
    ),
    (
        ["compile", "{0}/wine.onnx", "--target", "cortex-m4", "--fp", "softfp", "-o", "{0}/d"],
        2,
        "target cortex-m4 on qemu: fp 'softfp' is not available; use isa 'armv7em' and fp 'fpu' or 'libgcc'.",
    ),
    (
        ["compile", "{0}/wine.onnx", "--target", "host", "--emulator", "rtl", "-o", "{0}/d"],
        2,
        "target host: emulator 'rtl' is not known; use one of host.",
    ),
    (["run", "{0}", "--input", "{0}/X.npy"], 2, "edgepar.json cannot be read"),
    (
        ["compare", "{0}/wine.onnx", "--targets", "host,gap", "--input", "{0}/X.npy"],
        8,
        "target 'gap' is not known; did you mean 'gap8'?",
    ),
    (
        ["compare", "{0}/wine.onnx", "--targets", "host", "--input", "{0}/X.npy", "--samples", "hots=3"],
        2,
        "samples: 'hots' is not among the targets compared; did you mean 'host'? They are host.",
    ),
    (
        ["compare", "{0}/wine.onnx", "--input", "{0}/X.npy", "--samples", "host"],
        2,
        "--samples host: give TARGET=NUMBER, for example pulp-open=16.",
    ),
    (
        ["compare", "{0}/wine.onnx", "--input", "{0}/X.npy", "--cores", "1;2"],
        2,
        "--cores 1;2: give whole numbers with commas between, for example 1,2,4,8.",
    ),
    (
        ["compare", "{0}/wine.onnx", "--input", "{0}/X.npy", "--energy", "free"],
        2,
        "energy mode 'free' is not known; use 'per-core' or 'constant-power'.",
    ),
    (
        [
            "compare",
            "{0}/wine.onnx",
            "--targets",
            "host",
            "--input",
            "{0}/X.npy",
            "--labels",
            "{0}/short.npy",
        ],
        7,
        "compare: y has 3 rows and X has 178; give one label a sample.",
    ),
    (["compare", "{0}/wine.onnx", "--input", "{0}/none.npy"], 7, "none.npy: cannot be read (No such file"),
    (
        ["compare", "{0}/wine.onnx", "--input", "{0}/wine.onnx"],
        7,
        "wine.onnx: is no .npy file of plain numbers",
    ),
    (
        ["compare", "{0}/wine.onnx", "--input", "{0}/y.npy"],
        7,
        "y.npy: holds <U10, which cannot be the samples",
    ),
    (["compare", "{0}/wine.onnx", "--input", "{0}/narrow.npy"], 7, "narrow.npy|X has 2 features"),
    (["compile", "{0}/wine.onnx"], 2, "Missing option"),
    (["complie"], 2, "command 'complie' is not known; did you mean 'compile'?"),
]


@pytest.mark.parametrize(("arguments", "code", "text"), ERRORS, ids=[" ".join(row[0])[:60] for row in ERRORS])
def test_errors_are_one_sentence_with_an_exit_code(folder, arguments, code, text):
    np.save(folder / "short.npy", np.zeros(3))
    np.save(folder / "narrow.npy", np.zeros((3, 2)))
    done = edgepar(*(argument.format(folder) for argument in arguments))
    assert done.exit_code == code, done.output
    assert any(part in done.stderr for part in text.split("|")), done.stderr
    assert "Traceback" not in done.output
    if done.stderr.startswith("edgepar: "):
        assert done.stderr.count("\n") == 1


def test_the_installed_command_ends_with_the_exit_code(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "edgepar", "compile", "x.onnx", "--target", "host", "-o", "d"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.startswith("edgepar: x.onnx: ")


def test_a_defect_is_reported_without_a_traceback(folder, monkeypatch):
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("edgepar.api.load", explode)
    done = edgepar("compile", folder / "wine.onnx", "--target", "host", "-o", folder / "d")
    assert done.exit_code == 70
    assert "this is a defect of edgepar: ZeroDivisionError: deep inside; set EDGEPAR_DEBUG=1" in done.stderr
    monkeypatch.setenv("EDGEPAR_DEBUG", "1")
    done = edgepar("compile", folder / "wine.onnx", "--target", "host", "-o", folder / "d")
    assert isinstance(done.exception, ZeroDivisionError)
