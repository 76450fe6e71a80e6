# SPDX-License-Identifier: Apache-2.0
"""The weighted median, against numpy, over every split and with equal numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import WeightedMedian
from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32


def median(op: WeightedMedian, x: np.ndarray, cut: list[tuple[int, int]]) -> np.float32:
    n = len(x)
    found, y = np.full(n, 7.0, F), np.zeros(1, F)
    for begin, end in cut:
        call("ep_median_candidates_f32__ref", x, op.device_weights(), found, op.device_half(), n, begin, end)
    call("ep_least_f32__ref", found, y, n)
    return y[0]


@pytest.mark.parametrize("n", [1, 2, 3, 8, 50])
@pytest.mark.parametrize("equal", [False, True])
def test_median_for_every_split(n, equal) -> None:
    rng = np.random.default_rng(n)
    op = WeightedMedian(("x",), "y", "test", rng.uniform(0.1, 3, n))
    for _ in range(10):
        x = (rng.integers(0, 4, n) if equal else rng.standard_normal(n)).astype(F)
        wanted = op.evaluate(x[None].astype(np.float64))[0, 0]
        for cut in ranges(n):
            assert_same_bits(median(op, x, cut), wanted)


@pytest.mark.parametrize("n", [2, 3, 6, 7, 10, 49, 100])
def test_equal_weights_reach_half_exactly(n) -> None:
    """2^31 / 6 is no whole number; half of six equal weights is still three of them."""
    x = np.random.default_rng(n).permutation(n).astype(F)
    op = WeightedMedian(("x",), "y", "test", np.full(n, 0.7))
    assert median(op, x, [(0, n)]) == (n + 1) // 2 - 1


def test_weights_of_nothing_give_the_least_number() -> None:
    op = WeightedMedian(("x",), "y", "test", np.zeros(3))
    x = F([3, -1, 2])
    assert op.evaluate(x[None].astype(np.float64))[0, 0] == median(op, x, [(0, 3)]) == -1


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from((0.0, 1e-6, 0.1)), st.booleans())
def test_numbers_that_are_off_stay_within_the_bound(seed, n, off, equal) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 4, n).astype(np.float64) if equal else rng.exponential(size=n)
    op = WeightedMedian(("x",), "y", "test", weights)
    x = rng.normal(size=(20, n)).astype(F).astype(np.float64)
    moved = (x + rng.choice([-off, off], size=x.shape)).astype(F)
    errors = np.abs(moved - x)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    found = np.array([median(op, row, [(0, n)]) for row in moved])
    assert (np.abs(found - reference[:, 0]) <= bound[:, 0]).all()
