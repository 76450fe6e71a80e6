# SPDX-License-Identifier: Apache-2.0
"""The C of other tools in edgepar's emulators: the table, and what happens when something is missing or too large."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from edgepar.bench import peer_code, peer_image, peers
from edgepar.bench.measure import Store
from edgepar.bench.origin import Origin
from edgepar.bench.peer_bench import PeerBench, PeerRow, summarize_peers
from edgepar.bench.peer_code import TOOLS, TREE_SETTINGS, PeerCode, emlearn_trees, m2cgen_scores
from edgepar.bench.peer_export import generate
from edgepar.bench.peer_image import build_peer, footprint, labels
from edgepar.cli import main
from edgepar.errors import DoesNotFitError, MissingToolError, ToolchainError
from edgepar.report import numbers
from edgepar.workloads import Step, Trained, Workload, suite
from tests.test_report_page import Page

OURS = PeerRow("digits", "cortex-m4", "edgepar", "default", 800, 4000, 100, 1.0, "modelled: made up")
PEER = replace(OURS, tool="emlearn", settings="a|b", cycles=1600, flash_bytes=2000)
SLOW = replace(OURS, tool="m2cgen", cycles=12800, flash_bytes=8000, agreement=0.5)
LARGE = replace(
    OURS, tool="m2cgen", core="pulp-open", cycles=None, flash_bytes=None, ram_bytes=None, note="too large"
)
OURS_ON_PULP = replace(OURS, core="pulp-open", cycles=100)
ROWS = (OURS, PEER, SLOW, OURS_ON_PULP, LARGE)


def bench(*rows: PeerRow) -> PeerBench:
    return PeerBench(
        rows, summarize_peers(rows), Origin("edgepar bench peers", "2026-01-02", {"edgepar": "0.0"})
    )


def test_summary_of_made_up_rows():
    found = summarize_peers(ROWS)
    assert found.cycles_ratio_geomean == pytest.approx((800 / 1600 * 800 / 12800) ** 0.5)
    assert found.cycles_ratio_worst == 0.5
    assert found.flash_ratio_geomean == pytest.approx(1.0)
    assert found.flash_ratio_worst == 2.0


def test_summary_of_nothing_shared():
    assert set(vars(summarize_peers((OURS,))).values()) == {None}


def test_forms(tmp_path):
    made = json.loads(bench(*ROWS).to_json())
    for row in made["rows"]:
        assert set(row) >= {
            "model", "core", "tool", "settings", "cycles", "flash_bytes", "ram_bytes", "agreement",
        }  # fmt: skip
    assert made["rows"][4]["cycles"] is None
    text = str(bench(*ROWS)).replace(numbers.THIN_SPACE, " ")
    for wanted in (
        "12 800",
        "0.06×",
        "default: too large",
        "0.5000",
        "cycles of cortex-m4: modelled: made up",
    ):
        assert wanted in text
    assert "| a\\|b |" in bench(*ROWS).to_markdown()
    assert Page(bench(*ROWS).to_html(tmp_path / "p.html")).count("table") == 2


def test_a_missing_package_is_named_with_its_command(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(MissingToolError) as caught:
        peers.bench_peers()
    assert str(caught.value).startswith(
        "bench peers: the Python package emlearn is not installed; install it with: "
    )
    assert str(caught.value).endswith("-m pip install 'edgepar[bench]'")
    asked = CliRunner().invoke(main, ["bench", "peers"])
    assert asked.exit_code == MissingToolError.exit_code


def test_tools_are_asked_for_what_they_know():
    names = {
        name: [tool.name for tool in peers.tools_of(workload)] for name, workload in suite("seed").items()
    }
    assert names["digits_forest"] == ["emlearn", "m2cgen"]
    assert names["digits_bayes"] == ["emlearn"]
    assert names["fashion_logistic"] == ["m2cgen"]
    pipeline = suite("demo")["digits_logistic"]
    assert peers.tools_of(pipeline) == []


def trained(estimator_name: str, **parameters) -> Trained:
    """A small model: two classes of digits."""
    X, y = load_digits(n_class=3, return_X_y=True)
    workload = Workload(
        name="small", title="small", suites=(), data="digits", test_rows=60, seed=0, expected_accuracy=0.0,
        steps=(Step(estimator=estimator_name, parameters=parameters),),
    )  # fmt: skip
    estimator = workload.estimator().fit(X[60:], y[60:])
    return Trained(workload, estimator, X[60:], y[60:], X[:60], y[:60])


@pytest.fixture(scope="module")
def contest() -> peers.Contest:
    return peers.prepare(trained("DecisionTreeClassifier", max_depth=4, random_state=0))


@pytest.fixture(scope="module")
def codes(contest) -> dict[str, PeerCode]:
    found = {code.settings: code for code in emlearn_trees(contest.trained)}
    (found["m2cgen"],) = m2cgen_scores(contest.trained)
    return found


@pytest.mark.qemu
@pytest.mark.parametrize("settings", [*(str(TREE_SETTINGS[index]) for index in (0, 4)), "m2cgen"])
def test_trees_of_other_tools_run_and_are_judged_by_the_estimator(contest, codes, settings, tmp_path):
    code = codes[settings]
    host = build_peer(code, contest.compile(peers.HOST), tmp_path / "host")
    answers = labels(host.run(contest.rows(peers.HOST), Store(tmp_path)))
    agreement = peers.agreement_of(contest, answers)
    # Thresholds of whole numbers cast to whole numbers are what emlearn's default does, and what it gets wrong.
    assert (agreement == 1.0) == ("int16_t" not in settings or "times 2" in settings)
    image = build_peer(code, contest.compile(peers.CORES[0]), tmp_path / "m4")
    run = image.run(contest.rows(peers.CORES[0]), Store(tmp_path))
    assert labels(run).tolist() == answers[: peers.TIMED_ROWS].tolist()
    assert 0 < run.cycles.max() < 20_000
    size = footprint(image.artefact)
    assert 1000 < size.flash_bytes < 60_000
    assert size.ram_bytes > 0


@pytest.mark.rtl
@pytest.mark.parametrize("settings", [str(TREE_SETTINGS[1]), "m2cgen"])
def test_they_run_on_one_pulp_core(contest, codes, settings, tmp_path):
    image = build_peer(codes[settings], contest.compile(peers.CORES[1]), tmp_path / "pulp")
    run = image.run(contest.rows(peers.CORES[1]), Store(tmp_path))
    assert peers.agreement_of(contest, labels(run)) == 1.0
    assert run.provenance == "rtl"
    assert len(run.activity) == 1


@pytest.mark.qemu
def test_libm_and_start_values_work(tmp_path):
    """GaussianNB of emlearn keeps its tables in RAM; exp in a made-up call is the C library's."""
    model = trained("GaussianNB")
    found = peers.prepare(model)
    code = PeerCode(
        "made up", "none", "#include <math.h>\nstatic double scale = 2.0;\n",
        "label = (int32_t)(scale * exp(x[0] * 0.0)) - 1;", "double",
    )  # fmt: skip
    for setting in (peers.HOST, *peers.CORES[:1]):
        image = build_peer(code, found.compile(setting), tmp_path / setting.target)
        assert set(labels(image.run(found.rows(setting), Store(tmp_path)))) == {1}


@pytest.mark.rtl
def test_thread_local_storage_does_not_disturb_the_platform(contest, tmp_path):
    """The C library's errno lies there; afterwards the harness waits through tp."""
    code = PeerCode(
        "made up", "none", "#include <math.h>\n#include <errno.h>\n",
        "errno = EDOM; volatile double small = exp(-1e4 - x[0]); label = small == 0.0 && errno != 0;", "double",
    )  # fmt: skip
    image = build_peer(code, contest.compile(peers.CORES[1]), tmp_path)
    assert labels(image.run(contest.rows(peers.CORES[1]), Store(tmp_path))).tolist() == [1] * peers.TIMED_ROWS


@pytest.mark.parametrize("setting", peers.CORES, ids=lambda setting: setting.target)
def test_code_that_does_not_fit_is_a_row_without_figures(contest, setting, tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "project_folder", lambda *_: tmp_path)
    table = "#include <stdint.h>\nstatic const uint8_t table[2000000] = {1};\n"
    code = PeerCode("m2cgen", "default", table, "label = table[(int)x[0]];", "double")
    with pytest.raises(DoesNotFitError):
        build_peer(code, contest.compile(setting), tmp_path)
    row = peers.peer_row(contest, code, setting, 1.0, Store(tmp_path))
    assert (row.cycles, row.flash_bytes, row.ram_bytes) == (None, None, None)
    assert row.note == "does not fit into the memories"


def test_compilers_that_do_not_end_are_ended(contest, tmp_path, monkeypatch):
    """CMake's children with it; and what is known not to build is not tried again."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "cmake").write_text(f"#!/bin/sh\necho called >> {tmp_path}/calls\nsleep 61.25 &\nwait\n")
    (commands / "cmake").chmod(0o755)
    bases = {setting.target: contest.compile(setting) for setting in peers.CORES}
    monkeypatch.setattr(type(contest), "compile", lambda _, setting: bases[setting.target])
    monkeypatch.setattr(peers, "project_folder", lambda *_: tmp_path / "project")
    monkeypatch.setattr(peer_image, "BUILD_TIMEOUT_S", 0.5)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    code = PeerCode("m2cgen", "default", "", "label = 0;", "double")
    for _ in range(2):
        row = peers.peer_row(contest, code, peers.CORES[0], 1.0, Store(tmp_path))
        assert (row.cycles, row.note) == (None, "does not build within 240 s")
    assert (tmp_path / "calls").read_text().count("called") == 1
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"61.25" in _bytes(path)]
    assert left == []


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(("characters", "optimisation"), [(100, "-O2"), (300_000, "-O1")])
def test_one_long_function_is_compiled_with_less(monkeypatch, contest, characters, optimisation, tmp_path):
    monkeypatch.setattr(peer_code, "generate", lambda *_: "//" + " " * characters)
    (code,) = m2cgen_scores(contest.trained)
    assert ("-O1" in code.settings) == (optimisation == "-O1")
    monkeypatch.setattr(peer_image, "build_project", lambda *_: tmp_path)
    build_peer(code, contest.compile(peers.CORES[0]), tmp_path)
    assert f":{optimisation};-w" in (tmp_path / "CMakeLists.txt").read_text()


def test_of_settings_that_agree_most_the_fastest_is_taken(contest, monkeypatch):
    codes = [PeerCode("emlearn", name, name, "", "float") for name in ("default", "slow", "fast")]
    agreement = {"default": 0.1, "slow": 0.9, "fast": 0.9}
    cycles = {"default": 1, "slow": 30, "fast": 20}
    monkeypatch.setattr(peers, "generate", lambda *_: codes)
    monkeypatch.setattr(peers, "host_agreement", lambda _, code, __: agreement[code.settings])
    monkeypatch.setattr(
        peers, "peer_row",
        lambda contest, code, setting, share, _: PeerRow(
            contest.name, setting.target, code.tool, code.settings, cycles[code.settings], 1, 1, share, ""
        ),
    )  # fmt: skip
    found = peers.peer_rows(contest, TOOLS[0], None)
    assert [(row.settings, row.agreement) for row in found] == [("fast", 0.9)] * 2


def test_answers_that_are_no_class_count_as_wrong(contest):
    answers = np.searchsorted(contest.trained.estimator.classes_, contest.expected[:4]).astype(np.int32)
    assert peers.agreement_of(contest, answers) == 1.0
    answers[0], answers[1] = -7, 99
    assert peers.agreement_of(contest, answers) == 0.5


def test_the_estimators_of_the_table_are_real():
    for tool in TOOLS:
        tool.require()
    assert GaussianNB.__name__ in TOOLS[0].estimators
    assert DecisionTreeClassifier.__name__ in TOOLS[1].estimators


def test_a_tool_that_fails_is_named_with_its_words():
    with pytest.raises(ToolchainError) as caught:
        generate("m2cgen", GaussianNB())
    assert str(caught.value).startswith(
        "bench peers: m2cgen cannot export GaussianNB (NotImplementedError: Model "
    )


def test_generators_leave_nothing_behind(tmp_path, monkeypatch):
    """emlearn compiles what it converts, in the working folder."""
    monkeypatch.chdir(tmp_path)
    assert "peer_predict" in generate("emlearn", trained("GaussianNB").estimator)
    assert list(tmp_path.iterdir()) == []
    assert np.geterr()["under"] == "ignore"


@pytest.mark.deep
def test_the_whole_bench(tmp_path):
    made = peers.bench_peers(Store(tmp_path))
    shared = {name for name, workload in suite("seed").items() if peers.tools_of(workload)}
    assert {row.model for row in made.rows} == shared
    for row in made.rows:
        if row.tool == "edgepar":
            assert row.agreement == 1.0
            assert row.cycles is not None
