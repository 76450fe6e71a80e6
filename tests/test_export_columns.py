# SPDX-License-Identifier: Apache-2.0
"""ColumnTransformer by every way to name columns, of arrays and of data frames."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from edgepar import errors
from edgepar.export import export
from edgepar.export.expansion import term_factors
from edgepar.model import Model
from tests.case import iris
from tests.cases.columns import mixed_columns

X, y = mixed_columns()
NAMES = list("abcdefghi")
TABLE = pandas.DataFrame(X, columns=NAMES)


def pipeline(numbers: Any, categories: Any, remainder: Any = "drop") -> Any:
    """Imputed and scaled numbers, encoded categories."""
    transformer = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
        ],
        remainder=remainder,
    )
    return make_pipeline(transformer, LogisticRegression(max_iter=5000))


def agrees(model: Model, estimator: Any, rows: Any) -> None:
    seen = rows.astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(model.predict_proba(rows), estimator.predict_proba(seen), rtol=1e-12)


@pytest.mark.parametrize(
    ("numbers", "categories"),
    [
        ([0, 2], [5, 6]),
        ([-9, -7], np.array([5, 6])),
        (slice(0, 3, 2), slice(5, 7)),
        (np.isin(np.arange(9), [0, 2]), [i in (5, 6) for i in range(9)]),
        (lambda _: [0, 2], [5, 6]),
    ],
    ids=["numbers", "from the end", "slices", "masks", "a function"],
)
@pytest.mark.parametrize("remainder", ["drop", SimpleImputer()], ids=str)
def test_columns_of_arrays(numbers: Any, categories: Any, remainder: Any) -> None:
    estimator = pipeline(numbers, categories, remainder).fit(X, y)
    agrees(export(estimator, X), estimator, X)


@pytest.mark.parametrize(
    ("numbers", "categories"),
    [
        (["a", "c"], ["f", "g"]),
        (slice("a", "b"), slice("f", "g")),
        (make_column_selector("[ac]"), make_column_selector("[fg]")),
        ([0, 2], ["g", "f"]),
    ],
    ids=["names", "slices of names", "selectors", "numbers and names"],
)
def test_columns_of_data_frames(numbers: Any, categories: Any) -> None:
    estimator = pipeline(numbers, categories, SimpleImputer()).fit(TABLE, y)
    model = export(estimator, TABLE)
    agrees(model, estimator, TABLE)
    np.testing.assert_array_equal(model.predict(X), model.predict(TABLE))


NOTHING = Pipeline([("all", "passthrough")])
DROPPED_FIRST = FeatureUnion([("none", "drop"), ("scaled", StandardScaler())])


@pytest.mark.parametrize(
    "union",
    [
        DROPPED_FIRST,
        FeatureUnion([("none", "drop"), ("all", "passthrough")]),
        FeatureUnion([("all", NOTHING), ("scaled", StandardScaler())]),
        FeatureUnion([("inner", make_pipeline(DROPPED_FIRST))]),
        make_pipeline(FunctionTransformer(), FeatureUnion([("all", NOTHING)])),
    ],
    ids=["a scaler", "passthrough", "behind a Pipeline of nothing", "inside", "a step before it"],
)
def test_a_later_member_says_how_many_features_there_are(union: Any) -> None:
    X, y = iris()
    estimator = make_pipeline(union, LogisticRegression(max_iter=5000)).fit(X, y)
    agrees(export(estimator, X), estimator, X)


def test_members_of_a_vote_say_how_many_features_there_are() -> None:
    X, y = iris()
    member = make_pipeline(DROPPED_FIRST, LogisticRegression())
    estimator = VotingClassifier([("one", member), ("two", member)], voting="soft").fit(X, y)
    agrees(export(estimator, X), estimator, X)


def test_a_union_that_knows_no_number_of_features_is_refused() -> None:
    estimator = make_pipeline(FeatureUnion([("all", NOTHING)]), LogisticRegression(max_iter=5000)).fit(
        *iris()
    )
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(estimator)
    assert str(caught.value) == (
        "FeatureUnion does not say how many features it takes, for no member knows: "
        "put a step that does, such as FunctionTransformer(), before it."
    )


#: Degrees, and which of interaction_only and include_bias leave no term of four features.
DEGREES: dict[Any, tuple[tuple[bool, bool], ...]] = {
    0: ((True, False), (False, False)),
    1: (),
    3: (),
    (0, 2): (),
    (2, 3): (),
    (3, 3): (),
    (4, 5): (),
    (5, 5): ((True, False),),
}


@pytest.mark.parametrize(
    ("degree", "interaction_only", "include_bias"),
    [
        (degree, *options)
        for degree, empty in DEGREES.items()
        for options in itertools.product((True, False), repeat=2)
        if options not in empty
    ],
    ids=str,
)
def test_terms_of_polynomials_are_those_of_scikit_learn(
    degree: Any, interaction_only: bool, include_bias: bool
) -> None:
    estimator = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=include_bias)
    estimator.fit(np.ones((1, 4)))
    factors = term_factors(estimator)
    counts = (factors[:, :, None] == np.arange(4)).sum(axis=1)
    np.testing.assert_array_equal(counts, estimator.powers_)


@pytest.mark.parametrize("dtype", [object, bool, np.int8, np.uint64, np.float32])
@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()], ids=lambda e: type(e).__name__)
def test_categories_of_any_type_that_is_a_number(encoder: Any, dtype: Any) -> None:
    rows = X[:, 7:8] if dtype is bool else X[:, 5:6]
    estimator = make_pipeline(clone(encoder), LogisticRegression()).fit(rows.astype(dtype), y)
    found, wanted = export(estimator).predict_proba(rows), estimator.predict_proba(rows.astype(dtype))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_text_is_refused_with_the_way_out() -> None:
    table = TABLE.assign(f=np.where(X[:, 5] > 2, "high", "low"))
    with pytest.raises(errors.UnsupportedEstimatorError) as caught:
        export(pipeline(["a"], ["f"]).fit(table, y))
    assert str(caught.value) == (
        "OneHotEncoder with a category that is no number cannot be exported: map text to numbers before the fit, since "
        "the input of a device is float32."
    )


def test_members_are_checked_at_any_depth() -> None:
    inner = ColumnTransformer([("scaled", StandardScaler(), [0])])
    outer = make_pipeline(ColumnTransformer([("inner", inner, [3, 8])]), LogisticRegression()).fit(X, y)
    inner = outer[0].transformers_[0][1]
    inner.transformers_[0] = ("scaled", StandardScaler(), [0])
    with pytest.raises(errors.NotFittedError, match="This StandardScaler is not fitted"):
        export(outer)


def test_a_filled_value_is_the_category_that_the_fit_saw() -> None:
    """An imputer fitted on float32 fills in a mean of float32, and behind it categories are compared exactly."""
    column = np.array([[0.0], [1.0], [1.0], [np.nan], [2.0], [0.1]], dtype=np.float32)
    steps = SimpleImputer(), OneHotEncoder(handle_unknown="ignore"), LogisticRegression()
    estimator = make_pipeline(*steps).fit(column, [0, 1, 1, 0, 1, 0])
    found = export(estimator).predict_proba(column)
    np.testing.assert_allclose(found, estimator.predict_proba(column), rtol=1e-12)
