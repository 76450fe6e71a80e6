# SPDX-License-Identifier: Apache-2.0
"""Files with transformers whose parameters were edited: other answers everywhere alike, or one clear sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
)

import edgepar
from edgepar.errors import ModelFileError, UnsupportedModelError
from edgepar.exactness import output_bounds
from edgepar.export import export
from edgepar.model import Model
from edgepar.passes.canonicalize import canonicalize
from tests.onnx_models import assert_agrees, imported

RNG = np.random.default_rng(3)
X = RNG.integers(-2, 3, (90, 3)).astype(np.float64)
Y = X @ [1.0, -2.0, 0.5] + X[:, 0] * X[:, 1]
Change = Callable[[np.ndarray], np.ndarray]

ENCODER = OneHotEncoder(handle_unknown="ignore")
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
BINS = KBinsDiscretizer(3, encode="ordinal", strategy="uniform")
ZEROS = SimpleImputer(missing_values=0)


def edited(transformer: Any, stem: str, change: Change) -> onnx.ModelProto:
    """The model of a transformer and a linear regression, with another initializer."""
    model = export(make_pipeline(transformer, LinearRegression()).fit(X, Y))
    proto = onnx.ModelProto.FromString(model.proto.SerializeToString())
    tensor = next(t for t in proto.graph.initializer if t.name.startswith(stem))
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor).copy()), tensor.name))
    return proto


def put(index: Any, value: float) -> Change:
    """Replaces one entry."""

    def change(array: np.ndarray) -> np.ndarray:
        array[index] = value
        return array

    return change


EDITS: dict[str, tuple[Any, str, Change]] = {
    "a threshold": (Binarizer(), "threshold", lambda a: a - 1),
    "factors": (PolynomialFeatures(), "factors", lambda a: a[:, ::-1]),
    "other factors": (PolynomialFeatures(), "factors", lambda a: np.minimum(a + 1, 3)),
    "an edge": (BINS, "edges", lambda a: a + 0.75),
    "what is filled in": (ZEROS, "fill", lambda a: a + 10),
    "what is missing": (ZEROS, "missing", lambda a: a + 1),
    "a category": (ORDINAL, "categories", put(0, -77.0)),
    "codes": (ORDINAL, "codes", lambda a: a * 2 + 0.3),
    "the code of the unknown": (ORDINAL, "unknown", lambda a: a - 4.5),
    "which places are flagged": (ENCODER, "codes", lambda a: 4 - a),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_file_changes_all_alike(what: str) -> None:
    rows = np.vstack([X, X + 1])
    before = export(make_pipeline(EDITS[what][0], LinearRegression()).fit(X, Y))
    proto = edited(*EDITS[what])
    assert what == "factors" or not np.array_equal(Model(proto).predict(rows), before.predict(rows))
    assert_agrees(canonicalize(imported(proto)), proto, rows)
    image = edgepar.compile(Model(proto), "host")
    (bound,) = output_bounds(image.graph, rows).values()
    assert (np.abs(image.run(rows).predict() - Model(proto).predict(rows)) <= bound.reshape(len(rows))).all()


DAMAGE: dict[str, tuple[Any, str, Change, str]] = {
    "two thresholds": (
        Binarizer(),
        "threshold",
        lambda _: np.zeros(2),
        "a threshold of shape [2]; give one finite",
    ),
    "no threshold": (Binarizer(), "threshold", lambda a: a + np.inf, "give one finite number"),
    "factors of floats": (
        PolynomialFeatures(),
        "factors",
        lambda a: a.astype(float),
        "factors of type float64",
    ),
    "a factor too many": (
        PolynomialFeatures(),
        "factors",
        put((0, 0), 4),
        "factors 0 to 4 of 3 features are taken",
    ),
    "factors as a list": (
        PolynomialFeatures(),
        "factors",
        lambda a: a[0],
        "the factors have shape [2]; give a row",
    ),
    "an edge NaN": (BINS, "edges", put(0, np.nan), "an edge is NaN; edges are numbers"),
    "edges that fall": (BINS, "edges", lambda a: -a, "give each feature one list that ascends"),
    "an edge of no feature": (
        BINS,
        "columns",
        put(0, 3),
        "6 columns of 3 and numbers of shape [6] do not fit",
    ),
    "nothing to fill in": (ZEROS, "fill", lambda a: a[:2], "input 2 has shape [2] for samples of shape [3]"),
    "NaN filled in": (ZEROS, "fill", put(0, np.nan), "input 2 is not finite; parameters are finite numbers"),
    "two missing values": (
        ZEROS,
        "missing",
        lambda a: np.zeros(2),
        "a missing value of shape [2]; give one number",
    ),
    "NaN as the number": (ZEROS, "missing", lambda a: a * np.nan, "give one number, not NaN"),
    "too few codes": (ORDINAL, "codes", lambda a: a[1:], "15 categories and codes of shape [14] do not fit"),
    "a code NaN": (
        ORDINAL,
        "codes",
        put(3, np.nan),
        "a code is not finite; codes of categories are finite numbers",
    ),
    "a category twice": (ORDINAL, "categories", put(0, -1.0), "a category occurs twice in a column"),
    "codes for other features": (
        ORDINAL,
        "unknown",
        lambda a: a[1:],
        "15 categories and codes of shape [15]",
    ),
    "places out of order": (ENCODER, "places", lambda a: a[::-1], "places are not in order; columns ascend"),
    "places of no code": (ENCODER, "columns", lambda a: a + 1, ""),
    "a code beyond float32": (ORDINAL, "codes", put(2, 1e39), "a code of 1e+39 cannot be held as float32"),
    "1e39 filled in": (ZEROS, "fill", put(0, 1e39), "a number to fill in of 1e+39 cannot be held as float32"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_named(what: str) -> None:
    *edit, text = DAMAGE[what]
    proto = edited(*edit)
    with pytest.raises((ModelFileError, UnsupportedModelError)) as caught:
        edgepar.compile(Model(proto), "host")
    assert text in str(caught.value)


def test_flags_of_missing_numbers_follow_the_file() -> None:
    proto = edited(MissingIndicator(missing_values=0), "missing", lambda a: a - 2)
    assert_agrees(canonicalize(imported(proto)), proto, X)
    assert imported(proto).accepts_nan is False
    numbers = edited(SimpleImputer(), "fill", lambda a: a + 1)
    assert imported(numbers).accepts_nan is True


def test_more_features_than_products_can_name() -> None:
    wide = np.zeros((3, 1 << 16))
    wide[:, 0] = [1.0, 2.0, 3.0]
    estimator = make_pipeline(PolynomialFeatures(1, include_bias=False), LinearRegression()).fit(
        wide, wide[:, 0]
    )
    with pytest.raises(
        UnsupportedModelError, match="65536 features, and products may be made of 65535 at most"
    ):
        edgepar.compile(export(estimator), "host")
