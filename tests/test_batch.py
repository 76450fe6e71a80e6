# SPDX-License-Identifier: Apache-2.0
"""Several samples a call: the bits of one sample a call, on any number of cores, whatever the cores share."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.tree import DecisionTreeClassifier

import edgepar
from edgepar.cli import main
from edgepar.compiler import build_plan, to_graph
from edgepar.emulators.job import Measurement
from edgepar.errors import DoesNotFitError, UsageError
from edgepar.passes.choose_spread import choose_spread
from edgepar.passes.estimate_cycles import call_cycles
from edgepar.passes.make_plan import make_plan
from edgepar.plan import Plan, Spread
from edgepar.run import Run
from edgepar.target import get_target
from tests.case import Case, digits
from tests.estimators import FAMILIES
from tests.graphs import linear_graph, stump_graph
from tests.images import BY_NAME, CORES, assert_same_bits, cases, image_of, model_of, run_of

#: Two full calls and one with two samples.
BATCH, ROWS = 4, 10

#: One case a family, and one that computes anew where everything overflows.
HOST = [*dict.fromkeys([*(family.CASES[0] for family in FAMILIES), *cases("tiny_variance_gaussian_nb")])]


@cache
def plan_of(case: Case, target: str, cores: int, spread: Spread | None, emulator: str | None = None) -> Plan:
    chip = get_target(target)
    return make_plan(to_graph(model_of(case)), chip, chip.build(emulator), cores, BATCH, spread)


def batch_run(
    case: Case, target: str, cores: int, spread: Spread | None, emulator: str | None = None, rows: int = ROWS
) -> Run:
    return build_plan(plan_of(case, target, cores, spread, emulator)).run(case.fit().X_test[:rows])


@pytest.mark.parametrize("cores", CORES)
@pytest.mark.parametrize("case", HOST, ids=str)
def test_the_host_gives_the_bits_of_one_sample_a_call(case: Case, cores: int) -> None:
    found = batch_run(case, "host", cores, None)
    assert found.manifest.batch == BATCH
    assert found.call_cycles.shape == (3,)
    assert found.cycles.shape == (ROWS,)
    assert_same_bits(found, run_of(case, "host"))
    assert len(found.predict()) == ROWS


@pytest.mark.parametrize("case", HOST, ids=str)
def test_bits_do_not_depend_on_what_cores_share(case: Case) -> None:
    """What was not chosen above."""
    other: Spread = "units" if plan_of(case, "host", 3, None).spread == "samples" else "samples"
    assert plan_of(case, "host", 3, other).spread == other
    assert_same_bits(batch_run(case, "host", 3, other), run_of(case, "host"))


@pytest.mark.rtl
@pytest.mark.parametrize("cores", CORES)
@pytest.mark.parametrize("case", cases("digits_gaussian_nb", "iris_tree"), ids=str)
def test_the_rtl_gives_the_bits_of_one_sample_a_call(case: Case, cores: int) -> None:
    found = batch_run(case, "pulp-open", cores, None, rows=6)
    assert_same_bits(found, run_of(case, "pulp-open", cores=8, rows=6))
    assert found.call_cycles.shape == (2,)
    assert len(found.activity) == cores


@pytest.mark.rtl
def test_cores_that_share_units_overlap_copies_on_the_rtl() -> None:
    (case,) = cases("digits_gaussian_nb")
    found = batch_run(case, "pulp-open", 8, "units", rows=6)
    assert_same_bits(found, run_of(case, "pulp-open", cores=8, rows=6))
    assert found.cycles[0] < run_of(case, "pulp-open", cores=8, rows=6).cycles.min()


@pytest.mark.rtl
def test_a_batch_of_a_lone_tree_keeps_eight_cores_busy() -> None:
    (case,) = cases("iris_tree")
    X = case.fit().X_test[:24]
    one, eight = (edgepar.compile(model_of(case), "pulp-open", cores=cores, batch=24) for cores in (1, 8))
    assert eight.plan is not None
    assert eight.plan.spread == "samples"
    alone, shared = one.run(X), eight.run(X)
    assert_same_bits(shared, alone)
    assert alone.call_cycles[0] > 5 * shared.call_cycles[0]


def _digits_tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier(random_state=0)


@pytest.mark.rtl
def test_a_tree_that_asks_for_few_of_many_features_reads_them_where_they_lie() -> None:
    case = Case("digits_lone_tree", _digits_tree, digits)
    X = case.fit().X_test[:24]
    image = edgepar.compile(model_of(case), "pulp-open", cores=8, batch=24)
    assert image.plan is not None
    assert not image.plan.near_sample
    assert "reading the few features that trees ask for from L2" in image.plan.notes[-1]
    found = image.run(X)
    assert_same_bits(found, run_of(case, "pulp-open", cores=1, rows=24))
    # Answers of a core go together: a call takes less than eight samples do alone, and than DMA takes for them.
    assert found.call_cycles[0] < 24 * run_of(case, "pulp-open", cores=1, rows=24).cycles.mean() / 5


@pytest.mark.rtl
def test_a_lone_tree_is_as_fast_on_eight_cores_as_on_one() -> None:
    (case,) = cases("iris_tree")
    one, eight = (run_of(case, "pulp-open", cores=cores, rows=3) for cores in (1, 8))
    assert eight.manifest.cores == 8
    assert eight.cycles.tolist() == one.cycles.tolist()
    plan = image_of(case, "pulp-open", cores=8).plan
    assert plan is not None
    assert plan.team == 1
    assert any("one core is best" in note for note in plan.notes)
    assert not any("one core is best" in note for note in plan_of(case, "pulp-open", 8, None).notes)


@pytest.mark.qemu
@pytest.mark.parametrize("spread", ["units", "samples"])
@pytest.mark.parametrize(("target", "cores"), [("pulp-open", 3), ("gap8", 8), ("cortex-m4", 1)])
def test_qemu_gives_the_bits_of_one_sample_a_call(target: str, cores: int, spread: Spread) -> None:
    (case,) = cases("clipped_forest")
    found = batch_run(case, target, cores, spread, "qemu")
    assert_same_bits(found, run_of(case, target, cores=cores, emulator="qemu", rows=ROWS))
    assert found.call_cycles.shape == (3,)


def test_the_plan_says_what_cores_share_and_why() -> None:
    chip = get_target("pulp-open")
    tree = make_plan(stump_graph(1, depth=6), chip, chip.build(), 8, 64)
    assert tree.spread == "samples"
    (note,) = (note for note in tree.notes if note.startswith("batch of 64 on 8 cores: "))
    assert re.search(r"each core computes whole samples .*, about \d+ cycles a sample .*: about \d+$", note)
    streamed = make_plan(linear_graph(10, 784), chip, chip.build(), 8, 64)
    assert streamed.spread == "units"
    assert any(note.startswith("batch of 64 on 8 cores: all cores compute one") for note in streamed.notes)


def test_two_samples_on_eight_cores_are_computed_by_all_of_them() -> None:
    """Six cores would have nothing to do."""
    chip = get_target("pulp-open")
    assert make_plan(linear_graph(40, 200), chip, chip.build(), 8, 2).spread == "units"
    assert make_plan(linear_graph(10, 64), chip, chip.build(), 8, 64).spread == "samples"


def test_scratch_of_all_cores_that_does_not_fit_leaves_the_other_plan() -> None:
    chip = get_target("pulp-open")
    graph = linear_graph(2, 1500)
    units = make_plan(graph, chip, chip.build(), 8, 16, "units")
    with pytest.raises(DoesNotFitError, match="l1 needs"):
        make_plan(graph, chip, chip.build(), 8, 16, "samples")
    chosen = make_plan(graph, chip, chip.build(), 8, 16)
    assert chosen.spread == "units"
    assert "does not fit" in chosen.notes[-1]
    assert chosen.phases == units.phases


def test_scratch_of_every_core_counts() -> None:
    chip = get_target("pulp-open")
    graph = linear_graph(10, 64)
    one = make_plan(graph, chip, chip.build(), 1)
    each = make_plan(graph, chip, chip.build(), 8, 16, "samples")
    assert [buffer.copies for buffer in each.buffers] == [16, *[8] * (len(each.buffers) - 1)]
    assert each.answers is not None
    assert each.answers.bytes == 16 * 4 * sum(field.len for field in each.record)
    alone = {buffer.name: buffer.bytes for buffer in one.buffers}
    assert len(each.buffers) >= 3
    for buffer in each.buffers:
        assert buffer.bytes >= buffer.copies * alone[buffer.name]
    needs = edgepar.codegen.project.manifest(each).needs
    assert sum(need.bytes for need in needs) == sum(item.bytes for item in each.items)


def test_the_model_of_cycles_prefers_what_it_chose() -> None:
    chip = get_target("pulp-open")
    plans = [
        make_plan(linear_graph(10, 64), chip, chip.build(), 8, 16, spread) for spread in ("units", "samples")
    ]
    least = min(plans, key=call_cycles)
    assert choose_spread(plans[0], plans[1]).spread == least.spread


@pytest.mark.parametrize("batch", [0, -3, 1.5, True, "4"])
def test_a_batch_that_is_no_number_of_samples(batch: object) -> None:
    (case,) = cases("iris_tree")
    text = re.escape(f"batch is {batch!r}; give the number of samples of a call, a whole number from 1 on.")
    with pytest.raises(UsageError, match=text):
        edgepar.compile(model_of(case), "host", batch=batch)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=text):
        edgepar.compare(model_of(case), case.fit().X_test, targets=["host"], batch=batch)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("pulp-open", r"100000 samples a call and their answers are 3200000 bytes, and l2 has \d+ for them; "
                      r"use a batch of \d+ at most"),
        ("cortex-m4", r"100000 samples a call .* bytes, and ram has \d+ for them; use a batch of \d+ at most"),
    ],
)  # fmt: skip
def test_a_batch_that_does_not_fit_is_refused_before_the_build(
    target: str, text: str, tmp_path: Path
) -> None:
    (case,) = cases("iris_tree")
    with pytest.raises(DoesNotFitError, match=text) as caught:
        edgepar.compile(model_of(case), target, batch=100_000, folder=tmp_path / "project")
    assert not (tmp_path / "project").exists()
    most = re.search(r"batch of (\d+) at most", str(caught.value))
    assert most is not None
    chip = get_target(target)
    graph = to_graph(model_of(case))
    make_plan(graph, chip, chip.build(), 1, int(most[1]))
    with pytest.raises(DoesNotFitError):
        make_plan(graph, chip, chip.build(), 1, int(most[1]) + 1)


def test_the_largest_batch_that_is_promised_runs() -> None:
    (case,) = cases("iris_tree")
    with pytest.raises(DoesNotFitError, match="a call has 2147483647 for them"):
        edgepar.compile(model_of(case), "host", batch=2**30)


def test_cycles_of_an_inference_are_those_of_its_call_over_its_samples() -> None:
    (case,) = cases("iris_tree")
    manifest = image_of(case, "host").manifest.model_copy(update={"batch": 4})
    made = Measurement(bytes(manifest.output_bytes * 6), np.array([400, 100]), 500, "modelled", "made up")
    run = Run(manifest, made)
    assert run.call_cycles.tolist() == [400, 100]
    assert run.cycles.tolist() == [100.0] * 4 + [50.0] * 2
    assert run.cold_cycles == 500


def test_c_sees_the_batch() -> None:
    (case,) = cases("iris_tree")
    folder = build_plan(plan_of(case, "host", 3, None)).folder
    header, source = ((folder / name).read_text(encoding="utf-8") for name in ("model.h", "model.c"))
    assert "#define CASE_IRIS_TREE_BATCH 4\n" in header
    assert (
        "void case_iris_tree_infer_batch(const float *x, uint32_t samples, case_iris_tree_result_t *results);"
        in header
    )
    assert "--batch 4" in header
    assert "const ep_range_t mine = ep_split(call->samples, CASE_IRIS_TREE_CORES, core);" in source
    assert json.loads((folder / "edgepar.json").read_text(encoding="utf-8"))["batch"] == 4


def test_functions_for_one_sample_answer_in_an_image_for_more() -> None:
    """Runs of a single sample are calls of one, as those functions make them."""
    case = BY_NAME["digits_gaussian_nb"]
    for cores in (1, 3):
        assert_same_bits(batch_run(case, "host", cores, None, rows=1), run_of(case, "host"))


def test_command_line(tmp_path: Path) -> None:
    (case,) = cases("iris_tree")
    model_of(case).save(tmp_path / "tree.onnx")
    X = case.fit().X_test[:10]
    np.save(tmp_path / "X.npy", X)
    folder = str(tmp_path / "tree")
    runner = CliRunner()
    model = str(tmp_path / "tree.onnx")
    made = runner.invoke(main, ["compile", model, "--target", "host", "--batch", "4", "-o", folder])
    assert made.exit_code == 0, made.output
    assert "1 core, 4 samples a call; flash" in made.output
    ran = runner.invoke(
        main, ["run", folder, "--input", str(tmp_path / "X.npy"), "--output", str(tmp_path / "y.npy")]
    )
    assert ran.exit_code == 0, ran.output
    assert ran.output.startswith("10 samples in 3 calls of up to 4, median ")
    assert " ns an inference (wall" in ran.output
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), case.fit().estimator.predict(X))
    refused = runner.invoke(main, ["compile", model, "--target", "host", "--batch", "0", "-o", folder])
    assert refused.exit_code == 2
    assert "batch is 0; give the number of samples" in refused.output


def test_a_report_states_the_batch() -> None:
    (case,) = cases("iris_tree")
    fitted = case.fit()
    rows = 4 * (len(fitted.X_test) // 4)  # the last call is full, too
    report = edgepar.compare(
        model_of(case), fitted.X_test[:rows], fitted.y_test[:rows], targets=["host"], batch=4
    )
    (row,) = report.rows
    assert row.batch == 4
    assert row.cycles_per_call is not None
    assert row.cycles_per_inference == pytest.approx(row.cycles_per_call / 4, rel=1e-12)
    assert row.agreement == row.agreement_estimator == 1.0
    assert "host, batch 4" in str(report)
    assert (
        "Batch 4: cycles, time and energy of an inference are those of a call over the samples in it."
        in str(report)
    )
