# SPDX-License-Identifier: Apache-2.0
"""Distances to the rows of a table, bit by bit against the same steps in float32."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, fused, ranges
from tests.kernel_samples import HARD

F = np.float32


def summed(terms):
    total = np.zeros(len(terms), F)
    for column in terms.T:
        total = total + column
    return total


def fused_squares(d):
    total = np.zeros(len(d), F)
    for column in d.T:
        total = fused(column, column, total)
    return total


def largest(terms):
    bits = np.where(np.isnan(terms), F(np.nan), terms).view(np.uint32)
    return bits.max(axis=1).view(F)


def power(d, p):
    out = d
    for _ in range(p - 1):
        out = out * d
    return out


#: Kernel -> what it takes after out, and its steps on |x - row|.
KERNELS = {
    "ep_sqeuclidean_f32__ref": ((), lambda d: summed(d * d)),
    "ep_sqeuclidean_fma_f32__ref": ((), fused_squares),
    "ep_manhattan_f32__ref": ((), summed),
    "ep_chebyshev_f32__ref": ((), largest),
    "ep_power_distance_f32__ref": ((3,), lambda d: summed(power(d, 3))),
}
SHAPES = [(1, 1, 1), (5, 1, 2), (9, 2, 3), (7, 64, 65), (13, 31, 31)]


def data(kind, rows, cols, stride):
    rng = np.random.default_rng(rows * 100 + cols)
    if kind == "hard":
        return rng.choice(HARD, cols).astype(F), rng.choice(HARD, (rows, stride)).astype(F)
    return rng.standard_normal(cols).astype(F), rng.standard_normal((rows, stride)).astype(F)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["plain", "hard"])
def test_bits_for_every_split(name, shape, kind) -> None:
    rows, cols, stride = shape
    x, table = data(kind, rows, cols, stride)
    parameters, steps = KERNELS[name]
    with np.errstate(all="ignore"):
        wanted = steps(np.abs(x - table[:, :cols]))
    for cut in ranges(rows):
        out = np.full(rows, 7.0, F)
        for begin, end in cut:
            call(name, x, table, out, *parameters, cols, stride, begin, end)
        assert_same_bits(out, wanted)


@pytest.mark.parametrize("name", KERNELS)
def test_rows_are_counted_from_the_pointers(name) -> None:
    """Tiles of a streamed table: the same bits from wherever the rows lie."""
    x, table = data("plain", 8, 5, 7)
    parameters, _ = KERNELS[name]
    whole, parts = np.zeros(8, F), np.zeros(8, F)
    call(name, x, table, whole, *parameters, 5, 7, 0, 8)
    for first in (0, 3, 6):
        count = min(3, 8 - first)
        tile, out = table[first : first + count].copy(), np.zeros(count, F)
        call(name, x, tile, out, *parameters, 5, 7, 0, count)
        parts[first : first + count] = out
    assert_same_bits(parts, whole)


@pytest.mark.parametrize("p", [0.5, 1.5, 2.0, 3.7, 9.25])
def test_minkowski_within_its_bound(p) -> None:
    """docs/kernels.md: a term of an exact d is off by (4 p |log d| + 2) U of itself, a sum of n by n U."""
    rng = np.random.default_rng(3)
    x, table = rng.standard_normal(12).astype(F) * F(5), rng.standard_normal((50, 13)).astype(F)
    table[:5, :4] = x[:4]
    out = np.zeros(50, F)
    call("ep_minkowski_f32__ref", x, table, out, p, 12, 13, 0, 50)
    d = np.abs(x - table[:, :12]).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(d > 0, np.abs(np.log(d)), 0.0)
    u = 2.0**-24
    bound = (d**p * (4 * p * log + 2 + 12) * u).sum(axis=1) * (1 + 2.0**-10)
    assert (np.abs(out - (d**p).sum(axis=1)) <= bound).all()


def test_padding_is_never_read() -> None:
    table = np.full((3, 8), np.nan, F)
    table[:, :5] = 1.0
    for name, (parameters, _) in KERNELS.items():
        out = np.zeros(3, F)
        call(name, np.ones(5, F), table, out, *parameters, 5, 8, 0, 3)
        assert_same_bits(out, np.zeros(3, F))
