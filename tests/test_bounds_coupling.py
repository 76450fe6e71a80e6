# SPDX-License-Identifier: Apache-2.0
"""Bounds of coupled probabilities against a float32 emulation of the kernels, and libsvm as the reference.

The emulation rounds after every operation as the C does; docs/exactness.md derives what is tested here.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import CoupledProba, PairwiseProba
from edgepar.ops.coupling import epsilon, most_sweeps
from edgepar.ops.support import pairs

f32 = np.float32
seeds = st.integers(0, 2**32 - 1)


def pairwise(op: PairwiseProba, x: np.ndarray) -> np.ndarray:
    """ep_pairwise_proba_f32 with a correctly rounded exp."""
    z = x * op.a.astype(f32) + op.b.astype(f32)
    odds = np.exp(-np.abs(z).astype(np.float64)).astype(f32)
    large = np.minimum(f32(1) / (f32(1) + odds), f32(0.9999999))
    small = np.maximum(odds / (f32(1) + odds), f32(1e-7))
    return np.hstack([np.where(z < 0, large, small), np.where(z < 0, small, large)])


def couple(r: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """ep_coupling_matrix_f32 and ep_couple_f32, sample by sample; the shares and the number of sweeps."""
    first, second = pairs(n_classes)
    answers, sweeps = [], []
    for row in r:
        q = np.zeros((n_classes, n_classes), f32)
        for pair, (i, j) in enumerate(zip(first, second, strict=True)):
            q[i, j] = q[j, i] = -(row[pair] * row[len(first) + pair])
        for t in range(n_classes):
            for pair in np.flatnonzero((first == t) | (second == t)):
                against = row[pair] if second[pair] == t else row[len(first) + pair]
                q[t, t] += against * against
        p = np.full(n_classes, f32(1) / f32(n_classes))
        for sweep in range(most_sweeps(n_classes) + 1):
            qp, pqp = np.zeros(n_classes, f32), f32(0)
            for j in range(n_classes):
                qp += q[:, j] * p[j]
            for t in range(n_classes):
                pqp += p[t] * qp[t]
            if np.abs(qp - pqp).max() < f32(epsilon(n_classes)) or sweep == most_sweeps(n_classes):
                break
            for t in range(n_classes):
                d = (pqp - qp[t]) / q[t, t]
                shrink = f32(1) / (f32(1) + d)
                pqp = (pqp + d * (pqp + qp[t])) * shrink * shrink
                p[t] += d
                qp = (qp + d * q[t]) * shrink
                p = p * shrink
        answers.append(p)
        sweeps.append(sweep)
    return np.array(answers), np.array(sweeps)


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from((0.1, 1.0, 20.0, 1e3)), st.sampled_from((0.0, 1e-6, 1e-2)))
def test_sigmoids_of_scores_that_are_off(seed, scale, off):
    rng = np.random.default_rng(seed)
    op = PairwiseProba(("x",), "y", "test", -rng.uniform(0.1, 5, 6), rng.normal(size=6))
    x = rng.normal(size=(80, 6)) * scale
    moved = (x + rng.uniform(-off, off, size=x.shape)).astype(f32)
    errors = np.full(x.shape, off) + (np.abs(x) + off) * 2.0**-23
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(pairwise(op, moved) - reference) <= bound).all()


def problem(rng: np.random.Generator, n_classes: int, scale: float, rows: int = 15) -> np.ndarray:
    """Probabilities of pairs as strengths of the classes would have them, and noise."""
    first, second = pairs(n_classes)
    strength = rng.normal(size=(rows, n_classes)) * scale
    z = strength[:, second] - strength[:, first] + rng.normal(size=(rows, len(first))) * scale / 3
    return PairwiseProba(("x",), "y", "test", np.ones(len(first)), np.zeros(len(first))).evaluate(z)


@settings(max_examples=80, deadline=None)
@given(
    seeds,
    st.integers(2, 12),
    st.sampled_from((0.1, 1.0, 3.0, 10.0, 30.0)),
    st.sampled_from((0.0, 1e-6, 1e-4)),
)
def test_coupling_of_probabilities_that_are_off(seed, n_classes, scale, off):
    rng = np.random.default_rng(seed)
    op = CoupledProba(("x",), "y", "test", n_classes)
    r = problem(rng, n_classes, scale)
    # Worst cases are at the ends of the errors; both probabilities of a pair have errors of their own.
    moved = r * (1 + rng.choice([-off, off], size=r.shape))
    reference = op.evaluate(r)
    bound = op.bound((r,), (r * off + 2.0**-23 * r,), reference)
    found, _ = couple(moved.astype(f32), n_classes)
    assert (np.abs(found - reference) <= bound).all()


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(2, 10), st.sampled_from((1.0, 10.0, 30.0)))
def test_coupling_of_small_probabilities_that_have_few_digits(seed, n_classes, scale):
    """As a float32 Model has them: off by some roundings of 1, however small they are."""
    rng = np.random.default_rng(seed)
    op = CoupledProba(("x",), "y", "test", n_classes)
    r = problem(rng, n_classes, scale)
    off = 8 * 2.0**-24
    moved = np.clip(r + rng.choice([-off, off], size=r.shape), 1e-7, 0.9999999)
    reference = op.evaluate(r)
    bound = op.bound((r,), (np.full(r.shape, off + 2.0**-24),), reference)
    found, _ = couple(moved.astype(f32), n_classes)
    assert (np.abs(found - reference) <= bound).all()
    assert (bound < 1.0).any()


@pytest.mark.parametrize(("n_classes", "widest"), [(2, 30), (3, 60), (10, 100)])
def test_the_bound_is_not_absurdly_wide(n_classes, widest):
    """Where the number of sweeps is sure."""
    rng = np.random.default_rng(n_classes)
    op = CoupledProba(("x",), "y", "test", n_classes)
    r = problem(rng, n_classes, 2.0, rows=200).astype(f32).astype(np.float64)
    reference = op.evaluate(r)
    bound = op.bound((r,), (np.zeros(r.shape),), reference)
    found, _ = couple(r.astype(f32), n_classes)
    assert bound.max() <= widest * np.abs(found - reference).max()


def test_where_a_sweep_more_may_be_taken_the_bound_covers_both_ends():
    """The device may stop a sweep earlier or later than the reference, which moves shares more than errors do."""
    rng = np.random.default_rng(5)
    op = CoupledProba(("x",), "y", "test", 3)
    r, off = problem(rng, 3, 2.0, rows=1500), 3e-4
    moved = (r * (1 + rng.choice([-off, off], size=r.shape))).astype(f32)
    reference = op.evaluate(r)
    bound = op.bound((r,), (r * off + 2.0**-23 * r,), reference).max(axis=1)
    found, sweeps = couple(moved, 3)
    _, of_reference = couple(r.astype(f32), 3)
    unsure = sweeps != of_reference
    assert unsure.any()
    assert (np.abs(found - reference).max(axis=1) <= bound).all()
    assert (bound[unsure] > 1e-3).all()
    assert np.median(bound) < 4e-4


def test_probabilities_that_may_be_anything_bound_nothing():
    op = CoupledProba(("x",), "y", "test", 3)
    r = np.full((2, 6), 0.5)
    error = np.zeros(r.shape)
    error[1, 2] = 0.4
    bound = op.bound((r,), (error,), op.evaluate(r))
    assert (bound[0] < 1e-5).all()
    assert bound[1].tolist() == [1.0, 1.0, 1.0]
