# SPDX-License-Identifier: Apache-2.0
"""Derived bounds of distances against a float32 emulation of their kernels, and the pass that moves their origin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.graph import Graph, GraphOutput
from edgepar.ops import Elementwise, Root, SquaredDistances, Value
from edgepar.passes.center_distances import center_distances
from tests.test_ops_bounds import check, chunked_sum, seeds

f32 = np.float32


def squared_distances(op: SquaredDistances, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_centroids_f32 and its combination."""
    d = x[:, None, :] - op.centroids.astype(f32)
    return chunked_sum(d * d, chunks)


def distances(centroids: np.ndarray) -> SquaredDistances:
    return SquaredDistances(("x",), "y", "test", centroids)


@settings(max_examples=60)
@given(seeds, st.integers(1, 200), st.integers(1, 14), st.integers(1, 8), st.sampled_from((0.0, 1e3, 1e6)),
       st.sampled_from((1e-25, 1e-8, 1.0, 1e15)))  # fmt: skip
def test_squared_distances(seed, n, rows, chunks, offset, scale):
    rng = np.random.default_rng(seed)
    op = distances((offset + rng.normal(size=(rows, n))) * scale)
    x = ((offset + rng.normal(size=(20, n))) * scale).astype(f32)
    check(op, x, squared_distances(op, x, chunks))


def test_squared_distances_are_not_absurdly_wide():
    rng = np.random.default_rng(0)
    for n, offset, widest in ((4, 0.0, 20), (64, 0.0, 100), (64, 1e4, 100), (300, 0.0, 500)):
        op = distances(offset + rng.normal(size=(10, n)))
        x = (offset + rng.normal(size=(500, n))).astype(f32)
        check(op, x, squared_distances(op, x, 8), widest=widest)


def test_squared_distances_that_overflow_have_no_bound():
    op, x = distances(np.array([[-1e19], [1e30]])), np.array([[1e18]])
    assert np.isfinite(op.bound((x,), (np.zeros((1, 1)),), op.evaluate(x))).tolist() == [[True, False]]


@settings(max_examples=60)
@given(seeds, st.sampled_from((0.0, 1e-6, 0.5, 3.0)), st.sampled_from((1e-30, 1.0, 1e30)))
def test_roots_of_numbers_that_are_off(seed, off, scale):
    rng = np.random.default_rng(seed)
    op = Root(("x",), "y", "test")
    x = rng.uniform(0, 1, size=(50, 6)) * scale
    x[:5] = 0.0
    errors = rng.uniform(0, off, size=x.shape) * scale + np.abs(x) * 2.0**-24
    moved = np.maximum(x + rng.uniform(-1, 1, size=x.shape) * (errors - np.abs(x) * 2.0**-24), 0.0)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(np.sqrt(moved.astype(f32)).astype(np.float64) - reference) <= bound).all()
    if off == 0.0 and scale == 1.0:
        assert bound.max() < 2.0**-22


def graph_of(op: SquaredDistances, n: int) -> Graph:
    x = Value("x", (n,), "float32")
    values = {"x": x, "y": op.infer(x)}
    return Graph("m", x, values, (op,), (GraphOutput("y", "y", "value", False),), (), False, "0" * 64)


@pytest.mark.parametrize("offset", [1e3, 1e6, -1e6])
def test_far_centroids_get_an_origin_that_tightens_the_bound(offset):
    rng = np.random.default_rng(1)
    op = distances(offset + rng.normal(size=(5, 8)))
    shift, near = center_distances(graph_of(op, 8)).ops
    assert isinstance(shift, Elementwise)
    assert isinstance(near, SquaredDistances)
    (step,) = shift.steps
    # A float32, so that no low part remains and samples nearby lose nothing.
    np.testing.assert_array_equal(step.operand.astype(f32), step.operand)
    x = (offset + rng.normal(size=(30, 8))).astype(f32).astype(np.float64)
    zero = np.zeros(x.shape)
    reference = op.evaluate(x)
    y = shift.evaluate(x)
    np.testing.assert_allclose(near.evaluate(y), reference, rtol=1e-12)
    after = near.bound((y,), (shift.bound((x,), (zero,), y),), reference)
    assert (after < op.bound((x,), (zero,), reference)).all()
    device = squared_distances(near, x.astype(f32) - step.operand.astype(f32), 3)
    assert (np.abs(device - reference) <= after).all()


@pytest.mark.parametrize(
    "centroids", [np.eye(3), np.full((1, 3), 1e6), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])]
)
def test_other_centroids_stay(centroids):
    graph = graph_of(distances(centroids), 3)
    assert center_distances(graph).ops == graph.ops
