# SPDX-License-Identifier: Apache-2.0
"""Bounds of distances, similarities, support vectors and neighbours against a float32 emulation of the kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import (
    Distances,
    Neighbours,
    OutlierFactor,
    PairVotes,
    Similarity,
    SupportScores,
    SupportVotes,
)
from edgepar.ops.support import pairs
from tests.test_ops_bounds import check, chunked_sum, f32, seeds

METRICS = st.sampled_from(
    [("sqeuclidean", 2.0), ("manhattan", 1.0), ("chebyshev", 2.0), ("power", 3.0), ("power", 1.5)]
)


def distances(op: Distances, x: np.ndarray) -> np.ndarray:
    """ep_sqeuclidean_f32 and its kind, with exp and log rounded correctly."""
    d = np.abs(x[:, None, :] - op.rows.astype(f32))
    if op.metric == "chebyshev":
        return d.max(axis=2)
    if op.metric == "manhattan":
        return chunked_sum(d, 1)
    if op.metric == "sqeuclidean":
        return chunked_sum(d * d, 1)
    if op.is_whole():
        power = d
        for _ in range(round(op.power) - 1):
            power = power * d
        return chunked_sum(power, 1)
    with np.errstate(divide="ignore"):
        log = np.log(d.astype(np.float64)).astype(f32)
    return chunked_sum(np.exp((f32(op.power) * log).astype(np.float64)).astype(f32), 1)


@settings(max_examples=80, deadline=None)
@given(seeds, METRICS, st.integers(1, 40), st.sampled_from((1e-3, 1.0, 1e4)), st.booleans())
def test_distances(seed, metric, n, scale, whole):
    rng = np.random.default_rng(seed)
    rows, x = rng.normal(size=(9, n)) * scale, (rng.normal(size=(30, n)) * scale).astype(f32)
    if whole:
        rows, x = np.round(rows), np.round(x)
    op = Distances(("x",), "y", "test", rows, *metric)
    check(op, x, distances(op, x))


def similarity(op: Similarity, x: np.ndarray) -> np.ndarray:
    """ep_rbf_f32 and its kind, with a correctly rounded exp."""
    if op.kind == "rbf":
        return np.exp((x * -f32(op.gamma)).astype(np.float64)).astype(f32)
    if op.kind == "cosine":
        return np.maximum(f32(1) - x, f32(0))
    z = f32(op.gamma) * x + f32(op.coef0)
    if op.kind == "sigmoid":
        t = np.exp(-2 * np.abs(z).astype(np.float64)).astype(f32)
        return np.copysign((f32(1) - t) / (f32(1) + t), z)
    power = np.ones_like(z) if op.degree == 0 else z
    for _ in range(op.degree - 1):
        power = power * z
    return power


@settings(max_examples=80, deadline=None)
@given(
    seeds, st.sampled_from(["rbf", "polynomial", "sigmoid", "cosine"]), st.integers(0, 5),
    st.sampled_from((0.01, 1.0, 30.0)), st.sampled_from((0.0, 1e-6, 1e-2)),
)  # fmt: skip
def test_similarities_of_numbers_that_are_off(seed, kind, degree, scale, off):
    rng = np.random.default_rng(seed)
    gamma, coef0 = float(rng.uniform(0.01, 2)), float(rng.normal())
    op = Similarity(("x",), "y", "test", kind, gamma, coef0, degree)
    x = np.abs(rng.normal(size=(50, 7))) * scale
    moved = np.maximum(x + rng.uniform(-off, off, size=x.shape), 0).astype(f32)
    errors = np.full(x.shape, off) + (x + off) * 2.0**-23
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(similarity(op, moved) - reference) <= bound).all()


def support(rng: np.random.Generator, n_classes: int) -> SupportScores:
    owner = np.repeat(np.arange(n_classes), rng.integers(1, 9, n_classes))
    coef = rng.normal(size=(n_classes - 1, len(owner)))
    intercept = rng.normal(size=n_classes * (n_classes - 1) // 2)
    return SupportScores(("x",), "y", "test", coef, intercept, owner)


def scores_of_pairs(op: SupportScores, x: np.ndarray) -> np.ndarray:
    """ep_support_sums_f32 with one segment a class, and ep_support_scores_f32."""
    found = []
    for pair, (i, j) in enumerate(zip(*pairs(op.n_classes), strict=True)):
        of_i, of_j = op.owner == i, op.owner == j
        sides = [(of_i, op.coef[j - 1]), (of_j, op.coef[i])]
        sums = [chunked_sum(coef[mine].astype(f32) * x[:, mine], 1) for mine, coef in sides]
        found.append(sums[0] + sums[1] + f32(op.intercept[pair]))
    return np.stack(found, axis=1)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(2, 9))
def test_scores_of_pairs(seed, n_classes):
    rng = np.random.default_rng(seed)
    op = support(rng, n_classes)
    x = rng.uniform(size=(40, len(op.owner))).astype(f32)
    check(op, x, scores_of_pairs(op, x))


def test_scores_of_pairs_are_not_absurdly_wide():
    rng = np.random.default_rng(0)
    op = support(rng, 5)
    x = rng.uniform(size=(300, len(op.owner))).astype(f32)
    check(op, x, scores_of_pairs(op, x), widest=150)


def votes(op: SupportVotes | PairVotes, x: np.ndarray) -> np.ndarray:
    """ep_support_votes_f32, and ep_pair_votes_f32 on scores."""
    counts = isinstance(op, SupportVotes)
    n_classes = op.n_classes if isinstance(op, SupportVotes) else op.classes
    first, second = pairs(n_classes)
    y = np.zeros((len(x), n_classes), f32)
    sums = np.zeros_like(y)
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        won = x[:, pair] > 0 if counts else ~(x[:, pair] < 0)
        y[:, i] += won
        y[:, j] += ~won
        sums[:, i] += x[:, pair]
        sums[:, j] -= x[:, pair]
    return y if counts else y + sums / (f32(3) * (np.abs(sums) + f32(1)))


@settings(max_examples=80, deadline=None)
@given(
    seeds, st.integers(2, 9), st.sampled_from([SupportVotes, PairVotes]), st.sampled_from((1e-3, 1.0, 1e3)),
    st.sampled_from((0.0, 1e-6, 1e-2)),
)  # fmt: skip
def test_votes_of_scores_that_are_off(seed, n_classes, kind, scale, off):
    rng = np.random.default_rng(seed)
    op = kind(("x",), "y", "test", n_classes)
    x = rng.normal(size=(60, n_classes * (n_classes - 1) // 2)) * scale
    x[:, 0] = np.where(rng.random(len(x)) < 0.3, 0.0, x[:, 0])
    exact = off == 0.0
    x = x.astype(f32).astype(np.float64) if exact else x
    moved = (x + rng.choice([-off, off], size=x.shape)).astype(f32)
    errors = np.zeros(x.shape) if exact else np.full(x.shape, off) + (np.abs(x) + off) * 2.0**-23
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(votes(op, moved) - reference) <= bound).all()
    assert kind is PairVotes or not exact or (bound == 0.0).all()


def nearest(x: np.ndarray, k: int) -> np.ndarray:
    return np.argsort(x, axis=1, kind="stable")[:, :k]


def neighbours(op: Neighbours, x: np.ndarray) -> np.ndarray:
    """ep_nearest_f32, ep_neighbour_weights_f32, ep_neighbour_sums_f32 and ep_neighbour_divide_f32."""
    rows = nearest(x, op.k)
    said = op.targets.astype(f32)[rows]
    if op.exponent is None:
        return chunked_sum(said.transpose(0, 2, 1), 1)
    near = np.take_along_axis(x, rows, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = near[:, :1] / near
        weights = np.sqrt(ratio) if op.exponent == 0.5 else ratio
    weights = np.where(near[:, :1] == 0, near == 0, weights).astype(f32)
    sums = chunked_sum((weights[:, :, None] * said).transpose(0, 2, 1), 1)
    return sums / chunked_sum(weights, 1)[:, None]


@settings(max_examples=100, deadline=None)
@given(
    seeds, st.integers(1, 9), st.sampled_from((None, 0.5, 1.0)), st.booleans(), st.sampled_from((0.0, 1e-6, 0.05)),
    st.booleans(),
)  # fmt: skip
def test_neighbours_of_distances_that_are_off(seed, k, exponent, classes, off, equal):
    rng = np.random.default_rng(seed)
    targets = np.eye(3)[rng.integers(0, 3, 20)] if classes else rng.normal(size=(20, 2)) * 10
    op = Neighbours(("x",), "y", "test", targets, k, exponent)
    x = np.abs(rng.normal(size=(40, 20)))
    x = np.round(x * 4) / 4 if equal else x.astype(f32).astype(np.float64)
    moved = np.maximum(x + rng.uniform(-off, off, size=x.shape), 0).astype(f32)
    errors = np.full(x.shape, off) + ((x + off) * 2.0**-23 if off else 0.0)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(neighbours(op, moved) - reference) <= bound).all()


def outlier_factor(op: OutlierFactor, x: np.ndarray) -> np.ndarray:
    """ep_outlier_factor_f32 with exp and log rounded correctly."""
    rows = nearest(x, op.k)
    near = np.take_along_axis(x, rows, axis=1)
    if op.exponent == 0.5:
        near = np.sqrt(near)
    elif op.exponent != 1.0:
        with np.errstate(divide="ignore"):
            log = np.log(near.astype(np.float64)).astype(f32)
        near = np.exp((f32(op.exponent) * log).astype(np.float64)).astype(f32)
    reached = chunked_sum(np.maximum(near, op.reach.astype(f32)[rows]), 1) / f32(op.k)
    dense = chunked_sum(op.density.astype(f32)[rows], 1) / f32(op.k)
    return (-dense * (reached + f32(1e-10)))[:, None]


@settings(max_examples=100, deadline=None)
@given(
    seeds,
    st.integers(1, 9),
    st.sampled_from((0.5, 1.0, 1 / 3)),
    st.sampled_from((0.0, 1e-6, 0.05)),
    st.booleans(),
)
def test_outlier_factors_of_distances_that_are_off(seed, k, exponent, off, equal):
    rng = np.random.default_rng(seed)
    reach, density = np.abs(rng.normal(size=20)), 10.0 ** rng.uniform(-2, 2, 20)
    op = OutlierFactor(("x",), "y", "test", reach, density, k, exponent)
    x = np.abs(rng.normal(size=(40, 20)))
    x = np.round(x * 4) / 4 if equal else x.astype(f32).astype(np.float64)
    moved = np.maximum(x + rng.uniform(-off, off, size=x.shape), 0).astype(f32)
    errors = np.full(x.shape, off) + ((x + off) * 2.0**-23 if off else 0.0)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(outlier_factor(op, moved) - reference) <= bound).all()


@pytest.mark.parametrize("exponent", [0.5, 1.0])
def test_outlier_factors_are_not_absurdly_wide(exponent):
    rng = np.random.default_rng(1)
    op = OutlierFactor(("x",), "y", "test", np.abs(rng.normal(size=50)), rng.uniform(1, 3, 50), 10, exponent)
    x = np.abs(rng.normal(size=(300, 50))).astype(f32)
    check(op, x, outlier_factor(op, x), widest=60)
