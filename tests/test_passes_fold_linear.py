# SPDX-License-Identifier: Apache-2.0
"""Scalers folded into linear operations: only where the bound says that nothing gets worse over the training range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from edgepar.exactness import evaluate
from edgepar.export import export
from edgepar.graph import Graph, GraphOutput
from edgepar.importer import import_model
from edgepar.ops import Elementwise, Linear, Op, Step, Value
from edgepar.passes.canonicalize import canonicalize
from edgepar.passes.fold_scaler_into_linear import fold_scaler_into_linear


def graph_of(scaler: Elementwise, linear: Linear, *more: Op) -> Graph:
    """A scaler and what reads it."""
    n = linear.coef.shape[1]
    values = {"x": Value("x", (n,), "float32")}
    for op in (scaler, linear, *more):
        values[op.output] = op.infer(*(values[name] for name in op.inputs))
    outputs = tuple(GraphOutput(op.output, op.output, "value", False) for op in (linear, *more))
    return Graph("g", values["x"], values, (scaler, linear, *more), outputs, (), False, "0" * 64)


def scaler_of(
    offset: np.ndarray, factor: np.ndarray, low: np.ndarray | None, high: np.ndarray | None
) -> Elementwise:
    """(x - offset) * factor."""
    steps = (Step("sub", offset), Step("mul", factor))
    return Elementwise(("x",), "s", "scaler", steps, range_low=low, range_high=high)


def linear_of(coef: np.ndarray, intercept: np.ndarray) -> Linear:
    """Scores of the scaled features."""
    return Linear(("s",), "y", "scores", coef, intercept)


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from((0.0, 0.01, 1.0, 100.0)))
def test_where_it_is_folded_the_bound_is_nowhere_wider(seed, n, offset):
    rng = np.random.default_rng(seed)
    centre = offset * rng.normal(size=n)
    reach = rng.uniform(0.1, 10, size=n)
    kept = graph_of(
        scaler_of(centre, rng.uniform(0.01, 10, size=n), centre - reach, centre + reach * rng.uniform(0, 1)),
        linear_of(rng.normal(size=(3, n)), rng.normal(size=3) * rng.choice([0.0, 1.0, 100.0])),
    )
    folded = fold_scaler_into_linear(kept)
    (low, high) = kept.ops[0].range_low, kept.ops[0].range_high
    x = (low + rng.uniform(size=(200, n)) * (high - low)).astype(np.float32)
    before, after = evaluate(kept, x)["y"], evaluate(folded, x)["y"]
    np.testing.assert_allclose(after.reference, before.reference, rtol=1e-10, atol=1e-10)
    if len(folded.ops) == 1:
        assert (after.bound <= before.bound).all()
        assert folded.ops[0].origin == "scores with scaler folded in"
    else:
        assert "kept before scores: folded in, it would widen the error bound by" in folded.ops[0].origin


def test_without_offset_it_is_folded():
    one = np.ones(4)
    graph = graph_of(scaler_of(0 * one, 0.1 * one, -one, one), linear_of(np.ones((2, 4)), np.ones(2)))
    (op,) = fold_scaler_into_linear(graph).ops
    np.testing.assert_allclose(op.coef, 0.1)


CASES = {
    "its training range is not known": (0.0, None),
    "it would widen the error bound": (1e6, (-1e6, 1e6)),
}


@pytest.mark.parametrize("reason", CASES)
def test_kept_scalers_say_why(reason):
    offset, limits = CASES[reason]
    one = np.ones(2)
    low, high = (None, None) if limits is None else (limits[0] * one, limits[1] * one)
    graph = graph_of(scaler_of(offset * one, one, low, high), linear_of(np.ones((1, 2)), np.zeros(1)))
    kept = fold_scaler_into_linear(graph)
    assert [type(op) for op in kept.ops] == [Elementwise, Linear]
    assert reason in kept.ops[0].origin


def test_a_clip_or_a_second_reader_keeps_the_scaler():
    one = np.ones(2)
    clip = Elementwise(("x",), "s", "scaler", (Step("max", one),), range_low=-one, range_high=one)
    linear = linear_of(np.ones((1, 2)), np.zeros(1))
    graph = graph_of(clip, linear)
    assert fold_scaler_into_linear(graph) is graph
    other = Linear(("s",), "z", "others", np.ones((1, 2)), np.zeros(1))
    shared = graph_of(scaler_of(0 * one, one, -one, one), linear, other)
    assert fold_scaler_into_linear(shared) is shared


@pytest.mark.parametrize(
    "scaler", [MaxAbsScaler(), MinMaxScaler(), StandardScaler()], ids=lambda s: type(s).__name__
)
@pytest.mark.parametrize("last", [Ridge(), LogisticRegression()], ids=lambda e: type(e).__name__)
def test_pipelines_answer_as_scikit_learn_does(scaler, last):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5)) * [1, 10, 100, 0.1, 1] + [0, 1, 2, 3, 100]
    estimator = make_pipeline(scaler, last).fit(X, X[:, 0] > 0)
    model = export(estimator, X[:1])
    graph = canonicalize(import_model(model.proto, model.name, model.sha256))
    seen = X.astype(np.float32).astype(np.float64)
    found = evaluate(graph, X)
    output = next(o for o in graph.outputs if o.role in ("value", "decision"))
    wanted = estimator.predict(seen) if output.role == "value" else estimator.decision_function(seen)
    value = found[output.value]
    assert (np.abs(value.reference[:, 0] - wanted) <= value.bound[:, 0]).all()
    assert (len([op for op in graph.ops if isinstance(op, Elementwise)]) == 0) == isinstance(
        scaler, MaxAbsScaler
    )
