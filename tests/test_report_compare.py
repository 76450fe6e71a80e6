# SPDX-License-Identifier: Apache-2.0
"""compare on the host: which rows are run, what they are held against, what is refused."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import edgepar
from edgepar.compare import choose_subjects
from edgepar.errors import EdgeparError, InputDataError, UnknownTargetError, UsageError
from edgepar.report import Report

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]


@pytest.fixture(scope="module")
def logistic() -> LogisticRegression:
    return LogisticRegression(max_iter=500).fit(X, NAMES)


@pytest.fixture(scope="module")
def report(logistic) -> Report:
    model = edgepar.export(logistic, X[:1], name="iris")
    return edgepar.compare(model, X, NAMES, targets=["host"], samples={"host": 60}, cores=[1, 2, 64])


def test_rows_are_the_first_ones_for_each_count_of_cores(report, logistic):
    assert [(row.cores, row.samples) for row in report.rows] == [(1, 60), (2, 60)]
    for row in report.rows:
        assert (row.agreement, row.agreement_estimator) == (1.0, 1.0)
        assert row.accuracy == logistic.score(X[:60], NAMES[:60])
        assert row.max_abs_error is not None
        assert 0.0 <= row.max_abs_error < 1e-5
        assert row.cycles_min <= row.cycles_per_inference <= row.cycles_max
        assert row.time_us == row.cycles_per_inference / 1000
        assert row.near_ties == len(row.near_tie_rows)
        assert row.flash_bytes is not None
        assert row.flash_bytes > 0


def test_estimator_and_labels_are_optional(logistic):
    model = edgepar.Model(edgepar.export(logistic, X[:1], name="iris").proto)  # as from a file
    (row,) = edgepar.compare(model, X[:5], targets=["host"], cores=1).rows
    assert (row.agreement, row.agreement_estimator, row.accuracy) == (1.0, None, None)


def test_a_wrong_oracle_is_seen(logistic):
    other = DecisionTreeClassifier(max_depth=1).fit(X, NAMES)  # never says virginica and versicolor both
    model = edgepar.export(logistic, X[:1], name="iris")
    (row,) = edgepar.compare(model, X, NAMES, targets=["host"], cores=1, estimator=other).rows
    expected = np.mean(logistic.predict(X.astype(np.float32).astype(np.float64)) == other.predict(X))
    assert expected < 0.9
    assert row.agreement == 1.0
    assert row.agreement_estimator == pytest.approx(expected)


def test_regressors_agree_within_the_bound():
    data, target = load_diabetes(return_X_y=True)
    right = LinearRegression().fit(data, target)
    wrong = LinearRegression().fit(data, target)
    wrong.intercept_ += 1e-3  # far beyond the bound, far below what anyone would see in a plot
    model = edgepar.export(right, data[:1], name="diabetes")
    rows = [
        edgepar.compare(model, data, target, targets=["host"], cores=1, estimator=oracle).rows[0]
        for oracle in (right, wrong)
    ]
    assert [(row.agreement, row.agreement_estimator) for row in rows] == [(1.0, 1.0), (1.0, 0.0)]
    assert rows[0].accuracy is None
    assert rows[0].near_ties == 0


def test_a_tie_is_a_near_tie():
    """Two classes whose scores are equal on one row: the margin there is 0, and inside any bound."""
    estimator = LogisticRegression().fit(np.array([[-1.0], [1.0]]), [0, 1])
    estimator.intercept_[:] = 0.0
    model = edgepar.export(estimator, np.zeros((1, 1)), name="tie")
    (row,) = edgepar.compare(model, np.array([[-3.0], [0.0], [2.0]]), targets=["host"], cores=1).rows
    assert row.near_tie_rows == (1,)
    assert row.agreement == 1.0


@pytest.mark.parametrize(
    ("names", "samples", "cores", "expected"),
    [
        (["host"], None, None, [("host", "host", 1, 100)]),
        (["cortex-m4"], None, None, [("cortex-m4", "qemu", 1, 100)]),
        (["cortex-m4"], None, 8, [("cortex-m4", "qemu", 1, 100)]),
        (["pulp-open"], None, None, [("pulp-open", "rtl", 8, 16)]),
        (["gap8"], None, None, [("gap8", "rtl", 8, 8)]),
        (["gap8:qemu"], None, 2, [("gap8", "qemu", 2, 100)]),
        (["gap8"], {"gap8": 3}, [1, 8], [("gap8", "rtl", 1, 3), ("gap8", "rtl", 8, 3)]),
        (["gap8"], {"gap8": 3}, np.array([1, 8, 16]), [("gap8", "rtl", 1, 3), ("gap8", "rtl", 8, 3)]),
        (["gap8"], {"gap8": np.int64(3)}, np.int64(2), [("gap8", "rtl", 2, 3)]),
        (["gap8"], {"gap8": 1000}, 1, [("gap8", "rtl", 1, 100)]),
        (["host", "host"], None, 1, [("host", "host", 1, 100)]),
        (
            ["pulp-open", "pulp-open:qemu"],
            {"pulp-open:qemu": 4},
            8,
            [("pulp-open", "rtl", 8, 16), ("pulp-open", "qemu", 8, 4)],
        ),
    ],
)
def test_what_is_run(names, samples, cores, expected):
    subjects = choose_subjects(100, names, samples, cores, None, None)
    assert [(s.target.name, s.build.emulator, s.cores, s.n_samples) for s in subjects] == expected


def test_every_target_is_the_default():
    subjects = choose_subjects(100, None, None, None, None, None)
    assert [subject.target.name for subject in subjects] == ["host", "cortex-m4", "pulp-open", "gap8"]


def test_fp_and_isa_are_not_for_the_host():
    subjects = choose_subjects(100, ["host", "pulp-open"], None, None, "libgcc", "plain")
    assert [(s.build.isa, s.build.fp, s.n_samples) for s in subjects] == [
        ("native", "fpu", 100),
        ("plain", "libgcc", 8),
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"X": X[:, :2]}, InputDataError, "X has 2 features"),
        ({"X": X[:0]}, InputDataError, "compare: X has no rows; give at least one sample."),
        ({"y": NAMES[:3]}, InputDataError, "compare: y has 3 rows and X has 150; give one label a sample."),
        (
            {"y": Y},
            InputDataError,
            "compare: y holds int64 and the labels of model iris are <U10; give labels of the",
        ),
        (
            {"y": NAMES.astype("S")},
            InputDataError,
            "compare: y holds |S10 and the labels of model iris are <U10",
        ),
        (
            {"y": [None] * 150},
            InputDataError,
            "compare: y holds object and the labels of model iris are <U10",
        ),
        (
            {"y": NAMES[:, None]},
            InputDataError,
            "compare: y has the shape [150, 1]; give one label a sample.",
        ),
        ({"y": [[1, 2], [3]]}, InputDataError, "compare: y is no array (setting an array element"),
        ({"y": "setosa"}, InputDataError, "compare: y has no rows and X has 150; give one label a sample."),
        (
            {"estimator": 5},
            UsageError,
            "compare: estimator is a int without predict; give the fitted estimator.",
        ),
        ({"timeout_s": 0}, UsageError, "timeout_s is 0; give seconds above 0, 1000000 at most."),
        (
            {"l2_latency_cycles": 30},
            UsageError,
            "compare: l2_latency_cycles is for RTL, and no target compared runs there; leave it out or add pulp-open.",
        ),
        (
            {"targets": ["host", "gap8"], "l2_latency_cycles": 1},
            UsageError,
            "l2_latency_cycles is 1; give a whole number from 2 to 1000.",
        ),
        (
            {"targets": []},
            UsageError,
            "compare: no target is named; use some of host, cortex-m4, pulp-open, gap8.",
        ),
        ({"targets": ["hots"]}, UnknownTargetError, "target 'hots' is not known; did you mean 'host'?"),
        ({"targets": ["host:rtl"]}, UsageError, "target host: emulator 'rtl' is not known; use one of host."),
        (
            {"samples": {"gap8": 1}},
            UsageError,
            "samples: 'gap8' is not among the targets compared; they are host.",
        ),
        (
            {"fast_bytes": {"gap8": 1}},
            UsageError,
            "fast_bytes: 'gap8' is not among the targets compared; they are host.",
        ),
        (
            {"targets": ["cortex-m4"], "fast_bytes": {"cortex-m4": -1}},
            UsageError,
            "target cortex-m4: fast_bytes is -1; give the bytes of ram that scratch and tables may fill, a whole "
            "number from 0 to 122880.",
        ),
        ({"samples": {"host": 0}}, UsageError, "samples: host has 0; give a whole number from 1 on."),
        *(
            (
                {"cores": cores, "targets": targets},
                UsageError,
                f"compare: cores has {bad!r}; give whole numbers from 1 on.",
            )
            for cores, bad in ((0, 0), (-3, -3), ([1, True], True), ([[1]], [1]), ("2", "2"))
            for targets in (["host"], ["cortex-m4"])
        ),
        (
            {"cores": []},
            UsageError,
            "compare: cores names no number; leave it out for all cores of each target.",
        ),
        (
            {"energy_mode": "x"},
            UsageError,
            "energy mode 'x' is not known; use 'per-core' or 'constant-power'.",
        ),
    ],
)
def test_refused(logistic, arguments, error, text):
    model = edgepar.export(logistic, X[:1], name="iris")
    with pytest.raises(EdgeparError) as caught:
        edgepar.compare(model, **({"X": X, "targets": ["host"]} | arguments))
    assert type(caught.value) is error
    assert text in str(caught.value)


def test_labels_from_a_data_frame_are_taken(logistic):
    model = edgepar.export(logistic, X[:1], name="iris")
    column = np.array(NAMES, dtype=object)
    (row,) = edgepar.compare(model, X, column, targets=["host"]).rows
    assert row.accuracy == logistic.score(X, NAMES)


@pytest.mark.qemu
def test_progress_comes_line_by_line(logistic):
    """Two targets are worked on side by side, and neither speaks while the other does."""
    inside, most, lines = 0, 0, []

    def slow(text: str) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.05)
        lines.append(text)
        inside -= 1

    model = edgepar.export(logistic, X[:1], name="iris")
    edgepar.compare(model, X[:1], targets=["cortex-m4", "gap8:qemu"], cores=1, progress=slow)
    assert (most, len(lines)) == (1, 4)


def test_progress_is_told(logistic):
    lines: list[str] = []
    model = edgepar.export(logistic, X[:1], name="iris")
    edgepar.compare(model, X[:2], targets=["host"], cores=1, progress=lines.append)
    assert lines[0] == "iris: host, host, 1 core, 2 samples ..."
    assert lines[1].startswith("iris: host, host, 1 core, 2 samples: ")
    assert lines[1].endswith(" ns")


@pytest.mark.qemu
def test_energy_and_memory_of_a_device(logistic):
    model = edgepar.export(logistic, X[:1], name="iris")
    per_core, constant = (
        edgepar.compare(model, X[:3], targets=["cortex-m4"], energy_mode=mode).rows[0]
        for mode in ("per-core", "constant-power")
    )
    assert per_core.provenance == "modelled"
    assert per_core.frequency_hz == 80e6
    assert per_core.energy_uj == pytest.approx(per_core.cycles_per_inference * 300e-6)  # 300 pJ a cycle
    assert constant.energy_uj == per_core.energy_uj  # one core, one figure
    assert (per_core.energy_mode, constant.energy_mode) == ("per-core", "constant-power")
    assert per_core.l1_bytes is None
    assert 0 < per_core.stack_bytes < per_core.ram_bytes < 128 * 1024


@pytest.mark.rtl
def test_rtl_rows_show_cold_cache_latency_and_activity(logistic):
    model = edgepar.export(logistic, X[:1], name="iris")
    slow, fast = (
        edgepar.compare(
            model, X, targets=["pulp-open"], samples={"pulp-open": 2}, cores=2, l2_latency_cycles=latency
        ).rows[0]
        for latency in (60, None)
    )
    assert (fast.provenance, fast.samples, fast.l2_latency_cycles, slow.l2_latency_cycles) == (
        "rtl",
        2,
        15,
        60,
    )
    assert fast.cycles_cold is not None
    assert fast.cycles_cold > fast.cycles_per_inference
    assert slow.cycles_per_inference > fast.cycles_per_inference
    assert len(fast.activity) >= 2
    assert fast.activity[0]["loads"] > 0
