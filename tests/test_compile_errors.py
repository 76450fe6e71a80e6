# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between a Model and a Run: type, exit code and text of each error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import edgepar
from edgepar import errors
from edgepar.image import open_project
from edgepar.toolchain import find_compiler
from tests.images import BY_NAME, image_of, model_of

IRIS = BY_NAME["iris_tree"]
KNOWN = "targets: host, cortex-m4, pulp-open, gap8."


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (
            {"target": "pulpopen"},
            errors.UnknownTargetError,
            f"target 'pulpopen' is not known; did you mean 'pulp-open'? Known {KNOWN}",
        ),
        (
            {"target": "zx-spectrum"},
            errors.UnknownTargetError,
            f"target 'zx-spectrum' is not known; known {KNOWN}",
        ),
        (
            {"target": "cortex-m4", "fp": "softfp"},
            errors.UsageError,
            "target cortex-m4 on qemu: fp 'softfp' is not available; use isa 'armv7em' and fp 'fpu' or 'libgcc'.",
        ),
        (
            {"target": "gap8", "fp": "fpu"},
            errors.UsageError,
            "target gap8 on rtl: fp 'fpu' is not available; "
            "use isa 'corev' or 'plain' and fp 'emulation-free' or 'softfp' or 'libgcc'.",
        ),
        (
            {"target": "pulp-open", "emulator": "qemu", "isa": "corev"},
            errors.UsageError,
            "target pulp-open on qemu: isa 'corev' is not available; "
            "use isa 'plain' and fp 'fpu' or 'softfp' or 'libgcc' or 'emulation-free'.",
        ),
        (
            {"target": "cortex-m4", "emulator": "rtl"},
            errors.UsageError,
            "target cortex-m4: emulator 'rtl' is not known; use one of qemu.",
        ),
        *(
            (
                {"target": "pulp-open", "cores": cores},
                errors.UsageError,
                f"target pulp-open: cores is {cores!r}; give a whole number from 1 to 8.",
            )
            for cores in (0, -1, 9, 2.0, "2", True)
        ),
        (
            {"target": "cortex-m4", "cores": 2},
            errors.UsageError,
            "target cortex-m4: cores is 2; give a whole number from 1 to 1.",
        ),
    ],
)
def test_arguments_that_are_not_allowed(
    arguments: dict[str, Any], error: type[errors.EdgeparError], text: str
) -> None:
    with pytest.raises(error) as caught:
        edgepar.compile(model_of(IRIS), **arguments)
    assert type(caught.value) is error
    assert caught.value.exit_code == {errors.UsageError: 2, errors.UnknownTargetError: 8}[error]
    assert str(caught.value) == text


@pytest.mark.parametrize("model", ["m.onnx", Path("m.onnx"), None, RandomForestClassifier()])
def test_what_is_no_model_is_named(model: Any) -> None:
    found = rf"model is a {type(model).__name__}, not an edgepar.Model; make one with edgepar.load"
    with pytest.raises(errors.UsageError, match=f"^compile: {found}"):
        edgepar.compile(model, "host")
    with pytest.raises(errors.UsageError, match=f"^compare: {found}"):
        edgepar.compare(model, np.ones((1, 4)))


GOOD = np.ones((2, 4))


@pytest.mark.parametrize(
    ("case", "X", "text"),
    [
        (
            "iris_gaussian_nb",
            GOOD * np.nan,
            "row 0 holds nan as float32; give finite float32 numbers; replace",
        ),
        (
            "iris_gaussian_nb",
            [[1, 2, 3, 4], [1, 2, np.inf, 4]],
            "row 1 holds inf as float32; give finite float32 numb",
        ),
        (
            "iris_gaussian_nb",
            GOOD * 1e39,
            "row 0 holds inf as float32; give finite float32 numbers; replace such",
        ),
        (
            "iris_tree",
            -GOOD * np.inf,
            "row 0 holds -inf as float32; give finite float32 numbers or NaN; replace",
        ),
        (
            "mixed_logistic",
            [[1] * 9, [np.nan] * 3 + [1] * 6, [1] * 7 + [np.nan, 1]],
            "row 2 holds nan as float32; give finite float32 numbers, or NaN in features 0, 1, 2, 3, 4, 5, 6, 8; repl",
        ),
        ("iris_tree", GOOD[:, :3], "the shape is [2, 3]; give [samples, 4] with 1 sample at least."),
        ("iris_tree", GOOD[0], "the shape is [4]; give [samples, 4] with 1 sample at least."),
        ("iris_tree", GOOD[:0], "the shape is [0, 4]; give [samples, 4] with 1 sample at least."),
        ("iris_tree", GOOD[None], "the shape is [1, 2, 4]; give [samples, 4] with 1 sample at least."),
        ("iris_tree", [["a", "b", "c", "d"]], "the type is <U1; give numbers, which become float32."),
        ("iris_tree", GOOD * 1j, "the type is complex128; give numbers, which become float32."),
        ("iris_tree", [[None, 1, 2, 3]], "the type is object; give numbers, which become float32."),
        ("iris_tree", [[1, 2, 3, 4], [1, 2]], "it is no array (setting an array element"),
    ],
)
def test_input_that_does_not_fit_the_model(case: str, X: Any, text: str) -> None:
    image = image_of(BY_NAME[case], "host")
    with pytest.raises(errors.InputDataError) as caught:
        image.run(X)
    assert caught.value.exit_code == 7
    assert str(caught.value).startswith(f"input of model case_{case}: {text}")


NO_LATENCY = "it has no L2 memory, so that a latency of L2 is not for it; use pulp-open, gap8."
LATENCIES = "give a whole number from 2 to 1000."


@pytest.mark.parametrize(
    ("target", "option", "value", "text"),
    [
        ("host", "l2_latency_cycles", 30, f"target host: {NO_LATENCY}"),
        ("cortex-m4", "l2_latency_cycles", 30, f"target cortex-m4: {NO_LATENCY}"),
        *(
            ("pulp-open", "l2_latency_cycles", value, f"l2_latency_cycles is {value!r}; {LATENCIES}")
            for value in (-1, 0, 1, 1001, 10**12, 1.5, "15", True)
        ),
        *(
            ("host", "timeout_s", value, f"timeout_s is {value!r}; give seconds above 0, 1000000 at most.")
            for value in (0, -1.5, "5", float("nan"), float("inf"), 1e300, True)
        ),
    ],
)
def test_options_of_a_run_that_cannot_be(target: str, option: str, value: Any, text: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        image_of(IRIS, target).run(GOOD, **{option: value})
    assert str(caught.value) == text
    assert caught.value.exit_code == 2


def test_missing_values_are_taken_where_scikit_learn_takes_them() -> None:
    fitted = IRIS.fit()
    X = fitted.X_test.copy()
    X[::2, 3] = np.nan
    np.testing.assert_array_equal(image_of(IRIS, "host").run(X).predict(), fitted.estimator.predict(X))


@pytest.mark.parametrize(("target", "memory"), [("cortex-m4", "flash"), ("pulp-open", "l2"), ("gap8", "l2")])
def test_a_model_that_does_not_fit_is_refused_before_the_build(
    target: str, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = make_classification(2000, 40, n_informative=20, flip_y=0.4, random_state=0)
    model = edgepar.export(RandomForestClassifier(300, random_state=0).fit(X, y), X[:1])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(errors.DoesNotFitError) as caught:
        edgepar.compile(model, target, folder=tmp_path / "project")
    assert caught.value.exit_code == 9
    text = str(caught.value)
    assert re.match(
        rf"model random_forest_classifier on {target}: {memory} needs \d+ bytes of data and has \d+ ", text
    )
    assert len(re.findall(r"\w+ of \d+ bytes \(", text)) == 3
    assert "n_estimators, max_depth" in text
    assert not (tmp_path / "project").exists()


def test_scratch_that_does_not_fit_l1_is_refused() -> None:
    X = np.random.default_rng(0).normal(size=(8, 20000))
    model = edgepar.export(LogisticRegression().fit(X, np.arange(8) % 2), X[:1])
    with pytest.raises(
        errors.DoesNotFitError, match=r"pulp-open: l1 needs \d+ bytes .* largest: sample of 80000 bytes"
    ):
        edgepar.compile(model, "pulp-open")


def _tools(folder: Path, *names: str) -> str:
    """A PATH with these programs alone."""
    for name in names:
        (folder / name).symlink_to(Path("/usr/bin") / name)
    return str(folder)


@pytest.mark.parametrize(
    ("target", "there", "text"),
    [
        (
            "host",
            [],
            "C compiler of this computer: none of gcc, .* is installed; install it with: apt-get install gcc",
        ),
        ("cortex-m4", ["gcc"], "GCC for Arm.*: none of arm-none-eabi-gcc is installed; .* gcc-arm-none-eabi"),
        (
            "pulp-open",
            ["gcc"],
            r"clang for RISC-V .*: none of clang-22, .*; install it with: apt-get install clang-22",
        ),
        (
            "pulp-open",
            ["clang-22"],
            "riscv64-unknown-elf-gcc is not installed; install it with: apt-get install",
        ),
        ("host", ["gcc", "as"], "CMake is not installed; install it with: apt-get install cmake"),
        (
            "host",
            ["gcc", "as", "cmake"],
            "Ninja is not installed; install it with: apt-get install ninja-build",
        ),
    ],
)
def test_a_missing_tool_is_named_with_its_install_command(
    target: str, there: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", _tools(tmp_path, *there))
    find_compiler.cache_clear()
    try:
        with pytest.raises(errors.MissingToolError, match=text) as caught:
            edgepar.compile(model_of(IRIS), target, folder=tmp_path / "project")
    finally:
        find_compiler.cache_clear()
    assert caught.value.exit_code == 10


def test_a_failing_toolchain_is_shown_with_its_last_lines_and_log(tmp_path: Path) -> None:
    image = edgepar.compile(model_of(IRIS), "host", folder=tmp_path / "p")
    source = image.folder / "model.c"
    source.write_text(source.read_text() + "\nthis is no C\n")
    with pytest.raises(errors.ToolchainError) as caught:
        open_project(image.folder)
    assert caught.value.exit_code == 11
    first, *rest = str(caught.value).splitlines()
    log = image.folder / "build" / "build.log"
    assert first == (
        f"model case_iris_tree for host: 'cmake --build {image.folder}/build -j 2' failed; log: {log}; its last lines:"
    )
    assert 3 <= len(rest) <= 20
    assert any("model.c" in line and "error:" in line for line in rest)
    assert rest[-1] in log.read_text()


def test_a_memory_too_small_for_the_linker_is_a_model_that_does_not_fit(tmp_path: Path) -> None:
    """Code is only known after the build."""
    image = edgepar.compile(model_of(IRIS), "cortex-m4", folder=tmp_path / "p")
    source = image.folder / "model.c"
    source.write_text(source.read_text() + "\nchar ballast[130 * 1024];\nchar *volatile used = ballast;\n")
    kept = source.read_text().replace(
        "_step(ep_team_t *team, uint32_t core, void *arg) {",
        "_step(ep_team_t *team, uint32_t core, void *arg) {\n    extern char *volatile used;\n    *used = 1;",
    )
    source.write_text(kept)
    with pytest.raises(
        errors.DoesNotFitError, match=r"code and data together .* use a smaller model"
    ) as caught:
        open_project(image.folder)
    assert caught.value.exit_code == 9


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (
            lambda path: path.unlink(),
            r"edgepar.json cannot be read \(No such file or directory\); give a folder made by",
        ),
        (
            lambda path: path.write_text("{}"),
            "the file is damaged; make the folder anew with 'edgepar compile'",
        ),
        (lambda path: path.write_bytes(b"\xff\xfe"), "the file is damaged; make the folder anew"),
        (lambda path: path.write_text(path.read_text().replace('"host"', '"hosd"')), "did you mean 'host'"),
    ],
)
def test_a_folder_that_is_no_project(damage: Any, text: str, tmp_path: Path) -> None:
    image = edgepar.compile(model_of(IRIS), "host", folder=tmp_path / "p")
    damage(image.folder / "edgepar.json")
    with pytest.raises(errors.EdgeparError, match=text) as caught:
        open_project(image.folder)
    assert caught.value.exit_code in (2, 8)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("record",), []),
        (("record", 0, "len"), 0),
        (("record", 0, "len"), 2),
        (("record", 0, "dtype"), "float32"),
        (("record", 1, "len"), -1),
        (("record", 1, "len"), 10**30),
        (("input_shape", 0), -4),
        (("input_shape", 0), 2**40),
        (("cores",), 0),
        (("needs", 0, "bytes"), -1),
    ],
)
def test_a_number_of_the_manifest_that_cannot_be(where: Any, value: Any, tmp_path: Path) -> None:
    _damaged_project(tmp_path / "p", where, value)
    with pytest.raises(errors.UsageError, match="the file is damaged; make the folder anew"):
        open_project(tmp_path / "p")


@pytest.mark.parametrize(
    ("where", "value", "text"),
    [
        (("record", 1, "len"), 2, r"takes 16 bytes and gives 16 a sample, but edgepar.json says 16 and 12"),
        (
            ("labels",),
            ["one"],
            "a class that is none of the 1 labels of edgepar.json; compile the model anew",
        ),
    ],
)
def test_a_manifest_of_another_program(where: Any, value: Any, text: str, tmp_path: Path) -> None:
    """Sizes that do not fit the program would make it write beyond its buffers."""
    _damaged_project(tmp_path / "p", where, value)
    with pytest.raises(errors.EmulatorError, match=text) as caught:
        open_project(tmp_path / "p").run(load_iris().data).predict()
    assert caught.value.exit_code == 12


def _damaged_project(folder: Path, where: Any, value: Any) -> None:
    path = edgepar.compile(model_of(IRIS), "host", folder=folder).folder / "edgepar.json"
    manifest = place = json.loads(path.read_text())
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    path.write_text(json.dumps(manifest))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.UsageError, match=r"file/p.* cannot be written .*; choose another folder"):
        edgepar.compile(model_of(IRIS), "host", folder=tmp_path / "file" / "p")


_HUNG = (
    r"(not done after 2 s, .*, core 0 near|took more than \d+ cycles, core 0 at pc) \w+ \(case_iris_tree_step"
)


@pytest.mark.parametrize(
    ("target", "emulator", "text"),
    [
        pytest.param("cortex-m4", "qemu", _HUNG, marks=pytest.mark.qemu),
        pytest.param("pulp-open", "qemu", _HUNG, marks=pytest.mark.qemu),
        pytest.param(
            "pulp-open", "rtl", r"did not end within \d+ cycles or the time allowed; core 0 running at .*tree_step",
            marks=pytest.mark.rtl,
        ),
    ],
)  # fmt: skip
def test_a_program_that_hangs_is_stopped_and_says_where(
    target: str, emulator: str, text: str, tmp_path: Path
) -> None:
    image = edgepar.compile(model_of(IRIS), target, emulator=emulator, folder=tmp_path / "p")
    source = image.folder / "model.c"
    source.write_text(
        source.read_text().replace(
            "const call = ", 'const call = arg;\n    for (;;) { __asm__ volatile(""); }\n    (void)', 1
        )
    )
    hung = open_project(image.folder)
    with pytest.raises(errors.EmulatorError, match=text) as caught:
        hung.run(IRIS.fit().X_test[:1], timeout_s=2.0)
    assert caught.value.exit_code == 12
