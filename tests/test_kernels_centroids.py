# SPDX-License-Identifier: Apache-2.0
"""Distances to centroids, square by square and sum by sum in float32."""

import numpy as np
import pytest

from edgepar.passes.blocks import Cut
from tests.kernel_library import assert_same_bits, call, fused, ranges

F = np.float32

#: rows, cols, block, chunk_len: one row, one column, last chunks that are full, short and single, last blocks likewise.
SHAPES = [
    (1, 1, 1, 1), (1, 64, 1, 8), (2, 13, 2, 5), (3, 7, 2, 3), (10, 64, 5, 16), (10, 64, 10, 64), (14, 17, 4, 16),
    (4, 33, 3, 1), (7, 3, 6, 3),
]  # fmt: skip


def apart(d, same, total):
    return total + d * same


ARITHMETIC = {"ep_centroids_f32__ref": apart, "ep_centroids_fma_f32__ref": fused}


def step_partials(x, centroids, add, cut):
    """Sums of every unit, block by block: padded rows are distances to 0."""
    table = cut.table(centroids).astype(F)
    parts = []
    for unit, columns in enumerate(table.reshape(cut.units, cut.chunk_len, cut.block)):
        start = unit % cut.chunks * cut.chunk_len
        d = x[start] - columns[0]
        total = d * d
        for i in range(1, min(cut.chunk_len, cut.cols - start)):
            d = x[start + i] - columns[i]
            total = add(d, d, total)
        parts.append(total)
    return np.concatenate(parts)


@pytest.mark.parametrize("kernel", ARITHMETIC)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-22, 1e19])
def test_bits_for_every_split(kernel, shape, scale) -> None:
    cut = Cut(*shape)
    rng = np.random.default_rng(cut.rows * 1000 + cut.cols)
    centroids = (rng.standard_normal((cut.rows, cut.cols)) * scale).astype(F)
    x = (rng.standard_normal(cut.cols) * scale).astype(F)
    with np.errstate(all="ignore"):
        wanted = step_partials(x, centroids, ARITHMETIC[kernel], cut)
        chunks = wanted.reshape(cut.blocks, cut.chunks, cut.block)
        total = chunks[:, 0]
        for k in range(1, cut.chunks):
            total = total + chunks[:, k]
        squares = total.reshape(-1)[: cut.rows]
    table = np.ascontiguousarray(cut.table(centroids), dtype=F).reshape(cut.units, -1)
    for pieces in ranges(cut.units):
        partial, moved = (np.full(cut.units * cut.block, 7.0, F) for _ in range(2))
        for begin, end in pieces:
            call(kernel, x, table, partial, cut.cols, cut.block, cut.chunk_len, 0, begin, end)
            # The same units from pointers that belong to the first of them.
            if begin < end:
                call(
                    kernel, x, table[begin:], moved[begin * cut.block :], cut.cols, cut.block, cut.chunk_len, begin, 0,
                    end - begin,
                )  # fmt: skip
        assert_same_bits(partial, wanted)
        assert_same_bits(moved, wanted)
    for pieces in ranges(cut.rows):
        found, distances, alone = (np.full(cut.rows, 7.0, F) for _ in range(3))
        for begin, end in pieces:
            sizes = (cut.block, cut.chunks, begin, end)
            call("ep_centroids_combine_f32__ref", partial, found, distances, *sizes)
            call("ep_centroids_combine_f32__ref", partial, alone, None, *sizes)
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
    call("ep_centroids_f32__ref", np.array([1e6 + 0.5], F), np.array([1e6], F), partial, 1, 1, 1, 0, 0, 1)
    assert partial[0] == 0.25
