# SPDX-License-Identifier: Apache-2.0
"""Features made of features, against numpy's float32 operations one by one, over every split."""

import itertools

import numpy as np
import pytest

from edgepar.ops import Polynomial
from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32
EXTREMES = np.array([0.0, -0.0, 1e-45, -1e-38, 1.0, 0.1, 1e6, -3e38, 3e38, np.inf, -np.inf, np.nan], F)


def features(n: int) -> np.ndarray:
    x = np.random.default_rng(n).standard_normal(n).astype(F)
    x[: len(EXTREMES)] = EXTREMES[:n]
    return x


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_reaches(n) -> None:
    x = features(n)
    for edges in (x.copy(), np.nextafter(x, F(np.inf)), np.zeros(n, F)):
        for cut in ranges(n):
            y = np.full(n, 7, F)
            for begin, end in cut:
                call("ep_reaches_f32__ref", x, edges, y, begin, end)
            assert_same_bits(y, (x >= edges).astype(F))


@pytest.mark.parametrize("n", [1, 3, 40])
def test_count_edges(n) -> None:
    rng = np.random.default_rng(n)
    x = features(n)
    # Lists without edges, with equal ones, and with the number itself.
    rows = [
        np.sort(np.append(rng.choice(x, rng.integers(0, 9)), x[:1])[: rng.integers(0, 9)]) for _ in range(n)
    ]
    rows = [row[~np.isnan(row)] for row in rows]
    starts = np.cumsum([0, *map(len, rows)]).astype(np.uint32)
    edges = np.concatenate([*rows, np.zeros(1)]).astype(F)
    wanted = np.array([(value >= row).sum() for value, row in zip(x, rows, strict=True)], F)
    for cut in ranges(n):
        y = np.full(n, 7, F)
        for begin, end in cut:
            call("ep_count_edges_f32__ref", x, starts, edges, y, begin, end)
        assert_same_bits(y, wanted)


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(("n", "degree"), [(1, 1), (1, 4), (2, 1), (5, 2), (13, 3), (3, 6)])
def test_products(n, degree, in_order) -> None:
    x = features(n)
    # n stands for 1.
    terms = np.array([*itertools.combinations_with_replacement(range(n + 1), degree)])[:, ::-1]
    if not in_order:
        terms = np.random.default_rng(n).permutation(terms)
    op = Polynomial(("x",), "y", "test", terms)
    starts, factors = op.device_runs(n)
    assert len(factors) < len(terms) or not in_order or len(terms) <= 2 or n == 1
    padded = np.append(x, F(1))
    with np.errstate(all="ignore"):
        wanted = np.ones(len(terms), F)
        for column in terms.T:
            wanted = wanted * padded[column]
    tables = (starts.astype(np.uint32), factors.astype(np.uint16))
    for cut in ranges(len(terms)):
        y = np.full(len(terms), 7, F)
        for begin, end in cut:
            call("ep_products_f32__ref", x, *tables, y, len(factors), n, degree, begin, end)
        assert_same_bits(y, wanted)


@pytest.mark.parametrize("n", [1, 2, 40])
def test_missing_values(n) -> None:
    x = features(n)
    x[::3] = np.nan
    x[1::3] = -1
    fill = np.arange(n, dtype=F) + F(0.5)
    for cut in ranges(n):
        found = [np.full(n, 7, F) for _ in range(4)]
        for begin, end in cut:
            call("ep_fill_nan_f32__ref", x, fill, found[0], begin, end)
            call("ep_fill_number_f32__ref", x, -1.0, fill, found[1], begin, end)
            call("ep_nan_flags_f32__ref", x, found[2], begin, end)
            call("ep_number_flags_f32__ref", x, -1.0, found[3], begin, end)
        wanted = [np.where(np.isnan(x), fill, x), np.where(x == -1, fill, x), np.isnan(x), x == -1]
        for y, answer in zip(found, wanted, strict=True):
            assert_same_bits(y, answer)


@pytest.mark.parametrize("n", [1, 3, 40])
def test_category_codes_and_their_flags(n) -> None:
    rng = np.random.default_rng(n)
    rows = [np.sort(rng.choice(np.arange(-9, 9), rng.integers(0, 9), replace=False)) for _ in range(n)]
    starts = np.cumsum([0, *map(len, rows)]).astype(np.uint32)
    categories = np.concatenate([*rows, [0]]).astype(F)
    codes = rng.integers(0, 5, len(categories)).astype(F)
    unknown, missing = np.full(n, -1, F), np.full(n, np.nan, F)
    unknown[::2], missing[::2] = np.nan, 2.0
    flag_starts = np.cumsum([0, *rng.integers(1, 6, n)]).astype(np.uint32)
    for _ in range(5):
        x = np.array([rng.choice([*row, 0.5, np.nan, np.inf, -0.0]) for row in rows], F)
        wanted = np.where(np.isnan(x), missing, unknown)
        for f, row in enumerate(rows):
            at = np.flatnonzero(row == x[f])
            wanted[f] = codes[starts[f] + at[0]] if len(at) else wanted[f]
        places = np.concatenate([np.arange(b - a) for a, b in itertools.pairwise(flag_starts)])
        flags = np.repeat(wanted, np.diff(flag_starts)) == places
        for cut in ranges(n):
            y, set_ = np.full(n, 7, F), np.full(flag_starts[-1], 7, F)
            for begin, end in cut:
                call(
                    "ep_category_codes_f32__ref",
                    x,
                    starts,
                    categories,
                    codes,
                    unknown,
                    missing,
                    y,
                    begin,
                    end,
                )
                call("ep_place_flags_f32__ref", y, flag_starts, set_, begin, end)
            assert_same_bits(y, wanted)
            assert_same_bits(set_, flags)
