# SPDX-License-Identifier: Apache-2.0
"""What exporters get wrong, beyond the rows of the table: large forests, ties, thresholds, missing values, overflow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import edgepar
from edgepar.errors import UnsupportedModelError
from edgepar.image import Image
from tests.case import Case, diabetes, digits
from tests.images import CORES, cases, image_of
from tests.oracle import judge
from tests.test_export_agreement import SCALERS, classifiers, problems, regressors


def _compiled(estimator: Any, X: np.ndarray, target: str = "host", cores: int | None = None) -> Image:
    return edgepar.compile(edgepar.export(estimator, X[:1]), target, cores=cores)


def test_a_forest_of_1000_trees_exports_and_compiles_in_20_seconds(tmp_path: Path) -> None:
    X, y = digits()
    estimator = RandomForestClassifier(1000, random_state=0, n_jobs=2).fit(X[:1400], y[:1400])
    before = os.times()
    image = edgepar.compile(edgepar.export(estimator, X[:1]), "host", folder=tmp_path)
    # Processor time, compilers included: other tests run beside this one.
    assert sum(os.times()[:4]) - sum(before[:4]) < 20
    rows = X[1400:]
    run = image.run(rows)
    judge(image, run, estimator, rows)
    np.testing.assert_array_equal(run.predict(), estimator.predict(rows))


def _threshold_rows(trees: list[Any], X: np.ndarray) -> np.ndarray:
    """Rows with a threshold of some tree, its float32 neighbours, and infinities' neighbours in one feature."""
    rows = []
    rng = np.random.default_rng(0)
    for tree in trees:
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            if feature < 0 or not np.isfinite(threshold):
                continue
            at = np.float32(threshold)
            for value in (at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))):
                row = X[rng.integers(len(X))].copy()
                row[feature] = value
                rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(
    "case",
    cases(
        "iris_tree", "threshold_tree", "integer_tree", "cancer_forest", "nan_tree", "wide_scale_forest",
        "diabetes_extra_trees", "standard_forest", "min_max_forest", "max_abs_tree", "standard_regressor",
        "clipped_forest",
    ),
    ids=str,
)  # fmt: skip
def test_values_on_and_beside_thresholds_go_the_way_of_scikit_learn(case: Case) -> None:
    """For trees behind a scaler the thresholds are those of the scaled features, taken back."""
    fitted = case.fit()
    last, X = fitted.estimator, fitted.X_test
    scaler = None
    if hasattr(last, "steps"):
        scaler, last = fitted.estimator[:-1], fitted.estimator[-1]
        X = scaler.transform(X)
    trees = [last.tree_] if hasattr(last, "tree_") else [member.tree_ for member in last.estimators_[:5]]
    rows = _threshold_rows(trees, X)
    if scaler is not None:
        rows = scaler[0].inverse_transform(rows)
        near = rows.astype(np.float32)
        rows = np.vstack(
            [near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))]
        )
    rows = rows[:3000]
    image = image_of(case, "host")
    judge(image, image.run(rows), fitted.estimator, rows)


@pytest.mark.parametrize("case", cases("nan_tree", "nan_forest", "iris_tree", "diabetes_forest"), ids=str)
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_missing_values_go_the_way_of_scikit_learn(case: Case, share: float) -> None:
    """Also in trees that saw none when they were trained."""
    fitted = case.fit()
    X = fitted.X_test.copy()
    X[np.random.default_rng(0).random(X.shape) < share] = np.nan
    image = image_of(case, "host")
    judge(image, image.run(X), fitted.estimator, X)


@pytest.mark.parametrize(
    "estimator", [RandomForestRegressor(40, random_state=0), ExtraTreesRegressor(7, random_state=1)], ids=str
)
def test_a_forest_regressor_fed_float64_gives_what_it_gives_for_float32(estimator: Any) -> None:
    X, y = diabetes()
    X = X * (1.0 + np.random.default_rng(0).random(X.shape) * 1e-7)
    estimator.fit(X[:300], y[:300])
    image = _compiled(estimator, X)
    as_float64, as_float32 = image.run(X[300:]), image.run(X[300:].astype(np.float32))
    assert as_float64.measurement.outputs == as_float32.measurement.outputs
    judge(image, as_float64, estimator, X[300:])


REGRESSORS = [DecisionTreeRegressor(max_depth=4, random_state=0), RandomForestRegressor(5, random_state=0)]


@pytest.mark.parametrize("unit", [1e-29, 1e-20, 1e20, 9e35])
@pytest.mark.parametrize("estimator", REGRESSORS, ids=lambda e: type(e).__name__)
def test_targets_of_any_unit_that_float32_holds(estimator: Any, unit: float) -> None:
    X, y = diabetes()
    estimator.fit(X[:300], y[:300] * unit)
    image = _compiled(estimator, X)
    judge(image, image.run(X[300:]), estimator, X[300:])


@pytest.mark.parametrize(
    ("estimator", "unit"), [(REGRESSORS[0], 1e37), (REGRESSORS[1], 1e37), (REGRESSORS[1], 1e-34)], ids=str
)
def test_targets_of_a_unit_that_float32_does_not_hold_are_refused(estimator: Any, unit: float) -> None:
    X, y = diabetes()
    with pytest.raises(
        UnsupportedModelError, match=r"the values of the leaves reach .*: give .* another unit\.$"
    ):
        _compiled(estimator.fit(X, y * unit), X)


@pytest.mark.parametrize("unit", [1e-44, 1e-39])
def test_a_lone_tree_holds_the_smallest_values(unit: float) -> None:
    X, y = diabetes()
    image = _compiled(REGRESSORS[0].fit(X[:300], y[:300] * unit), X)
    judge(image, image.run(X[300:]), REGRESSORS[0], X[300:])


@pytest.mark.parametrize(("n_trees", "n_classes"), [(2, 2), (4, 3), (10, 5), (8, 2)])
def test_votes_that_tie_go_to_the_label_of_scikit_learn(n_trees: int, n_classes: int) -> None:
    rng = np.random.default_rng(n_trees)
    X, y = rng.integers(0, 4, size=(300, 3)).astype(float), rng.integers(0, n_classes, 300)
    estimator = RandomForestClassifier(n_trees, max_features=1, random_state=0)
    # No row has two labels, so that leaves are pure and every vote is a whole one.
    _, first = np.unique(X, axis=0, return_index=True)
    estimator.fit(X[first], y[first])
    rows = rng.integers(-1, 5, size=(500, 3)).astype(float)
    ordered = np.sort(estimator.predict_proba(rows), axis=1)
    assert (ordered[:, -1] == ordered[:, -2]).sum() >= 5
    for cores in (1, 3):
        run = _compiled(estimator, X, cores=cores).run(rows)
        np.testing.assert_array_equal(run.predict(), estimator.predict(rows))


@pytest.mark.parametrize("scale", [1e-37, 1e-30, 1e-20, 1e-10, 1.0, 1e10, 1e15])
def test_gaussian_nb_survives_variances_of_any_size(scale: float) -> None:
    """Down to 1e-74, far below the smallest float32."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 40)
    X = (rng.normal(size=(3, 4))[y] * 2 + rng.normal(size=(120, 4))) * scale
    estimator = GaussianNB(var_smoothing=0.0).fit(X.astype(np.float32).astype(np.float64)[::2], y[::2])
    image = _compiled(estimator, X)
    judge(image, image.run(X[1::2]), estimator, X[1::2])


@pytest.mark.parametrize("distance", [1e3, 1e6, 1e12, 1e18, 1e25, 1e30, 1e37])
def test_gaussian_nb_far_from_every_class(distance: float) -> None:
    """Squares beyond float32 for every class: the nearest one still wins."""
    rng = np.random.default_rng(1)
    y = np.repeat(np.arange(4), 30)
    X = rng.normal(size=(4, 6))[y] * 3 + rng.normal(size=(120, 6))
    estimator = GaussianNB().fit(X, y)
    rows = (X[::4] + rng.normal(size=(30, 6))) * distance
    image = _compiled(estimator, X)
    judge(image, image.run(rows), estimator, rows)
    np.testing.assert_array_equal(
        _compiled(estimator, X, cores=5).run(rows).predict(), image.run(rows).predict()
    )


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e7])
def test_gaussian_nb_with_features_far_from_zero(offset: float) -> None:
    rng = np.random.default_rng(2)
    y = np.repeat(np.arange(3), 50)
    X = rng.normal(size=(3, 4))[y] * 4 + rng.normal(size=(150, 4)) + offset
    estimator = GaussianNB(var_smoothing=0.0).fit(X[::2].astype(np.float32).astype(np.float64), y[::2])
    image = _compiled(estimator, X)
    judge(image, image.run(X[1::2]), estimator, X[1::2])


@pytest.mark.parametrize("n_features", [127, 128, 129, 300, 1000])
def test_more_than_127_features(n_features: int) -> None:
    rng = np.random.default_rng(n_features)
    y = np.arange(120) % 3
    X = rng.normal(size=(120, n_features))
    X[:, -1] += 3 * y
    estimator = DecisionTreeClassifier(random_state=0).fit(X[:80], y[:80])
    assert estimator.tree_.feature.max() == n_features - 1
    image = _compiled(estimator, X)
    judge(image, image.run(X[80:]), estimator, X[80:])


def test_a_tree_with_more_nodes_than_16_bits_can_jump() -> None:
    """The wide node table; deep to the left, so that right children are far away."""
    rng = np.random.default_rng(0)
    X = rng.random(size=(150_000, 2))
    estimator = DecisionTreeClassifier(random_state=0, splitter="random").fit(X, rng.integers(0, 5, len(X)))
    image = _compiled(estimator, X)
    assert any(table.ctype == "ep_tree_wide_node_t" for table in image.plan.tables)
    rows = rng.random(size=(500, 2))
    judge(image, image.run(rows), estimator, rows)


RANDOM = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@RANDOM
@given(
    classifiers(), SCALERS, problems(), st.sampled_from([0, -3, 10**12, "c"]), st.sampled_from(CORES),
    st.sampled_from([np.float32, np.float64, np.int16]),
)  # fmt: skip
def test_random_classifiers(
    classifier: Any, scaler: Any, problem: Any, first_label: Any, cores: int, dtype: type
) -> None:
    X, y = problem
    X = np.clip(X, -30_000, 30_000).astype(dtype).astype(np.float64)
    X[:, 0] += np.arange(len(X)) % 5
    labels = np.array([f"{first_label}{c}" for c in y]) if isinstance(first_label, str) else y + first_label
    estimator = classifier if scaler is None else make_pipeline(scaler, classifier)
    estimator.fit(X[:90], labels[:90])
    image = _compiled(estimator, X, cores=cores)
    judge(image, image.run(X.astype(dtype)), estimator, X)


@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
@RANDOM
@given(regressors(), SCALERS, problems(), st.integers(1, 3), st.sampled_from(CORES))
def test_random_regressors(regressor: Any, scaler: Any, problem: Any, n_targets: int, cores: int) -> None:
    X, _ = problem
    y = np.stack([X.sum(axis=1) * target + X[:, 0] ** 2 for target in range(1, n_targets + 1)], axis=1)
    estimator = regressor if scaler is None else make_pipeline(scaler, regressor)
    estimator.fit(X[:90], y[:90, 0] if n_targets == 1 else y[:90])
    image = _compiled(estimator, X, cores=cores)
    judge(image, image.run(X), estimator, X)
