# SPDX-License-Identifier: Apache-2.0
"""Images on the cores' RTL: the bits of the same arithmetic elsewhere, and figures that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.case import Case
from tests.images import BY_NAME, CORES, DEMO, assert_same_bits, cases, counterpart_of, image_of, run_of
from tests.oracle import judge

pytestmark = pytest.mark.rtl

FOREST, LOGISTIC, BAYES = DEMO


@pytest.mark.parametrize("isa", ["corev", "plain"])
@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", DEMO, ids=str)
def test_the_demo_models_give_the_bits_of_their_arithmetic(case: Case, target: str, isa: str) -> None:
    fitted = case.fit()
    run = run_of(case, target, isa=isa, rows=2)
    assert run.provenance == "rtl"
    assert_same_bits(run, counterpart_of(case, target, isa=isa))
    judge(image_of(case, target, isa=isa), run, fitted.estimator, fitted.X_test[:2])


ONE_A_KERNEL = cases(
    "iris_tree", "one_leaf_tree", "nan_tree", "two_target_forest", "200_feature_forest", "cancer_forest_min_leaf",
    "clipped_forest", "normalized_tree", "cancer_logistic", "cancer_logistic_l1_norm", "wine_logistic_max_norm",
    "wide_scale_logistic", "digits_ridge_classifier", "two_target_ridge", "offset_gaussian_nb", "cancer_gaussian_nb",
    "tiny_variance_gaussian_nb", "14_class_gaussian_nb", "one_feature_logistic",
    "14_cluster_mini_batch_k_means", "iris_full_mixture", "wine_quadratic", "diabetes_forest",
    "cancer_bernoulli_nb", "cancer_categorical_nb", "iris_nu_svc_proba", "wine_local_outlier_factor",
    "cancer_nearest_centroid", "mixed_logistic", "diabetes_ada_boost",
)  # fmt: skip


@pytest.mark.parametrize(
    ("target", "isa"), [("pulp-open", "corev"), ("pulp-open", "plain"), ("gap8", "corev")]
)
@pytest.mark.parametrize("case", ONE_A_KERNEL, ids=str)
def test_every_kernel_gives_the_bits_of_its_arithmetic(case: Case, target: str, isa: str) -> None:
    run = run_of(case, target, isa=isa, rows=2)
    assert_same_bits(run, counterpart_of(case, target, isa=isa))


@pytest.mark.parametrize("cores", CORES)
@pytest.mark.parametrize(
    ("name", "target", "isa"),
    [
        ("two_target_forest", "pulp-open", "corev"),
        ("digits_logistic", "pulp-open", "corev"),
        ("390_feature_ridge_classifier", "pulp-open", "corev"),
        ("500_feature_ridge_classifier", "pulp-open", "plain"),
        ("14_class_gaussian_nb", "pulp-open", "plain"),
        ("normalized_tree", "pulp-open", "plain"),
        ("cancer_logistic_l1_norm", "gap8", "corev"),
    ],
)
def test_outputs_do_not_depend_on_the_number_of_cores(name: str, target: str, isa: str, cores: int) -> None:
    case = BY_NAME[name]
    run = run_of(case, target, cores=cores, isa=isa, rows=1)
    assert len(run.activity) == cores
    assert_same_bits(run, counterpart_of(case, target, isa=isa))


def test_a_forest_of_100_trees_runs_six_times_faster_on_eight_cores() -> None:
    """Over twelve samples: trees of one sample take more or less than is expected of them, so that a core has more."""
    one, eight = (run_of(FOREST, "pulp-open", cores=cores, rows=12) for cores in (1, 8))
    assert_same_bits(eight, one)
    ratios = one.cycles / eight.cycles
    assert one.cycles.sum() >= 6 * eight.cycles.sum(), ratios.tolist()
    assert ratios.min() >= 5.5, ratios.tolist()


@pytest.mark.parametrize("case", [FOREST, LOGISTIC, BAYES], ids=str)
def test_more_cores_take_fewer_cycles(case: Case) -> None:
    cycles = [int(run_of(case, "pulp-open", cores=cores, rows=1).cycles[0]) for cores in CORES]
    assert cycles == sorted(cycles, reverse=True)
    assert len(set(cycles)) == len(CORES)


@pytest.mark.parametrize("case", [FOREST, LOGISTIC, BAYES, BY_NAME["iris_tree"]], ids=str)
def test_a_slower_l2_costs_cycles_and_changes_no_answer(case: Case) -> None:
    """Sample and answer lie in L2, so that even a model whose tables are in L1 feels it."""
    usual, slow = (run_of(case, "pulp-open", rows=2, l2_latency_cycles=latency) for latency in (15, 30))
    default = run_of(case, "pulp-open", rows=2)
    assert usual.cycles.tolist() == default.cycles.tolist()
    assert (slow.cycles > usual.cycles).all()
    assert "at 30 cycles" in slow.provenance_note
    assert_same_bits(slow, usual)


@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", DEMO, ids=str)
def test_a_cold_instruction_cache_is_reported_apart(case: Case, target: str) -> None:
    run = run_of(case, target, rows=2)
    assert run.cycles.shape == (2,)
    assert run.cold_cycles is not None
    # Each line of the code is fetched once at least.
    assert run.cold_cycles > run.cycles[0] + 100


def test_a_run_repeats_to_the_cycle() -> None:
    first = run_of(LOGISTIC, "pulp-open", rows=2)
    second = image_of(LOGISTIC, "pulp-open").run(LOGISTIC.fit().X_test[:2])
    assert first.cycles.tolist() == second.cycles.tolist()
    assert first.cold_cycles == second.cold_cycles
    assert first.activity == second.activity


#: Floating-point operations a sample that every core may do for itself: a softmax's maximum and sum over ten classes;
#: a row of weights that is left alone when the others go in pairs takes one product and sum more.
_OWN_OPS = {FOREST: 0, BY_NAME["digits_ridge_classifier"]: 2, LOGISTIC: 22, BAYES: 22}


@pytest.mark.parametrize("isa", ["corev", "plain"])
@pytest.mark.parametrize("case", _OWN_OPS, ids=str)
def test_the_cores_share_the_work_without_gap_or_overlap(case: Case, isa: str) -> None:
    """The floating-point operations of eight cores add up to those of one: every unit is done, and done once."""
    one, eight = (run_of(case, "pulp-open", cores=cores, isa=isa, rows=2) for cores in (1, 8))
    (alone,) = one.activity
    shares = [core.fpu_ops or 0 for core in eight.activity]
    # The compiler may leave out a comparison of arg-max in one of the programs and not in the other.
    assert abs(sum(shares) - (alone.fpu_ops or 0)) <= 8 * len(one.cycles) * _OWN_OPS[case]
    assert min(shares) > 0
    # Core 0 also does what is not split, the scores of a forest for example.
    assert max(shares[1:]) < 0.25 * sum(shares)
    assert sum(core.loads or 0 for core in eight.activity) < 1.5 * (alone.loads or 0) + 800


@pytest.mark.parametrize(("isa", "sleeps"), [("corev", True), ("plain", False)])
def test_cores_sleep_at_barriers_only_with_core_v_operations(isa: str, sleeps: bool) -> None:
    run = run_of(FOREST, "pulp-open", cores=8, isa=isa, rows=2)
    total = int(run.cycles.sum())
    for core in run.activity:
        assert core.active_cycles > 0
        assert core.active_cycles + core.asleep_cycles == total
        assert (core.asleep_cycles > 0) == sleeps


def test_counters_tell_where_the_cycles_went() -> None:
    run = run_of(FOREST, "pulp-open", cores=8, rows=2)
    for core in run.activity:
        waiting = (
            (core.l2_stall_cycles or 0) + (core.conflict_stall_cycles or 0) + (core.fetch_stall_cycles or 0)
        )
        assert 0 < waiting < core.active_cycles
        assert (core.instructions or 0) + waiting <= core.active_cycles
        assert (core.loads or 0) + (core.stores or 0) <= (core.instructions or 0)
    assert sum(core.conflict_stall_cycles or 0 for core in run.activity) > 0
    (alone,) = run_of(FOREST, "pulp-open", cores=1, rows=2).activity
    assert alone.conflict_stall_cycles == 0


def test_core_v_operations_pay() -> None:
    for case in DEMO:
        corev, plain = (run_of(case, "pulp-open", isa=isa, rows=2) for isa in ("corev", "plain"))
        assert (corev.cycles < plain.cycles).all()


def test_cycles_are_those_of_each_sample() -> None:
    """Alone or among others, since every sample but the first finds a warm cache either way.

    Which core takes a tree that is nobody's may change with the place of the sample.
    """
    X = FOREST.fit().X_test[:6]
    image = image_of(FOREST, "pulp-open")
    together = image.run(X).cycles
    alone = [int(image.run(X[i : i + 1]).cycles[0]) for i in (0, 3, 5)]
    np.testing.assert_allclose(together[[0, 3, 5]], alone, rtol=0.04)
