# SPDX-License-Identifier: Apache-2.0
"""Every case compiled for the host: all rows against the estimator and against onnxruntime, and every core count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from edgepar.errors import UsageError
from tests.case import Case
from tests.estimators import CASES
from tests.images import CORES, assert_same_bits, cases, image_of, model_of, run_of
from tests.oracle import judge, judge_by_model, methods

#: Rows of each case whose reference margin is inside the bound; none elsewhere. All but one are exact ties.
NEAR_TIES = {
    "digits_bagging": 6,
    "feature_bagging": 1,
    "class_bagging": 3,
    "one_sample_isolation_forest": 30,
    "cosine_k_neighbors": 4,
    "one_feature_k_neighbors": 8,
    "digits_forest": 1,
    "digits_gaussian_nb": 1,
    "digits_complement_nb": 1,
    "two_tree_ties": 39,
    "nan_forest": 1,
    "min_max_forest": 7,
    "nan_standard_forest": 1,
    "one_feature_tree": 8,
    "one_vs_rest_trees": 5,
    "scaled_binary_tree": 3,
    "ordinal_tree": 1,
    "mixed_forest": 1,
    "one_vs_rest_two_class_forest": 4,
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_row_agrees_with_the_estimator(
    case: Case, record_property: Callable[[str, object], None]
) -> None:
    fitted = case.fit()
    verdict = judge(image_of(case, "host"), run_of(case, "host"), fitted.estimator, fitted.X_test)
    record_property("near_ties", verdict.near)
    record_property("largest_difference_by_bound", verdict.worst)
    assert len(verdict.near) == NEAR_TIES.get(case.name, 0)
    # Exact ties go to the first label, as in scikit-learn.
    assert not verdict.differing


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_row_agrees_with_the_model(case: Case) -> None:
    fitted = case.fit()
    run = run_of(case, "host")
    verdict = judge_by_model(image_of(case, "host"), run, model_of(case), fitted.estimator, fitted.X_test)
    assert not verdict.differing
    assert set(run.outputs) == set(model_of(case).outputs)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_run_offers_what_the_estimator_offers(case: Case) -> None:
    fitted = case.fit()
    run = run_of(case, "host")
    offered = methods(fitted.estimator)
    for method in ("predict", "predict_proba", "decision_function"):
        if method in offered:
            found, wanted = getattr(run, method)(), getattr(fitted.estimator, method)(fitted.X_device)
            assert found.shape == wanted.shape
            continue
        with pytest.raises(UsageError, match=f"{method} needs the output"):
            getattr(run, method)()
    if case.kind == "classifier":
        assert run.predict().dtype == fitted.estimator.predict(fitted.X_device).dtype


#: One row a kernel or shape of the plan: wide and narrow rows of work, one unit less than cores, no unit to split.
SPLIT = cases(
    "digits_forest", "digits_logistic", "digits_gaussian_nb", "iris_tree", "one_leaf_tree", "two_target_forest",
    "clipped_forest", "normalized_tree", "cancer_logistic_l1_norm", "wine_logistic_max_norm", "one_feature_logistic",
    "two_target_ridge", "digits_k_means", "offset_k_means", "14_component_mixture", "iris_tied_mixture",
    "digits_svc_proba", "digits_categorical_nb", "diabetes_ada_boost",
)  # fmt: skip


@pytest.mark.parametrize("cores", [n for n in CORES if n > 1])
@pytest.mark.parametrize("case", SPLIT, ids=str)
def test_outputs_do_not_depend_on_the_number_of_cores(case: Case, cores: int) -> None:
    assert image_of(case, "host", cores).manifest.cores == cores
    assert_same_bits(run_of(case, "host", cores), run_of(case, "host", 1))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_any_type_of_numbers_is_taken_as_float32(dtype: type) -> None:
    (case,) = cases("digits_forest")
    X = case.fit().X_test[:40]
    assert_same_bits(image_of(case, "host").run(X.astype(dtype)), run_of(case, "host"))
