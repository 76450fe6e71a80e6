# SPDX-License-Identifier: Apache-2.0
"""The table of `edgepar bench seed`: its figures, its forms, and that it goes on where it was interrupted."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from edgepar.bench import seed
from edgepar.bench.measure import Setting, Store, digest
from edgepar.bench.seed_row import PAPER, Roofline, Summary, geometric_mean, summarize
from edgepar.cli import main
from edgepar.emulators.job import CoreActivity
from edgepar.image import Image
from edgepar.report import numbers
from edgepar.workloads import suite
from tests.bench_rows import FOREST, IN_L1, STREAMS, bench
from tests.test_report_page import Page

ROWS = (IN_L1, FOREST, STREAMS)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), None), ((None,), None), ((4.0,), 4.0), ((2.0, 8.0), 4.0), ((2.0, None, 8.0), 4.0)],
)
def test_geometric_mean(values, expected):
    found = geometric_mean(values)
    assert (found is None) == (expected is None)
    assert expected is None or found == pytest.approx(expected)


def test_summary_of_made_up_rows():
    found = summarize(ROWS)
    assert found.speedup_geomean == pytest.approx(4.0)  # of 8 and 2; the row that streams does not count
    assert found.speedup_worst == 2.0
    assert found.softfp_geomean == pytest.approx(2**0.5)  # of 2 and 1
    assert found.emulation_free_geomean == pytest.approx(8.0)
    assert found.fpu_best == 32.0
    assert found.m4_geomean == pytest.approx((10 * 2.5 * 20) ** (1 / 3))
    assert found.energy_saving_mean == pytest.approx((7 / 8 + 1 / 2 + 7 / 8) / 3)
    assert found.roofline_worst == 0.9
    assert (found.dense_one_core, found.dense_all_cores, found.dense_cortex_m4_ram) == (2.0, 0.25, 1.875)


def test_summary_of_nothing():
    assert summarize(()) == Summary(*[None] * 11)


def test_json_has_the_documented_fields():
    made = json.loads(bench(*ROWS).to_json())
    assert {"rows", "summary", "paper", "command", "date", "versions"} == set(made)
    assert set(made["summary"]) >= {
        "speedup_geomean", "speedup_worst", "softfp_geomean", "fpu_best", "m4_geomean", "energy_saving_mean",
        "roofline_worst",
    }  # fmt: skip
    for row in made["rows"]:
        assert set(row) >= {
            "kernel", "dataset", "cycles", "speedup", "cycles_libgcc", "cycles_softfp", "cycles_emulation_free",
            "cycles_fpu", "cycles_cortex_m4", "energy_uj", "shares", "provenance",
        }  # fmt: skip
        assert set(row["cycles"]) == {"1", "2", "4", "8"}
        assert set(row["energy_uj"]) == {"per-core", "constant-power"}
    assert made["rows"][0]["ratios"] == {
        "libgcc_over_softfp": 2.0,
        "libgcc_over_emulation_free": 8.0,
        "libgcc_over_fpu": 32.0,
        "cortex_m4_over_pulp_open": 10.0,
    }
    assert made["paper"] == dict(PAPER)


def test_text_shows_every_row_and_where_figures_come_from():
    text = str(bench(*ROWS)).replace(numbers.THIN_SPACE, " ")
    for wanted in (
        "Dense|Kernel", "Forest", "Neighbours", "8.00×", "12.5 %", "90.0 %", "32.00×", "7.04×", "87.0 %",
        "cycles, cycles_fpu: rtl: made up", "edgepar bench seed, 2026-01-02", "8.00 µJ / 8.00 µJ",
    ):  # fmt: skip
        assert wanted in text


def test_markdown_has_one_line_a_row():
    text = bench(*ROWS).to_markdown()
    assert text.startswith("Made by `edgepar bench seed` on 2026-01-02.\n")
    assert text.count("| Forest |") == 3
    assert "Dense\\|Kernel" in text
    tables = [block.split("\n") for block in text.strip().split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    for lines in tables:
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_page_is_self_contained(tmp_path):
    page = Page(bench(*ROWS).to_html(tmp_path / "seed.html"))
    assert page.count("script") == page.count("link") == page.count("img") == 0
    assert page.count("svg") == 3
    assert page.count("table") == 4
    assert "Neighbours" in (tmp_path / "seed.html").read_text(encoding="utf-8")


def test_every_workload_of_the_suite_is_measured_on_all_that_the_table_has():
    for workload in suite("seed").values():
        assert workload.bench
        for row in workload.bench:
            found = seed.settings(row)
            assert {setting.cores for setting in found if setting.target == "pulp-open"} == {1, 2, 4, 8}
            assert Setting("cortex-m4", rows=row.slice_rows) in found
            assert Setting("gap8", fp="libgcc", rows=row.slice_rows) in found
            assert Setting("pulp-open", cores=8, rows=row.slice_rows) in found


def test_a_store_makes_things_once(tmp_path):
    made = []

    def make():
        made.append(1)
        return np.arange(3)

    for _ in range(2):
        assert Store(tmp_path).remember("numbers", digest("a"), make).tolist() == [0, 1, 2]
    assert len(made) == 1
    Store(tmp_path).remember("numbers", digest("b"), make)
    assert len(made) == 2


def test_a_store_keeps_nothing_of_what_failed(tmp_path):
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).remember("numbers", digest("a"), fail)
    assert Store(tmp_path).remember("numbers", digest("a"), lambda: 5) == 5


def test_digests_tell_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab") == digest(b"ab")


class Interrupted(Exception):
    """Stands for Ctrl-C."""


@pytest.mark.rtl
@pytest.mark.qemu
def test_one_row_interrupted_and_resumed(tmp_path, monkeypatch):
    """GaussianNB on 1 and 8 cores: the second start measures what the first did not, the third nothing."""
    workload = suite("seed")["digits_bayes"]
    (whole,) = workload.bench
    small = workload.model_copy(update={"bench": (whole.model_copy(update={"cores": (1, 8)}),)})
    monkeypatch.setattr(seed, "suite", lambda name: {"digits_bayes": small})
    monkeypatch.setattr(seed, "SIDE_BY_SIDE", 1)
    runs = []
    run = Image.run

    def counted(self, X, **options):
        runs.append((self.manifest.target, self.manifest.fp, self.manifest.cores))
        if len(runs) == 3 and len(set(runs)) == 3:
            raise Interrupted
        return run(self, X, **options)

    monkeypatch.setattr(Image, "run", counted)
    told = []
    with pytest.raises(Interrupted):
        seed.bench_seed(Store(tmp_path), progress=lambda *step: told.append(step))
    interrupted = len(runs)
    made = seed.bench_seed(Store(tmp_path), progress=lambda *step: told.append(step))
    wanted = [(s.target, s.fp, s.cores) for s in seed.settings(small.bench[0])]
    assert len(runs) == len(wanted) + 1
    assert runs[interrupted - 1] == runs[interrupted]
    assert told[-1][0] == told[-1][1] == len(wanted) + 1
    again = seed.bench_seed(Store(tmp_path))
    assert len(runs) == len(wanted) + 1
    assert again.rows == made.rows

    (row,) = made.rows
    assert row.agreement == 1.0
    assert set(row.cycles) == {"1", "8"}
    assert row.cycles["1"] > row.cycles["8"] > 0
    assert row.speedup == row.cycles["1"] / row.cycles["8"]
    assert row.cycles_libgcc > row.cycles_fpu == row.cycles["8"]
    assert row.energy_saving == pytest.approx(1 - 1 / row.speedup)
    assert 0 < sum(vars(row.shares).values()) < 1
    assert row.provenance["cycles"].startswith("rtl: ")
    assert row.provenance["cycles_cortex_m4"].startswith("modelled: ")
    assert all(note.startswith("estimated: ") for key, note in row.provenance.items() if "energy" in key)


def test_another_bench_is_refused_with_a_suggestion():
    asked = CliRunner().invoke(main, ["bench", "sead"])
    assert asked.exit_code == 2
    assert "command 'sead' is not known; did you mean 'seed'?" in asked.output


def test_the_command_prints_and_writes(monkeypatch, tmp_path):
    monkeypatch.setattr("edgepar.api.bench_seed", lambda progress: bench(*ROWS))
    paths = [tmp_path / "s.json", tmp_path / "s.html"]
    asked = CliRunner().invoke(main, ["bench", "seed", "--json", str(paths[0]), "--html", str(paths[1])])
    assert asked.exit_code == 0, asked.output
    assert "Beside the paper" in asked.output
    assert json.loads(paths[0].read_text())["rows"][1]["kernel"] == "Forest"
    assert "<!DOCTYPE html>" in paths[1].read_text()
    asked = CliRunner().invoke(main, ["bench", "seed", "--markdown"])
    assert "| Forest |" in asked.output


def test_a_roofline_is_the_larger_of_compute_and_bytes():
    def run(*cores):
        return SimpleNamespace(activity=cores)

    core = CoreActivity(1000, 0, conflict_stall_cycles=50, l2_stall_cycles=100, fetch_stall_cycles=50)
    assert seed.issue_cycles(run(core)) == 800
    most = SimpleNamespace(cycles=125, image=SimpleNamespace(manifest=SimpleNamespace(cores=8)))
    assert seed.roofline(0, run(core), most) is None
    assert seed.roofline(400, run(core), most) == Roofline(100.0, 400, 50.0, 0.8)
    assert seed.roofline(960, run(core), most) == Roofline(100.0, 960, 120.0, 0.96)


@pytest.mark.deep
def test_the_whole_bench(tmp_path):
    made = seed.bench_seed(Store(tmp_path))
    assert {row.model for row in made.rows} == set(suite("seed"))
    assert all(row.agreement == 1.0 for row in made.rows)
