# SPDX-License-Identifier: Apache-2.0
"""Scalers folded into intervals count as the Model does for every float32."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

import edgepar
from edgepar.exactness import output_bounds
from edgepar.ops import Concat, CountEdges, Fill, Normalize, Op, Select
from edgepar.passes.fold_scaler_into_intervals import fold_scaler_into_intervals
from edgepar.passes.verify import verify
from tests.oracle import judge
from tests.test_passes_fold_trees import graph_of, line, scaler, values_of

EDGES = (np.array([-1.5, 0.0, 0.3, 0.3, 1e30]), np.array([]), np.array([0.25]))


def three(name: str) -> list[Op]:
    """Operations that give three features."""
    standard = scaler("float64", ("sub", [0.3, -1.0, 2.0]), ("div", [1.7, 1e-3, 1e4]), rounds=False)
    columns = Select(("x",), "c", "columns", np.array([2, 0, 2]))
    clipped = scaler("float64", ("mul", 0.37), ("max", 0.0), ("min", 0.25), rounds=False, source="c")
    return {
        "standard": [standard],
        "clipped columns": [columns, clipped],
        "filled, then scaled": [
            Fill(("x",), "f", "imputer", np.nan, np.array([0.1, 5.0, 7.7])),
            scaler("float64", ("mul", 2.0), rounds=False, source="f"),
        ],
        "scaled, then filled": [standard, Fill(("s",), "f", "imputer", np.nan, np.array([-9.0, 0.0, 1e31]))],
        "filled below all and above all": [
            Fill(("x",), "f", "imputer", np.nan, np.array([-1e38, 1.0, 1e38])),
            scaler("float64", ("mul", 1e9), rounds=False, source="f"),
        ],
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "standard",
        "clipped columns",
        "filled, then scaled",
        "scaled, then filled",
        "filled below all and above all",
    ],
)
def test_folded_intervals_count_for_every_float32_as_before(name: str) -> None:
    before = three(name)
    graph = graph_of([*before, CountEdges((before[-1].output,), "y", "bins", EDGES)], 3)
    folded = fold_scaler_into_intervals(graph)
    verify(folded, "the test")
    assert all(isinstance(op, (Select, Fill, CountEdges)) for op in folded.ops)
    special = line(0.3, 0.1, 0.25 / 0.37, 0.81, 2502.0, -2.25, 1e30, 0.15)
    x = np.random.default_rng(0).choice(special[np.isfinite(special) | np.isnan(special)], (5000, 3))
    np.testing.assert_array_equal(values_of(folded, x), values_of(graph, x))


def test_what_mixes_features_or_turns_round_stays() -> None:
    normalized = [Normalize(("x",), "n", "norm", "l2"), CountEdges(("n",), "y", "bins", EDGES)]
    turned = [scaler("float64", ("mul", -1.0), rounds=False), CountEdges(("s",), "y", "bins", EDGES)]
    constant = [scaler("float64", ("mul", 0.0), rounds=False), CountEdges(("s",), "y", "bins", EDGES)]
    some = [Normalize(("x",), "n", "norm", "l2"), scaler("float64", ("sub", 1.0), rounds=False),
            Concat(("n", "s"), "all", "join"), CountEdges(("all",), "y", "bins", EDGES * 2)]  # fmt: skip
    plain = [CountEdges(("x",), "y", "bins", EDGES)]
    for ops in (normalized, turned, constant, some, plain):
        graph = graph_of(ops, 3)
        assert fold_scaler_into_intervals(graph) is graph


def test_rows_on_the_edges_of_scaled_bins_agree() -> None:
    """Edges of quantiles are values of the data, here whole numbers."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 60, (200, 4)).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    bins = KBinsDiscretizer(6, encode="ordinal", quantile_method="averaged_inverted_cdf")
    estimator = make_pipeline(SimpleImputer(), StandardScaler(), bins, Ridge())
    estimator.fit(X, np.nan_to_num(X) @ [1.0, -2.0, 3.0, 0.5])
    image = edgepar.compile(edgepar.export(estimator), "host", cores=3)
    judge(image, image.run(X), estimator, X)
    # A row on the other side of an edge would be off by a coefficient, and so would its bound.
    assert max(bound.max() for bound in output_bounds(image.graph, X).values()) < 1e-3
