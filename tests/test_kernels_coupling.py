# SPDX-License-Identifier: Apache-2.0
"""Probabilities of pairs and their coupling, bit by bit against float32 operations one by one."""

from __future__ import annotations

import numpy as np
import pytest

from edgepar.ops.coupling import epsilon, most_sweeps
from tests.kernel_library import assert_same_bits, call, ranges
from tests.test_bounds_coupling import couple

F = np.float32


@pytest.mark.parametrize("pairs", [1, 3, 45])
def test_both_sides_of_a_pair_keep_their_digits(pairs) -> None:
    rng = np.random.default_rng(pairs)
    scores = (rng.standard_normal(pairs) * 10).astype(F)
    scores[0] = 0.0
    a, b = -np.abs(rng.standard_normal(pairs)).astype(F), rng.standard_normal(pairs).astype(F)
    b[0] = 0.0
    z = scores * a + b
    odds = np.array([call("ep_exp_f32", float(v)) for v in -np.abs(z)], F)
    large, small = np.minimum(F(1) / (F(1) + odds), F(0.9999999)), np.maximum(odds / (F(1) + odds), F(1e-7))
    for cut in ranges(pairs):
        r = np.full(2 * pairs, 7.0, F)
        for begin, end in cut:
            call("ep_pairwise_proba_f32__ref", scores, a, b, r, pairs, begin, end)
        assert_same_bits(r[:pairs], np.where(z < 0, large, small))
        assert_same_bits(r[pairs:], np.where(z < 0, small, large))


def test_far_scores_stay_within_the_limits() -> None:
    scores = np.array([1e30, -1e30, 20.0, -20.0], F)
    r = np.zeros(8, F)
    call("ep_pairwise_proba_f32__ref", scores, np.full(4, -1, F), np.zeros(4, F), r, 4, 0, 4)
    wanted = F([0.9999999, 1e-7, 0.9999999, 1e-7])
    assert_same_bits(r, np.concatenate([wanted, wanted[[1, 0, 3, 2]]]))


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("scale", [0.0, 1.0, 20.0])
def test_coupling(classes, scale) -> None:
    rng = np.random.default_rng(classes)
    pairs = classes * (classes - 1) // 2
    scores = (rng.standard_normal(pairs) * scale).astype(F)
    r = np.zeros(2 * pairs, F)
    call("ep_pairwise_proba_f32__ref", scores, np.full(pairs, -1, F), np.zeros(pairs, F), r, pairs, 0, pairs)
    matrices = []
    for cut in ranges(classes):
        q = np.full((classes, classes), 7.0, F)
        for begin, end in cut:
            call("ep_coupling_matrix_f32__ref", r, q, classes, begin, end)
        matrices.append(q)
    for q in matrices[1:]:
        assert_same_bits(q, matrices[0])
    first, second = np.triu_indices(classes, 1)
    assert_same_bits(q[first, second], -(r[:pairs] * r[pairs:]))
    assert_same_bits(q, q.T)
    p, scratch = np.full(classes, 7.0, F), np.zeros(2 * classes, F)
    call("ep_couple_f32__ref", q, scratch, p, classes, float(F(epsilon(classes))), most_sweeps(classes))
    assert_same_bits(p, couple(r[None], classes)[0][0])
    assert abs(p.sum(dtype=np.float64) - 1) < 1e-6


def test_it_ends_after_the_last_sweep() -> None:
    """With a tolerance of 0 nothing else ends it."""
    q = np.array([[0.81, -0.09], [-0.09, 0.01]], F)
    shares = []
    for sweeps in (0, 1, 2):
        p, scratch = np.zeros(2, F), np.zeros(4, F)
        call("ep_couple_f32__ref", q, scratch, p, 2, 0.0, sweeps)
        shares.append(p)
    assert shares[0].tolist() == [0.5, 0.5]
    assert abs(shares[1][1] - 0.9) < 0.1
    assert abs(shares[2][1] - 0.9) < abs(shares[1][1] - 0.9) + 1e-6
