# SPDX-License-Identifier: Apache-2.0
"""Random transformers before random estimators: the Model against the estimator, the host's answers against both."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import edgepar
from edgepar.export import export
from tests.oracle import judge
from tests.test_export_agreement import assert_agrees

MEASURED, CATEGORIES = [0, 1, 2, 3], [4, 5, 6]


@st.composite
def imputers(draw: st.DrawFn) -> Any:
    strategy = draw(st.sampled_from(["mean", "median", "most_frequent", "constant"]))
    return SimpleImputer(
        strategy=strategy,
        fill_value=0.1 if strategy == "constant" else None,
        add_indicator=draw(st.booleans()),
        keep_empty_features=draw(st.booleans()),
    )


@st.composite
def number_transformers(draw: st.DrawFn) -> Any:
    """What stands behind an imputer."""
    low = draw(st.integers(0, 2))
    return draw(
        st.sampled_from(
            [
                "passthrough",
                StandardScaler(),
                MinMaxScaler(clip=draw(st.booleans())),
                Binarizer(threshold=draw(st.sampled_from([0.0, 0.25, -1.0]))),
                PolynomialFeatures(
                    (low, draw(st.integers(max(low, 1), 3))),
                    interaction_only=draw(st.booleans()),
                    include_bias=True,
                    order=draw(st.sampled_from("CF")),
                ),
                KBinsDiscretizer(
                    draw(st.integers(2, 5)),
                    encode=draw(st.sampled_from(["onehot", "onehot-dense", "ordinal"])),
                    strategy=draw(st.sampled_from(["uniform", "quantile"])),
                    quantile_method="averaged_inverted_cdf",
                ),
            ]
        )
    )


@st.composite
def encoders(draw: st.DrawFn) -> Any:
    groups = draw(st.sampled_from([{}, {"max_categories": 3}, {"min_frequency": 9}, {"min_frequency": 0.1}]))
    if draw(st.booleans()):
        return OneHotEncoder(
            drop=draw(st.sampled_from([None, "first", "if_binary"])),
            handle_unknown=draw(st.sampled_from(["ignore", "infrequent_if_exist"])),
            sparse_output=draw(st.booleans()),
            **groups,
        )
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=draw(st.sampled_from([-1, 77])),
        encoded_missing_value=draw(st.sampled_from([-2, 99])),
        **groups,
    )


@st.composite
def transformers(draw: st.DrawFn) -> Any:
    """Numbers are imputed and transformed, categories encoded, the switch is passed on."""
    numbers = make_pipeline(draw(imputers()), draw(number_transformers()))
    if draw(st.booleans()):
        numbers = FeatureUnion(
            [("numbers", numbers), ("flags", MissingIndicator(features="all"))],
            transformer_weights=draw(st.sampled_from([None, {"flags": 0.5}])),
        )
    columns = draw(st.sampled_from([MEASURED, slice(1, 4), [3, 0]]))
    return ColumnTransformer(
        [("numbers", numbers, columns), ("categories", draw(encoders()), draw(st.permutations(CATEGORIES)))],
        remainder=draw(st.sampled_from(["drop", SimpleImputer()])),
    )


@st.composite
def estimators(draw: st.DrawFn) -> Any:
    seed = draw(st.integers(0, 100))
    return draw(
        st.sampled_from(
            [
                LogisticRegression(max_iter=200),
                RidgeClassifier(),
                Ridge(),
                DecisionTreeClassifier(max_depth=draw(st.integers(1, 9)), random_state=seed),
                RandomForestClassifier(6, random_state=seed),
                DecisionTreeRegressor(max_depth=5, random_state=seed),
            ]
        )
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Four measurements, three categories and a switch, with missing values in all but the switch."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = np.empty((150, 8))
    X[:, :4] = rng.normal(size=(150, 4)) * draw(st.sampled_from([1.0, 0.01, 300.0]))
    if draw(st.booleans()):
        X[:, :4] = np.round(X[:, :4])
    X[:, 4:7] = np.minimum(rng.geometric(0.3, (150, 3)), [2, 5, 9]) - 3.0
    X[:, 7] = rng.integers(0, 2, 150)
    y = (X[:, 0] > 0).astype(int) + ((X[:, 5] == 0) ^ (X[:, 7] > 0))
    X[:, :7][rng.random((150, 7)) < draw(st.sampled_from([0.0, 0.05, 0.3]))] = np.nan
    return X, y


RANDOM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fitted(transformer: Any, estimator: BaseEstimator, problem: tuple[np.ndarray, np.ndarray]) -> Any:
    X, y = problem
    # The categories are those of all rows, the last of which the fit has not seen.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(transformer, estimator).fit(X[:110], y[:110])


@pytest.mark.filterwarnings("ignore")
@settings(RANDOM, max_examples=60)
@given(transformers(), estimators(), problems())
def test_random_models_agree(
    transformer: Any, estimator: Any, problem: tuple[np.ndarray, np.ndarray]
) -> None:
    whole = fitted(transformer, estimator, problem)
    assert_agrees(export(whole, problem[0]), whole, problem[0])


@pytest.mark.filterwarnings("ignore")
@settings(RANDOM, max_examples=12, derandomize=True)
@given(transformers(), estimators(), problems(), st.sampled_from([1, 2, 3, 8]))
def test_random_images_agree(
    transformer: Any, estimator: Any, problem: tuple[np.ndarray, np.ndarray], cores: int
) -> None:
    whole = fitted(transformer, estimator, problem)
    image = edgepar.compile(export(whole, problem[0]), "host", cores=cores)
    judge(image, image.run(problem[0]), whole, problem[0])
