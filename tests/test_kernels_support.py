# SPDX-License-Identifier: Apache-2.0
"""Similarities, pairs of classes, sums over segments and nearest rows, against numpy in float32 or float64."""

import itertools

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_rbf_is_the_exponential(n) -> None:
    """With the bits of softmax's exponential, which math_f32 has proved, for every split and in place."""
    rng = np.random.default_rng(n)
    x = np.abs(rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4, n)).astype(F)
    x[0], gamma = 0.0, F(0.37)
    ffi_exp = [call("ep_exp_f32", float(z)) for z in x * -gamma]
    for cut in ranges(n):
        y = x.copy()
        for begin, end in cut:
            call("ep_rbf_f32__ref", y, y, gamma, begin, end)
        assert_same_bits(y, np.array(ffi_exp, F))


def test_rbf_far_away_and_nowhere() -> None:
    x = np.array([103.9, 104.1, 1e30, np.inf, np.nan, 88.0], F)
    y = np.zeros(6, F)
    call("ep_rbf_f32__ref", x, y, 1.0, 0, 6)
    assert_same_bits(y, [call("ep_exp_f32", float(z)) for z in -x])


@pytest.mark.parametrize("degree", [0, 1, 2, 5])
def test_polynomial_and_sigmoid_and_cosine(degree) -> None:
    x = np.linspace(-3, 3, 41).astype(F)
    y = np.zeros(41, F)
    call("ep_polynomial_f32__ref", x, y, 0.5, 0.25, degree, 0, 41)
    z = F(0.5) * x + F(0.25)
    product = np.ones(41, F) if degree == 0 else z
    for _ in range(degree - 1):
        product = product * z
    assert_same_bits(y, product)
    call("ep_sigmoid_f32__ref", x, y, 7.0, 0.25, 0, 41)
    exact = np.tanh((F(7) * x + F(0.25)).astype(np.float64))
    assert np.abs(y - exact).max() <= 8 * 2.0**-24
    call("ep_cosine_f32__ref", x, y, 0, 41)
    assert_same_bits(y, np.maximum(F(1) - x, F(0)))


@pytest.mark.parametrize(("classes", "block"), [(2, 1), (3, 2), (10, 9), (10, 5), (10, 2)])
def test_pairs(classes, block) -> None:
    rng = np.random.default_rng(classes)
    sizes = rng.integers(1, 4, classes)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint32)
    rows = classes - 1
    partial = rng.standard_normal((first[-1], rows)).astype(F)
    blocks = -(-rows // block)
    padded = np.full((first[-1], blocks * block), np.nan, F)
    padded[:, :rows] = partial
    cut_up = np.ascontiguousarray(np.moveaxis(padded.reshape(-1, blocks, block), 1, 0))
    n_pairs = classes * rows // 2
    intercepts = rng.standard_normal(n_pairs).astype(F)
    wanted = []
    for i in range(classes):
        for j in range(i + 1, classes):
            sums = [F(0), F(0)]
            for side, (c, row) in enumerate(((i, j - 1), (j, i))):
                for s in range(first[c], first[c + 1]):
                    sums[side] = sums[side] + partial[s, row]
            wanted.append(sums[0] + sums[1] + intercepts[len(wanted)])
    for cut in ranges(n_pairs):
        scores = np.full(n_pairs, 7.0, F)
        for begin, end in cut:
            call("ep_support_scores_f32__ref", cut_up, first, intercepts, scores, classes, block, begin, end)
        assert_same_bits(scores, np.array(wanted, F))
    scores[0] = 0.0
    votes, shares = np.zeros(classes, F), np.zeros(classes, F)
    for begin, end in list(ranges(classes))[3]:
        call("ep_support_votes_f32__ref", scores, votes, classes, begin, end)
        call("ep_pair_votes_f32__ref", None, scores, shares, classes, begin, end)
    one, two = np.triu_indices(classes, 1)
    assert_same_bits(votes, np.bincount(np.where(scores > 0, one, two), minlength=classes))
    wins = np.bincount(np.where(scores < 0, two, one), minlength=classes)
    sums = np.bincount(one, scores, classes) - np.bincount(two, scores, classes)
    assert np.abs(shares - (wins + sums / (3 * (np.abs(sums) + 1)))).max() < 1e-5


@pytest.mark.parametrize(
    ("block", "blocks", "starts"),
    [(1, 1, [0, 5]), (4, 1, [0, 1, 9, 10]), (5, 2, [0, 30, 64]), (3, 3, [0, 2, 3])],
)
@pytest.mark.parametrize("form", ["", "_fma"])
def test_segments_for_every_split(block, blocks, starts, form) -> None:
    """Those of a layer whose chunks they are."""
    rng = np.random.default_rng(block)
    cols, n = starts[-1], len(starts) - 1
    x, weights = rng.standard_normal(cols).astype(F), rng.standard_normal((blocks, cols, block)).astype(F)
    wanted = np.zeros((blocks, n, block), F)
    for b in range(blocks):
        for s, (begin, end) in enumerate(itertools.pairwise(starts)):
            columns = np.ascontiguousarray(x[begin:end]), np.ascontiguousarray(weights[b, begin:end])
            call(f"ep_dense{form}_f32__ref", *columns, wanted[b, s], end - begin, block, end - begin, 0, 0, 1)
    for cut in ranges(blocks * n):
        partial = np.full(wanted.shape, 7.0, F)
        for begin, end in cut:
            call(
                f"ep_dense_segments{form}_f32__ref", x, weights, np.array(starts, np.uint32), partial, block, n, begin,
                end,
            )  # fmt: skip
        assert_same_bits(partial.reshape(-1), wanted.reshape(-1))


@pytest.mark.parametrize(("n", "k"), [(1, 1), (9, 9), (40, 5), (100, 1), (57, 20)])
@pytest.mark.parametrize("kind", ["plain", "ties", "far"])
def test_nearest_rows_for_every_split(n, k, kind) -> None:
    """Lists of any number of cores merge into the k smallest of (distance, row)."""
    rng = np.random.default_rng(n + k)
    d = np.abs(rng.standard_normal(n)).astype(F)
    if kind == "ties":
        d = rng.integers(0, 4, n).astype(F)
    if kind == "far":
        d[rng.integers(0, n, n // 2 + 1)] = np.inf
        d[rng.integers(0, n)] = np.nan
    wanted = np.argsort(np.where(np.isnan(d), F(np.inf), d), kind="stable")
    wanted = np.array(
        sorted(wanted, key=lambda row: (np.isnan(d[row]), d[row] if d[row] == d[row] else 0, row))
    )[:k]
    for cut in ranges(n):
        near, rows = np.zeros(k * len(cut), F), np.zeros(k * len(cut), np.uint32)
        for core, (begin, end) in enumerate(cut):
            mine = near[core * k :], rows[core * k :]
            call("ep_nearest_clear_f32__ref", *mine, k)
            part = (end - begin) // 3  # in two calls, the second one on rows that are counted from elsewhere
            call("ep_nearest_f32__ref", d, *mine, k, 0, begin, begin + part)
            call("ep_nearest_f32__ref", d[begin:].copy(), *mine, k, begin, part, end - begin)
        call("ep_nearest_merge_f32__ref", near, rows, k, len(cut))
        np.testing.assert_array_equal(rows[:k], wanted)
        assert_same_bits(near[:k], d[wanted])


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1 / 3])
def test_weights_votes_and_sums(exponent) -> None:
    near = np.array([0.25, 0.5, 0.5, 3.0], F)
    weights, votes, sums = np.zeros(4, F), np.zeros(3, F), np.zeros(2, F)
    call("ep_neighbour_weights_f32__ref", near, weights, exponent, 4)
    assert np.abs(weights - (0.25 / near.astype(float)) ** exponent).max() < 1e-6
    rows, classes = np.array([4, 0, 2, 1], np.uint32), np.array([1, 2, 1, 0, 0], np.uint16)
    call("ep_neighbour_votes_f32__ref", rows, classes, None, votes, 4, 3)
    assert_same_bits(votes, [1, 2, 1])
    call("ep_neighbour_votes_f32__ref", rows, classes, weights, votes, 4, 3)
    assert_same_bits(votes, [weights[0], weights[1] + weights[2], weights[3]])
    targets = np.arange(10, dtype=F).reshape(5, 2)
    call("ep_neighbour_sums_f32__ref", rows, targets, None, sums, 4, 2)
    assert_same_bits(sums, targets[rows].sum(axis=0))
    call("ep_neighbour_sums_f32__ref", rows, targets, weights, sums, 4, 2)
    call("ep_neighbour_divide_f32__ref", weights, sums, 4, 2)
    assert np.abs(sums - np.average(targets[rows], axis=0, weights=weights)).max() < 1e-5


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1 / 3])
def test_outlier_factor(exponent) -> None:
    near, rows = np.array([0.0, 0.5, 2.5], F), np.array([3, 0, 1], np.uint32)
    reach, density = np.array([0.9, 0.1, 7.0, 0.3], F), np.array([2.0, 0.5, 9.0, 1.25], F)
    y = np.zeros(1, F)
    call("ep_outlier_factor_f32__ref", near, rows, reach, density, y, exponent, 3)
    reached = np.maximum(near.astype(float) ** exponent, reach[rows])
    wanted = -density[rows].mean(dtype=float) * (reached.mean() + 1e-10)
    assert abs(y[0] - wanted) < 1e-6 * abs(wanted)


def test_equal_rows_make_a_density_and_no_infinity() -> None:
    y = np.zeros(1, F)
    call(
        "ep_outlier_factor_f32__ref",
        np.zeros(2, F),
        np.uint32([0, 1]),
        np.zeros(2, F),
        np.full(2, 1e10, F),
        y,
        0.5,
        2,
    )
    assert abs(y[0] + 1) < 1e-6


def test_a_distance_of_0_takes_all_the_weight() -> None:
    weights = np.zeros(4, F)
    call("ep_neighbour_weights_f32__ref", np.array([0, 0, 1e-30, 1], F), weights, 0.5, 4)
    assert_same_bits(weights, [1, 1, 0, 0])
