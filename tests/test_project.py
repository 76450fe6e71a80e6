# SPDX-License-Identifier: Apache-2.0
"""A Project is complete: it builds anywhere with plain CMake and no Python, and does what its README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

import edgepar
from edgepar.api import plan
from edgepar.build import write_project
from edgepar.codegen.build_files import WARNINGS
from edgepar.codegen.project import project
from edgepar.errors import UsageError
from edgepar.identifier import identifier
from edgepar.image import Image, open_project
from edgepar.model import Model
from tests.case import Case
from tests.images import BY_NAME, cases, image_of, model_of, run_of


@pytest.fixture(scope="session")
def path_without_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH that holds every program of the usual one but Python."""
    folder = tmp_path_factory.mktemp("bin")
    for place in map(Path, ("/usr/bin", "/bin", "/usr/local/bin")):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if not re.match(r"python|pip|edgepar", program.name) and not link.is_symlink():
                link.symlink_to(program)
    assert shutil.which("python3", path=str(folder)) is None
    return str(folder)


def _run(command: list[str | Path], **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def _copy(image: Image, folder: Path) -> Path:
    shutil.copytree(image.folder, folder, ignore=shutil.ignore_patterns("build"))
    return folder


@pytest.mark.parametrize(
    ("target", "emulator", "generator"),
    [
        ("host", None, "Unix Makefiles"),
        ("host", None, "Ninja"),
        ("cortex-m4", None, "Unix Makefiles"),
        ("pulp-open", "rtl", "Unix Makefiles"),
        ("pulp-open", "qemu", "Ninja"),
        ("gap8", "rtl", "Unix Makefiles"),
        ("gap8", "qemu", "Ninja"),
    ],
)
def test_a_copied_folder_builds_without_python(
    target: str, emulator: str | None, generator: str, path_without_python: str, tmp_path: Path
) -> None:
    """With the README's two commands; what comes out is what edgepar built, byte by byte."""
    image = image_of(BY_NAME["digits_logistic"], target, emulator=emulator)
    folder = _copy(image, tmp_path / "a copy with spaces in its name")
    environment = {"PATH": path_without_python, "HOME": str(tmp_path), "LC_ALL": "C"}
    commands = re.findall(r"^    (cmake .*)$", (folder / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 2
    if generator != "Unix Makefiles":
        commands[0] += f" -G {generator}"
    for command in commands:
        _run(command.split(), cwd=folder, env=environment)
    built = folder / "build" / image.artefact.name
    assert built.read_bytes() == image.artefact.read_bytes()


LABELS = cases(
    "digits_forest", "diabetes_forest", "two_target_ridge", "string_labels_forest", "shifted_labels_tree",
    "negative_labels_logistic", "boolean_labels_forest", "float_labels_ridge_classifier", "one_class_tree",
)  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ["gcc", "-x", "c", "-std=c11"],
        ["gcc", "-x", "c", "-std=c99", "-pedantic-errors"],
        ["g++", "-x", "c++", "-std=c++11", "-pedantic-errors"],
        ["g++", "-x", "c++", "-std=c++20"],
        ["arm-none-eabi-gcc", "-x", "c", "-std=gnu17", "-mcpu=cortex-m4"],
        ["clang-22", "-x", "c++", "-std=c++17", "-Wno-poison-system-directories"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("case", LABELS, ids=str)
def test_the_header_compiles_as_c_and_as_cpp(case: Case, command: list[str]) -> None:
    header = image_of(case, "host").folder / "model.h"
    _run(
        [*command, "-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header", "-fsyntax-only", header]
    )


def _program(image: Image, text: str, folder: Path) -> list[str]:
    """Build ``text`` in a copy of the project, changed as its README says, and run it; the lines it prints."""
    project = _copy(image, folder / "project")
    (project / "main.c").write_text(text, encoding="utf-8")
    readme = (project / "README.md").read_text()
    replaced = re.search(r"in place of `(.*)` and `(.*)` in CMakeLists.txt", readme)
    assert replaced is not None
    lists = (project / "CMakeLists.txt").read_text()
    for name, own in zip(replaced.groups(), ("main.c", ""), strict=True):
        assert f"\n    {name}\n" in lists
        lists = lists.replace(f"\n    {name}\n", f"\n    {own}\n")
    if "and make it an executable" in readme:
        lists = lists.replace("add_library(image SHARED", "add_executable(image").replace("-shared ", "")
    (project / "CMakeLists.txt").write_text(lists)
    _run(
        ["cmake", "-S", project, "-B", project / "build", f"-DCMAKE_TOOLCHAIN_FILE={project}/toolchain.cmake"]
    )
    _run(["cmake", "--build", project / "build"])
    program = project / "build" / image.artefact.name
    emulator: list[str | Path] = {
        "host": [],
        "cortex_m": ["qemu-system-arm", "-M", "mps2-an386", *_QEMU],
        "virt": ["qemu-system-riscv32", "-M", "virt", "-m", "128M", "-bios", "none", "-smp", "8", *_QEMU],
    }[image.build.platform]
    return _run([*emulator, program], timeout=60).splitlines()


_QEMU = (
    "-display",
    "none",
    "-serial",
    "none",
    "-monitor",
    "none",
    "-semihosting-config",
    "enable=on",
    "-kernel",
)


def _call_program(model: str, X: np.ndarray, calls: str) -> str:
    """A C program that makes the calls for each row of X."""
    rows = ",\n".join(
        "{" + ", ".join(float(v).hex() + "f" for v in row) + "}" for row in X.astype(np.float32)
    )
    return (
        f'#include <stdio.h>\n#include "model.h"\n'
        f"static const float rows[{len(X)}][{X.shape[1]}] = {{\n{rows}}};\n"
        f"int main(void) {{\n    for (int i = 0; i < {len(X)}; ++i) {{\n        const float *x = rows[i];\n"
        f"{calls}\n        putchar('\\n');\n    }}\n    return 0;\n}}\n"
    ).replace("MODEL", model)


_FLOATS = 'for (int k = 0; k < {n}; ++k) {{ printf(" %a", (double)v[k]); }}'


@pytest.mark.parametrize(
    ("name", "calls", "answers"),
    [
        (
            "digits_forest",
            'printf("%d", (int)MODEL_predict(x)); float v[10]; MODEL_predict_proba(x, v); '
            + _FLOATS.format(n=10),
            ["predict", "predict_proba"],
        ),
        (
            "string_labels_forest",
            'printf("%s", MODEL_predict(x)); float v[3]; MODEL_predict_proba(x, v); ' + _FLOATS.format(n=3),
            ["predict", "predict_proba"],
        ),
        ("shifted_labels_tree", 'printf("%lld", (long long)MODEL_predict(x));', ["predict"]),
        (
            "negative_labels_logistic",
            'printf("%d %a", (int)MODEL_predict(x), (double)MODEL_decision_function(x));',
            ["predict", "decision_function"],
        ),
        ("diabetes_forest", 'printf("%a", (double)MODEL_predict(x));', ["predict"]),
        ("two_target_ridge", "float v[2]; MODEL_predict(x, v); " + _FLOATS.format(n=2), ["predict"]),
        (
            "string_labels_forest",
            'MODEL_result_t result; MODEL_infer(x, &result); printf("%s", MODEL_classes[result.label]);'
            "const float *v = result.probabilities; " + _FLOATS.format(n=3),
            ["predict", "predict_proba"],
        ),
    ],
)
def test_a_c_program_calls_the_functions_of_the_header(
    name: str, calls: str, answers: list[str], tmp_path: Path
) -> None:
    """The program is compiled as the README says, and its answers are the run's, digit by digit."""
    case = BY_NAME[name]
    image = image_of(case, "host")
    X = case.fit().X_test[:20]
    lines = _program(image, _call_program(image.manifest.name, X, "        " + calls), tmp_path)
    run = run_of(case, "host")
    wanted = [np.asarray(getattr(run, method)()) for method in answers]
    assert len(lines) == len(X)
    for row, line in enumerate(lines):
        texts = [t for answer in wanted for t in np.atleast_1d(answer[row]).tolist()]
        found = [
            float.fromhex(word) if isinstance(t, float) else type(t)(word)
            for word, t in zip(line.split(), texts, strict=True)
        ]
        assert found == texts


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("target", "emulator"), [("cortex-m4", "qemu"), ("pulp-open", "qemu"), ("gap8", "qemu")]
)
def test_a_program_without_an_operating_system_calls_the_model(
    target: str, emulator: str, tmp_path: Path
) -> None:
    """It writes one letter for each answer to the console."""
    case = BY_NAME["digits_forest"]
    image = image_of(case, target, emulator=emulator)
    X = case.fit().X_test[:20]
    rows = ",\n".join("{" + ", ".join(f"{int(v)}.0f" for v in row) + "}" for row in X)
    text = (
        '#include "ep/pal.h"\n#include "model.h"\n'
        f"static const float rows[{len(X)}][64] = {{\n{rows}}};\n"
        "int main(void) {\n    char text[2] = {0, '\\n'};\n"
        f"    for (int i = 0; i < {len(X)}; ++i) {{\n"
        f"        text[0] = (char)('0' + {image.manifest.name}_predict(rows[i]));\n"
        "        ep_console_write(text, 2);\n    }\n    ep_exit(0);\n}\n"
    )
    found = "".join(_program(image, text, tmp_path))
    assert found == "".join(str(label) for label in case.fit().estimator.predict(case.fit().X_device[:20]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iris_logistic", "The numbers of x are finite; nothing checks that."),
        ("nan_tree", "The numbers of x are finite, or NaN where a value is missing; nothing checks that."),
        (
            "mixed_logistic",
            "The numbers of x are finite, or NaN where a value is missing in features 0, 1, 2, 3, 4, 5, 6, 8; nothing "
            "checks that.",
        ),
    ],
)
def test_the_header_says_where_nan_is_allowed(name: str, text: str) -> None:
    (case,) = cases(name)
    header = project(plan(model_of(case), "cortex-m4"))["model.h"].decode()
    assert f"// {text}\n" in header


def test_the_readme_names_every_function() -> None:
    for case in LABELS:
        folder = image_of(case, "host").folder
        header, readme = ((folder / name).read_text() for name in ("model.h", "README.md"))
        functions = re.findall(r"^[a-z].*\);$", header, re.MULTILINE)
        assert len(functions) >= 2
        for signature in functions:
            if "_infer(" not in signature:
                assert f"    {signature}" in readme
        assert re.search(r"^    \w+_infer\(x, &result\);", readme, re.MULTILINE)


def _renamed(case: Case, name: str, values: dict[str, str]) -> Model:
    """The case with another name of the graph and of some intermediate values."""
    proto = onnx.ModelProto.FromString(model_of(case).to_bytes())
    proto.graph.name = name
    for node in proto.graph.node:
        node.input[:] = [values.get(value, value) for value in node.input]
        node.output[:] = [values.get(value, value) for value in node.output]
    return Model(proto)


def _check_text(model: Model, target: str, folder: Path) -> None:
    """The generated C compiles without a warning, the header as C++ too."""
    files = project(plan(model, target))
    write_project(files, folder)
    include = [f"-I{folder}", *(f"-I{folder}/runtime/{name}" for name in ("include", "harness"))]
    _run(
        ["gcc", "-std=c11", *WARNINGS, "-fsyntax-only", *include, folder / "model.c", folder / "model_glue.c"]
    )
    strict = ["-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header"]
    _run(["g++", "-x", "c++", *strict, "-fsyntax-only", folder / "model.h"])


@pytest.mark.parametrize(
    "name",
    [
        "int", "class", "operator", "main", "model", "x", "result", "infer", "ep", "ep_model", "EP_L1", "uint32_t",
        "INT32_MAX", "NULL", "latest", "core", "team", "3d printer", "mit Umlaut öäü", "π", "//*/ \\\n",
        '"; exit(1); //', "a" * 300,
    ],
)  # fmt: skip
def test_strange_model_names_become_identifiers(name: str, tmp_path: Path) -> None:
    """Such names come from files of other tools."""
    _check_text(_renamed(BY_NAME["string_labels_forest"], name, {}), "host", tmp_path)
    assert f"void {identifier(name)}_infer(" in (tmp_path / "model.h").read_text()


def test_a_model_with_a_strange_name_runs(tmp_path: Path) -> None:
    case = BY_NAME["iris_tree"]
    image = edgepar.compile(_renamed(case, "double π", {}), "host", folder=tmp_path)
    run = image.run(case.fit().X_test)
    np.testing.assert_array_equal(run.predict(), case.fit().estimator.predict(case.fit().X_device))


def test_a_strange_name_cannot_leave_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = _renamed(BY_NAME["iris_tree"], "../../../outside `x`\n# y", {})
    image = edgepar.compile(model, "host")
    assert image.folder.is_relative_to(tmp_path / "cache" / "edgepar" / "projects")
    assert image.artefact.is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert "\n# y" not in (image.folder / "README.md").read_text()


NASTY = (
    "x", "core", "team", "input", "result", "answer", "range", "latest", "i", "arg", "call", "sample", "output",
    "m_step", "m_infer", "m_classes", "m_call_t", "int", "float", "EP_L1", "ep_split", "uint32_t", "UINT32_MAX", "NULL",
    "weights", "partial_sums", "label", "probabilities", "π", "1", "first", "units", "tile", "slot", "free", "next",
    "unit", "taken", "row", "kept", "mine", "results", "answers", "sample_copy", "answer_copy", "weights_near",
    "weights_tiles", "probabilities_near", "decision_near", "rows_tiles", "rows_near", "rows_tiles_copy",
)  # fmt: skip


@pytest.mark.parametrize("target", ["host", "pulp-open"])
@pytest.mark.parametrize(
    "case", cases("digits_logistic", "digits_forest", "normalized_tree", "digits_svc"), ids=str
)
def test_names_of_values_cannot_break_the_c_code(case: Case, target: str, tmp_path: Path) -> None:
    """Every intermediate value gets names that the generated code uses for something else, in turn."""
    taken = {tensor.name for tensor in model_of(case).proto.graph.initializer} | set(model_of(case).outputs)
    outputs = model_of(case).outputs
    values = sorted({v for node in model_of(case).proto.graph.node for v in node.output if v not in outputs})
    names = [name for name in NASTY if name not in taken]
    for first in range(0, len(names), len(values)):
        chosen = dict(zip(values, names[first:], strict=False))
        _check_text(_renamed(case, "m", chosen), target, tmp_path / f"{first}")


def test_a_second_build_does_nothing(tmp_path: Path) -> None:
    case = BY_NAME["iris_tree"]
    first = edgepar.compile(model_of(case), "host", folder=tmp_path / "p")
    before = first.artefact.stat().st_mtime_ns
    second = edgepar.compile(model_of(case), "host", folder=tmp_path / "p")
    assert second.artefact.stat().st_mtime_ns == before


def test_a_moved_project_is_built_where_it_is(tmp_path: Path) -> None:
    case = BY_NAME["iris_tree"]
    edgepar.compile(model_of(case), "host", folder=tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    (tmp_path / "new" / "model.c").touch()
    image = open_project(tmp_path / "new")
    np.testing.assert_array_equal(image.run(case.fit().X_test).predict(), run_of(case, "host").predict())
    assert not (tmp_path / "old").exists()


def test_a_folder_can_be_used_for_another_target(tmp_path: Path) -> None:
    case = BY_NAME["iris_tree"]
    edgepar.compile(model_of(case), "host", folder=tmp_path)
    image = edgepar.compile(model_of(case), "cortex-m4", folder=tmp_path)
    assert image.memory.stack_bytes == image_of(case, "cortex-m4").memory.stack_bytes
    assert image.memory.flash_bytes == image_of(case, "cortex-m4").memory.flash_bytes


def test_a_build_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file where the folder should be")
    with pytest.raises(UsageError) as caught:
        edgepar.compile(model_of(BY_NAME["iris_tree"]), "host", folder=tmp_path)
    text = f"{tmp_path / 'build'}: cannot be written (File exists); copy the project to a folder that can."
    assert str(caught.value) == text


def test_no_path_of_this_computer_is_in_the_project(tmp_path: Path) -> None:
    folder = edgepar.compile(model_of(BY_NAME["iris_tree"]), "pulp-open", folder=tmp_path / "p").folder
    for path in folder.rglob("*"):
        if path.is_file() and "build" not in path.parts:
            text = path.read_bytes()
            assert str(tmp_path).encode() not in text
            assert os.environ["HOME"].encode() + b"/" not in text
