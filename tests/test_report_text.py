# SPDX-License-Identifier: Apache-2.0
"""The report as a table, as JSON and as a data frame."""

from __future__ import annotations

import json

import pytest

from edgepar.errors import UsageError
from edgepar.report import Report, numbers
from edgepar.report.summary import main_rows, near_tie_rows, speed_ups
from tests.report_rows import CORTEX_M, HOST, full_report, row

FIELDS_OF_THE_ISSUE = {
    "model", "target", "cores", "fp", "emulator", "provenance", "cycles_per_inference", "cycles_min", "cycles_max",
    "time_us", "frequency_hz", "energy_uj", "energy_mode", "energy_source", "flash_bytes", "ram_bytes", "stack_bytes",
    "l1_bytes", "l2_bytes", "samples", "agreement", "agreement_estimator", "near_ties", "accuracy", "max_abs_error",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.time(None), "–"),
        (numbers.time(0.5), "0.500 µs"),
        (numbers.time(70.54), "70.5 µs"),
        (numbers.time(999.9), "1000 µs"),
        (numbers.time(1700.0), "1.70 ms"),
        (numbers.time(2.5e6), "2.50 s"),
        (numbers.energy(0.0005), "0.500 nJ"),
        (numbers.energy(1.0234), "1.02 µJ"),
        (numbers.energy(40_000.0), "40.0 mJ"),
        (numbers.memory(412), "412 B"),
        (numbers.memory(41_000), "40.0 KiB"),
        (numbers.memory(2 * 1024 * 1024), "2.00 MiB"),
        (numbers.count(1234567), "1 234 567"),
        (numbers.share(1.0), "1.0"),
        (numbers.share(0.99999), "0.9999"),
        (numbers.share(0.97222), "0.9722"),
        (numbers.share(None), "–"),
        (numbers.error(0.0), "0"),
        (numbers.error(3.21e-8), "3.2e-08"),
        (numbers.ratio(6.4), "6.40×"),
    ],
)
def test_numbers(text, expected):
    assert text.replace(numbers.THIN_SPACE, " ") == expected


def test_table_holds_every_figure_and_its_label():
    text = str(full_report()).replace(numbers.THIN_SPACE, " ")
    for wanted in (
        "133 000",
        "12 345",
        "20 001",
        "70.5 µs",
        "1.02 µJ",
        "127 KiB",
        "412 B",
        "1.0 / 1.0",
        "0.9750",
    ):
        assert wanted in text
    assert "Energy is estimated from power tables, not measured" in text
    assert "pulp-open (rtl): estimated, per-core: 10 pJ a core cycle (derived)" in text
    assert "pulp-open (rtl): rtl: CV32E40P RTL, modelled cluster" in text
    assert "digits on pulp-open (rtl, 2 samples): 1: 1.00×, 2: 1.95×, 4: 3.81×, 8: 6.40×" in text
    assert "…" not in text, "a column was cut"
    assert max(map(len, text.splitlines())) <= 140


def test_wall_clock_is_not_shown_as_cycles_or_energy():
    line = next(line for line in str(Report((row(HOST),))).splitlines() if line.startswith("host "))
    assert "12" + numbers.THIN_SPACE + "345" not in line
    assert line.count("–") == 3  # cycles, cold, energy


def test_json_rows(tmp_path):
    report = full_report()
    path = tmp_path / "new" / "report.json"
    text = report.to_json(path)
    assert path.read_text(encoding="utf-8") == text
    rows = json.loads(text)
    assert len(rows) == len(report.rows)
    for found in rows:
        assert set(found) >= FIELDS_OF_THE_ISSUE
    assert rows[0]["energy_uj"] is None
    assert rows[2]["energy_uj"] == 1.0234
    assert rows[2]["near_tie_rows"] == []


def test_data_frame():
    frame = full_report().to_dataframe()
    assert len(frame) == 10
    assert set(frame.columns) >= FIELDS_OF_THE_ISSUE
    assert frame[frame.target == "cortex-m4"].cycles_per_inference.tolist() == [133_000.0, 133_000.0]


def test_same_rows_give_the_same_bytes():
    assert full_report().to_json() == full_report().to_json()
    assert full_report().to_html() == full_report().to_html()


def test_main_rows_take_the_most_cores_then_the_most_samples():
    rows = [
        row(cores=1, samples=2), row(cores=8, samples=2), row(cores=8, samples=16), row(CORTEX_M), row(model="other")
    ]  # fmt: skip
    assert main_rows(rows, "digits") == [rows[2], rows[3]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row()], []),
        ([row(cores=1), row(cores=8)], [[1, 8]]),
        ([row(cores=8), row(cores=1)], [[1, 8]]),
        ([row(cores=1, samples=2), row(cores=8, samples=16)], []),
        ([row(cores=1, l2_latency_cycles=30), row(cores=8)], []),
        ([row(cores=1, fast_bytes=4000), row(cores=8)], []),
        ([row(HOST, cores=1), row(HOST, cores=8)], []),
    ],
)
def test_speed_up_needs_the_same_samples(rows, expected):
    assert [[one.cores for one in series.rows] for series in speed_ups(rows)] == expected


def test_reports_add_up():
    report = Report((row(),)) + Report((row(CORTEX_M),))
    assert [r.target for r in report.rows] == ["pulp-open", "cortex-m4"]


@pytest.mark.parametrize("method", ["to_json", "to_html"])
def test_a_path_that_cannot_be_written(method, tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "report"
    with pytest.raises(UsageError, match=r"report: cannot be written \(.*\); choose another path\.$"):
        getattr(full_report(), method)(path)


def test_near_ties_are_listed():
    rows = (
        row(near_ties=2, near_tie_rows=(7, 3)),
        row(CORTEX_M, near_ties=1, near_tie_rows=(100,)),
        row(model="other"),
    )
    many = (row(near_tie_rows=tuple(range(22))),)
    assert near_tie_rows(rows) == {"digits": "3, 7, 100"}
    assert near_tie_rows(many)["digits"].endswith("18, 19 and 2 more")
    assert "Near ties of digits: rows 3, 7, 100" in str(Report(rows))
    assert "rows 3, 7, 100" in Report(rows).to_html()
