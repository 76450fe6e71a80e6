# SPDX-License-Identifier: Apache-2.0
"""The dense layer, product by product and sum by sum in float32."""

import numpy as np
import pytest

from edgepar.passes.blocks import Cut
from edgepar.passes.blocks import cut as cut_of
from edgepar.passes.lower_linear import DENSE_WORK
from tests.kernel_library import assert_same_bits, call, fused, ranges

F = np.float32


def apart(weights, x, total):
    return total + weights * x


def step_partials(x, weights, add, cut):
    """Sums of every unit, block by block: padded rows are sums of zeros."""
    table = cut.table(weights).astype(F)
    parts = []
    for unit, columns in enumerate(table.reshape(cut.units, cut.chunk_len, cut.block)):
        start = unit % cut.chunks * cut.chunk_len
        total = columns[0] * x[start]
        for i in range(1, min(cut.chunk_len, cut.cols - start)):
            total = add(columns[i], x[start + i], total)
        parts.append(total)
    return np.concatenate(parts)


def step_combine(partials, bias, cut):
    chunks = partials.reshape(cut.blocks, cut.chunks, cut.block)
    total = chunks[:, 0]
    for k in range(1, cut.chunks):
        total = total + chunks[:, k]
    return total.reshape(-1)[: cut.rows] + bias


#: rows, cols, block, chunk_len: one row, one column, last chunks that are full, short and single, last blocks likewise.
SHAPES = [
    (1, 1, 1, 1), (1, 64, 1, 64), (1, 64, 1, 8), (2, 13, 2, 5), (3, 7, 2, 3), (10, 64, 5, 16), (10, 64, 10, 64),
    (5, 17, 4, 16), (4, 33, 3, 1), (26, 130, 9, 33), (7, 3, 6, 3),
]  # fmt: skip
ARITHMETIC = {"ep_dense_f32__ref": apart, "ep_dense_fma_f32__ref": fused}
KINDS = ["plain", "wide", "extreme"]


def data(kind, rows, cols):
    rng = np.random.default_rng(rows * 1000 + cols)
    weights = rng.standard_normal((rows, cols)).astype(F)
    x = rng.standard_normal(cols).astype(F)
    if kind == "wide":
        x *= (10.0 ** rng.integers(-20, 20, cols)).astype(F)
        weights *= (10.0 ** rng.integers(-18, 18, (rows, cols))).astype(F)
    if kind == "extreme":
        x[rng.integers(0, cols, 2)] = rng.choice(np.array([np.inf, np.nan, 3e38, -0.0, 1e-45], F), 2)
        weights[rng.integers(0, rows), :] = 3e38
    return x, weights, rng.standard_normal(rows).astype(F)


@pytest.mark.parametrize("kernel", ARITHMETIC)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_bits_for_every_split(kernel, shape, kind) -> None:
    cut = Cut(*shape)
    x, weights, bias = data(kind, cut.rows, cut.cols)
    with np.errstate(all="ignore"):
        wanted = step_partials(x, weights, ARITHMETIC[kernel], cut)
        wanted_y = step_combine(wanted, bias, cut)
    table = np.ascontiguousarray(cut.table(weights), dtype=F).reshape(-1)
    for pieces in ranges(cut.units):
        partial = np.full(cut.units * cut.block, 7.0, F)
        for begin, end in pieces:
            call(kernel, x, table, partial, cut.cols, cut.block, cut.chunk_len, 0, begin, end)
        assert_same_bits(partial, wanted)
    for pieces in ranges(cut.rows):
        y = np.full(cut.rows, 7.0, F)
        for begin, end in pieces:
            call("ep_dense_combine_f32__ref", partial, bias, y, cut.block, cut.chunks, begin, end)
        assert_same_bits(y, wanted_y)


@pytest.mark.parametrize("kernel", ARITHMETIC)
def test_a_run_of_units_counts_from_its_own_pointers(kernel) -> None:
    cut = Cut(10, 33, 4, 5)
    x, weights, _ = data("plain", cut.rows, cut.cols)
    table = np.ascontiguousarray(cut.table(weights), dtype=F).reshape(cut.units, -1)
    wanted = step_partials(x, weights, ARITHMETIC[kernel], cut).reshape(cut.units, cut.block)
    for first, end in [(0, cut.units), (3, 9), (7, 8), (20, 21)]:
        run, partial = table[first:end].copy(), np.zeros((end - first, cut.block), F)
        call(kernel, x, run, partial, cut.cols, cut.block, cut.chunk_len, first, 0, end - first)
        assert_same_bits(partial, wanted[first:end])


def test_products_are_rounded_before_they_are_added_or_not_by_name() -> None:
    x = np.array([-(1 + 2.0**-11), 1 + 2.0**-12], F)
    weights = np.array([1.0, 1 + 2.0**-12], F)
    for name, wanted in (("ep_dense_f32__ref", 0.0), ("ep_dense_fma_f32__ref", 2.0**-24)):
        partial = np.ones(1, F)
        call(name, x, weights, partial, 2, 1, 2, 0, 0, 1)
        assert partial[0] == wanted


@pytest.mark.parametrize("kernel", ARITHMETIC)
def test_minus_zero_survives(kernel) -> None:
    """A sum that started from +0 would lose it."""
    partial = np.ones(1, F)
    call(kernel, np.array([-0.0], F), np.ones(1, F), partial, 1, 1, 1, 0, 0, 1)
    assert_same_bits(partial, [-0.0])


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 14, 100])
@pytest.mark.parametrize("cols", [1, 2, 7, 13, 64, 200, 784, 5000])
def test_units_cover_the_matrix(rows: int, cols: int) -> None:
    found = cut_of(rows, cols, DENSE_WORK)
    assert 1 <= found.block <= DENSE_WORK.most_rows
    assert (found.blocks - 1) * found.block < rows <= found.blocks * found.block
    assert (found.chunks - 1) * found.chunk_len < cols <= found.chunks * found.chunk_len
    matrix = np.arange(1.0, rows * cols + 1).reshape(rows, cols)
    table = found.table(matrix)
    assert table.shape == (found.blocks, found.chunks, found.chunk_len, found.block)
    assert sorted(table[table > 0].tolist()) == matrix.reshape(-1).tolist()
