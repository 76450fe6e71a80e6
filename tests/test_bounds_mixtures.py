# SPDX-License-Identifier: Apache-2.0
"""Derived bounds of Gaussian components against a float32 emulation of their kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import LogSumExp, QuadraticScores
from tests.test_ops_bounds import check, chunked_sum, pair, seeds

f32 = np.float32


def quadratic(op: QuadraticScores, x: np.ndarray) -> np.ndarray:
    """ep_differences_f32, ep_quadratic_f32 and its combination."""
    high, low = pair(op.means)
    d = (x[:, None, :] - high) - low
    triangles = op.triangles.astype(f32)
    n = d.shape[2]
    y = np.empty(d.shape, f32)
    for j in range(n):
        y[..., j] = chunked_sum(d[..., : j + 1] * triangles[:, j, : j + 1], 1)
    squares = y * y
    pairs = [
        squares[..., p] + squares[..., n - 1 - p] if n - 1 - p > p else squares[..., p]
        for p in range((n + 1) // 2)
    ]
    return op.constants.astype(f32) - chunked_sum(np.stack(pairs, axis=-1), 1)


def components(rng, k: int, n: int, offset: float, scale: float, upper: bool) -> QuadraticScores:
    factors = rng.normal(size=(k, n, n)) / scale
    if upper:
        factors = np.triu(factors)
    means = offset + rng.normal(size=(k, n)) * scale
    return QuadraticScores(("x",), "y", "test", means, factors, rng.normal(size=k) * 5)


@settings(max_examples=60)
@given(seeds, st.integers(1, 40), st.integers(1, 8), st.sampled_from((0.0, 1e3, 1e6)),
       st.sampled_from((1e-3, 1.0, 1e6)), st.booleans())  # fmt: skip
def test_quadratic_scores(seed, n, k, offset, scale, upper):
    rng = np.random.default_rng(seed)
    op = components(rng, k, n, offset, scale, upper)
    x = (op.means[rng.integers(k, size=20)] + rng.normal(size=(20, n)) * scale).astype(f32)
    check(op, x, quadratic(op, x))


def test_quadratic_scores_are_not_absurdly_wide():
    rng = np.random.default_rng(0)
    for n, offset, widest in ((3, 0.0, 50), (30, 0.0, 300), (30, 1e6, 300)):
        op = components(rng, 5, n, offset, 1.0, True)
        x = (op.means[rng.integers(5, size=200)] + rng.normal(size=(200, n))).astype(f32)
        check(op, x, quadratic(op, x), widest=widest)


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (5, 3), (3, 5)], ids=str)
def test_a_triangle_keeps_the_lengths_of_its_factor(shape):
    rng = np.random.default_rng(1)
    n, columns = shape
    op = QuadraticScores(("x",), "y", "test", np.zeros((2, n)), rng.normal(size=(2, n, columns)), np.zeros(2))
    d = rng.normal(size=(50, n))
    for k in range(2):
        assert not np.triu(op.triangles[k], 1).any()
        np.testing.assert_allclose(
            ((d @ op.triangles[k].T) ** 2).sum(axis=1),
            0.5 * ((d @ op.factors[k]) ** 2).sum(axis=1),
            rtol=1e-12,
        )


def test_scores_that_overflow_have_no_bound():
    op = components(np.random.default_rng(0), 2, 3, 0.0, 1.0, True)
    x = np.full((1, 3), 1e25)
    assert np.isinf(op.bound((x,), (np.zeros((1, 3)),), op.evaluate(x))).all()


@settings(max_examples=80)
@given(seeds, st.integers(1, 20), st.sampled_from((0.1, 10.0, 1e4)), st.sampled_from((0.0, 1e-4, 0.5)))
def test_log_sum_exp_of_scores_that_are_off(seed, n, scale, off):
    rng = np.random.default_rng(seed)
    op = LogSumExp(("x",), "y", "test")
    x = rng.normal(size=(50, n)) * scale
    errors = rng.uniform(0, off, size=x.shape) + np.abs(x) * 2.0**-24
    device_x = (x + rng.uniform(-1, 1, size=x.shape) * (errors - np.abs(x) * 2.0**-24)).astype(f32)
    top = device_x.max(axis=1, keepdims=True)
    e = np.exp((device_x - top).astype(np.float64)).astype(f32)
    device = top + np.log(chunked_sum(e, 1)[:, None].astype(np.float64)).astype(f32)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(device - reference) <= bound).all()
    if off == 0.0:
        assert bound.max() < 100 * n * 2.0**-24 * (1 + scale)


def test_evidence_of_scores_beyond_float32_has_no_bound():
    op, x = LogSumExp(("x",), "y", "test"), np.array([[-1e39, -1e40]])
    assert np.isinf(op.bound((x,), (np.zeros((1, 2)),), op.evaluate(x))).all()
