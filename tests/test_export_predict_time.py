# SPDX-License-Identifier: Apache-2.0
"""What Model and device answer where scikit-learn raises when it predicts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.impute import MissingIndicator
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

import edgepar

RNG = np.random.default_rng(0)
X = RNG.integers(0, 5, (80, 3)).astype(float)
Y = X @ [1.0, -2.0, 0.5] + (X[:, 0] == 3)
STRANGE = np.array([[1.0, 9.0, 2.0], [-1.0, 0.5, 7.0], [1.0, 2.0, 2.0]])


@pytest.mark.parametrize(
    ("raising", "answering"),
    [
        (OneHotEncoder(drop="first"), OneHotEncoder(drop="first", handle_unknown="ignore")),
        (OneHotEncoder(), OneHotEncoder(handle_unknown="ignore")),
        (OrdinalEncoder(), OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_unknown_categories(raising: object, answering: object) -> None:
    strict, lenient = (
        make_pipeline(clone(encoder), LinearRegression()).fit(X, Y) for encoder in (raising, answering)
    )
    with pytest.raises(ValueError, match="unknown categories"):
        strict.predict(STRANGE)
    model = edgepar.export(strict)
    np.testing.assert_allclose(model.predict(STRANGE), lenient.predict(STRANGE), rtol=1e-12)
    run = edgepar.compile(model, "host").run(STRANGE)
    np.testing.assert_allclose(run.predict(), lenient.predict(STRANGE), rtol=1e-5)


def test_new_missing_values() -> None:
    empty = np.where(RNG.random(X.shape) < 0.2, np.nan, X)
    empty[:, 2] = X[:, 2]
    strict, lenient = (
        make_pipeline(MissingIndicator(error_on_new=new), LinearRegression()).fit(empty, Y)
        for new in (True, False)
    )
    rows = np.full((1, 3), np.nan)
    with pytest.raises(ValueError, match="missing values in transform"):
        strict.predict(rows)
    np.testing.assert_allclose(edgepar.export(strict).predict(rows), lenient.predict(rows), rtol=1e-12)
