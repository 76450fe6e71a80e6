# SPDX-License-Identifier: Apache-2.0
"""Distances to centroids, square by square and sum by sum in float32."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32

#: rows, cols, stride, chunk_len: one row, one column, last chunks that are full, short and single.
SHAPES = [
    (1, 1, 1, 1), (1, 64, 64, 8), (2, 13, 13, 5), (3, 7, 9, 3), (10, 64, 65, 16), (14, 17, 17, 16), (4, 33, 40, 1),
    (7, 3, 3, 100),
]  # fmt: skip


def step_partials(x, centroids, cols, chunk_len):
    d = x - centroids[:, :cols]
    sums = []
    for first in range(0, cols, chunk_len):
        total = d[:, first] * d[:, first]
        for i in range(first + 1, min(first + chunk_len, cols)):
            total = total + d[:, i] * d[:, i]
        sums.append(total)
    return np.concatenate(sums)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-22, 1e19])
def test_bits_for_every_split(shape, scale) -> None:
    rows, cols, stride, chunk_len = shape
    chunks = -(-cols // chunk_len)
    rng = np.random.default_rng(rows * 1000 + cols)
    centroids = np.full((rows, stride), np.nan, F)  # what is padding must not be read
    centroids[:, :cols] = rng.standard_normal((rows, cols)) * scale
    x = (rng.standard_normal(cols) * scale).astype(F)
    with np.errstate(over="ignore"):
        wanted = step_partials(x, centroids, cols, chunk_len)
        squares = wanted[:rows]
        for k in range(1, chunks):
            squares = squares + wanted[k * rows : (k + 1) * rows]
    for cut in ranges(rows * chunks):
        partial = np.full(rows * chunks, 7.0, F)
        for begin, end in cut:
            call("ep_centroids_f32__ref", x, centroids, partial, rows, cols, stride, chunk_len, begin, end)
        assert_same_bits(partial, wanted)
    for cut in ranges(rows):
        found, distances, alone = (np.full(rows, 7.0, F) for _ in range(3))
        for begin, end in cut:
            call("ep_centroids_combine_f32__ref", partial, found, distances, rows, chunks, begin, end)
            call("ep_centroids_combine_f32__ref", partial, alone, None, rows, chunks, begin, end)
        assert_same_bits(found, squares)
        assert_same_bits(alone, squares)
        assert_same_bits(distances, np.sqrt(squares))


def test_roots_are_correctly_rounded() -> None:
    x = np.concatenate([10.0 ** np.arange(-44, 38), [0.0, 2.0, np.inf]]).astype(F)
    for cut in ranges(len(x)):
        y = np.full(len(x), 7.0, F)
        for begin, end in cut:
            call("ep_root_f32__ref", x, y, begin, end)
        assert_same_bits(y, np.sqrt(x))


def test_an_offset_that_both_share_cancels() -> None:
    partial = np.ones(1, F)
    call("ep_centroids_f32__ref", np.array([1e6 + 0.5], F), np.array([[1e6]], F), partial, 1, 1, 1, 1, 0, 1)
    assert partial[0] == 0.25
