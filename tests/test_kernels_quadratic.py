# SPDX-License-Identifier: Apache-2.0
"""Gaussian components with covariances: row by row in float32."""

import numpy as np
import pytest

from edgepar.passes.lower_quadratic import paired_rows
from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32

#: components, features: one of each, odd and even numbers of rows.
SHAPES = [(1, 1), (3, 1), (2, 2), (4, 3), (3, 8), (5, 13), (2, 64)]


def product(row, d):
    total = row[0] * d[0]
    for a, b in zip(row[1:], d[1:], strict=True):
        total = total + a * b
    return total


def pair_sum(triangle, d, p):
    n = len(triangle)
    a = product(triangle[p, : p + 1], d[: p + 1])
    if n - 1 - p == p:
        return a * a
    b = product(triangle[n - 1 - p, : n - p], d[: n - p])
    return a * a + b * b


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-20, 1e15])
def test_bits_for_every_split(shape, scale) -> None:
    components, features = shape
    pairs = (features + 1) // 2
    rng = np.random.default_rng(components * 100 + features)
    triangles = np.tril(rng.standard_normal((components, features, features))).astype(F)
    table = np.concatenate([paired_rows(t) for t in triangles]).astype(F)
    x = (rng.standard_normal(features) * scale).astype(F)
    high, low = (
        (rng.standard_normal((components, features)) * scale * size).astype(F) for size in (1.0, 1e-8)
    )
    wanted_d = (x - high) - low
    with np.errstate(over="ignore"):
        wanted = np.array(
            [[pair_sum(t, d, p) for p in range(pairs)] for t, d in zip(triangles, wanted_d, strict=True)]
        )
    constants = rng.standard_normal(components).astype(F)
    for cut in ranges(components * features):
        d = np.full((components, features), 7.0, F)
        for begin, end in cut:
            call("ep_differences_f32__ref", x, high, low, d, features, begin, end)
        assert_same_bits(d, wanted_d)
    for cut in ranges(components * pairs):
        partial, moved = (np.full(components * pairs, 7.0, F) for _ in range(2))
        for begin, end in cut:
            call("ep_quadratic_f32__ref", d, table, partial, features, 0, begin, end)
            # The same units from pointers that belong to the first of them.
            if begin < end:
                call(
                    "ep_quadratic_f32__ref", d, table[begin:], moved[begin:], features, begin, 0, end - begin
                )
        assert_same_bits(partial, wanted.ravel())
        assert_same_bits(moved, wanted.ravel())
    with np.errstate(over="ignore"):
        total = wanted[:, 0]
        for p in range(1, pairs):
            total = total + wanted[:, p]
    for cut in ranges(components):
        scores = np.full(components, 7.0, F)
        for begin, end in cut:
            call("ep_quadratic_combine_f32__ref", partial, constants, scores, pairs, begin, end)
        assert_same_bits(scores, constants - total)


def test_evidence_is_the_log_sum_exp() -> None:
    x, y = np.array([0.5, -2.0, -np.inf], F), np.zeros(1, F)
    call("ep_evidence_f32__ref", x, y, 3)
    assert_same_bits(y, call("ep_log_sum_exp_f32__ref", x, 3))
    assert abs(y[0] - np.log(np.exp(0.5) + np.exp(-2.0))) < 1e-6


def test_pairs_hold_every_number_of_the_triangle_once() -> None:
    for n in range(1, 9):
        triangle = np.tril(np.arange(1.0, n * n + 1).reshape(n, n))
        table = paired_rows(triangle)
        assert table.shape == ((n + 1) // 2, n + 1)
        assert sorted(table[table > 0]) == sorted(triangle[triangle > 0])
