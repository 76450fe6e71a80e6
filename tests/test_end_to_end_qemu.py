# SPDX-License-Identifier: Apache-2.0
"""Images in QEMU: the demo models on all rows, one case a kernel elsewhere, bit-equal to the same arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

import edgepar
from tests.case import Case
from tests.images import DEMO, assert_same_bits, cases, counterpart_of, image_of, model_of, run_of
from tests.oracle import judge, judge_by_model

pytestmark = pytest.mark.qemu

#: Targets and their float support, None for the default.
MACHINES = [("cortex-m4", None), ("pulp-open", None), ("gap8", "softfp"), ("gap8", None)]


@pytest.mark.parametrize(("target", "fp"), MACHINES)
@pytest.mark.parametrize("case", DEMO, ids=str)
def test_the_demo_models_agree_on_all_rows(case: Case, target: str, fp: str | None) -> None:
    fitted = case.fit()
    assert len(fitted.X_test) == 360
    run = run_of(case, target, emulator="qemu", fp=fp)
    image = image_of(case, target, emulator="qemu", fp=fp)
    assert run.provenance == "modelled"
    assert_same_bits(run, counterpart_of(case, target, "qemu", fp=fp))
    # Agreement 1.0 of both kinds, near ties included.
    np.testing.assert_array_equal(run.predict(), model_of(case).predict(fitted.X_test))
    np.testing.assert_array_equal(run.predict(), fitted.estimator.predict(fitted.X_device))
    judge(image, run, fitted.estimator, fitted.X_test)
    judge_by_model(image, run, model_of(case), fitted.estimator, fitted.X_test)
    assert (run.cycles > 0).all()
    assert run.cold_cycles is not None
    assert run.cold_cycles >= run.cycles[0]


ONE_A_KERNEL = cases(
    "two_target_forest", "200_feature_forest", "nan_tree", "one_leaf_tree", "one_class_tree", "clipped_forest",
    "normalized_tree", "cancer_logistic", "cancer_logistic_l1_norm", "wine_logistic_max_norm", "wide_scale_logistic",
    "cancer_ridge_classifier", "two_target_ridge", "offset_gaussian_nb", "tiny_variance_gaussian_nb",
    "14_class_gaussian_nb", "string_labels_gaussian_nb", "14_cluster_mini_batch_k_means",
    "iris_full_mixture", "cancer_quadratic",
    "cancer_bernoulli_nb", "cancer_categorical_nb", "iris_nu_svc_proba", "wine_local_outlier_factor",
    "cancer_nearest_centroid", "mixed_logistic", "diabetes_ada_boost", "one_vs_one_trees",
)  # fmt: skip


@pytest.mark.parametrize(("target", "fp"), MACHINES)
@pytest.mark.parametrize("case", ONE_A_KERNEL, ids=str)
def test_other_models_give_the_bits_of_their_arithmetic(case: Case, target: str, fp: str | None) -> None:
    """Those of the host are held against the estimator in test_end_to_end_host.py, sums of integers here."""
    run = run_of(case, target, emulator="qemu", fp=fp, rows=20)
    assert_same_bits(run, counterpart_of(case, target, "qemu", fp=fp))
    assert len(run.cycles) == 20
    if run.manifest.fp == "emulation-free":
        fitted = case.fit()
        image = image_of(case, target, emulator="qemu", fp=fp)
        judge(image, run, fitted.estimator, fitted.X_test[:20])


@pytest.mark.parametrize("cores", [1, 3, 8])
@pytest.mark.parametrize("case", cases("iris_gaussian_nb", "clipped_forest", "two_target_ridge"), ids=str)
def test_outputs_do_not_depend_on_the_number_of_cores(case: Case, cores: int) -> None:
    run = run_of(case, "pulp-open", cores=cores, emulator="qemu", rows=5)
    assert len(run.activity) == cores
    assert_same_bits(run, counterpart_of(case, "pulp-open", "qemu"))


def test_cortex_m4_without_fpu_gives_the_bits_of_the_host() -> None:
    (case,) = cases("digits_logistic")
    image = edgepar.compile(model_of(case), "cortex-m4", fp="libgcc")
    run = image.run(case.fit().X_test[:5])
    assert_same_bits(run, run_of(case, "host"))
    assert np.median(run.cycles) > 2 * np.median(run_of(case, "cortex-m4", emulator="qemu").cycles)


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("fp", ["softfp", "libgcc"])
def test_trees_of_one_output_each_give_the_bits_of_the_host_without_an_fpu(fp: str, cores: int) -> None:
    """Their nodes are compared as floats, and their leaves hold numbers in place of rows."""
    (case,) = cases("nan_hist")
    image = image_of(case, "gap8", cores, "qemu", fp=fp)
    assert image.plan is not None
    assert "leaves" not in {table.name for table in image.plan.tables}
    run = run_of(case, "gap8", cores, "qemu", fp=fp, rows=10)
    assert_same_bits(run, run_of(case, "host", isa="native"))
