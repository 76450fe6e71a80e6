# SPDX-License-Identifier: Apache-2.0
"""The dense layer, product by product and sum by sum in float32."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32


def step_partials(x, weights, cols, chunk_len):
    sums = []
    for first in range(0, cols, chunk_len):
        total = weights[:, first] * x[first]
        for i in range(first + 1, min(first + chunk_len, cols)):
            total = total + weights[:, i] * x[i]
        sums.append(total)
    return np.concatenate(sums)


def step_combine(partials, bias, rows, chunks):
    total = partials[:rows]
    for k in range(1, chunks):
        total = total + partials[k * rows : (k + 1) * rows]
    return total + bias


#: rows, cols, stride, chunk_len: one row, one column, last chunks that are full, short and single.
SHAPES = [
    (1, 1, 1, 1), (1, 64, 64, 64), (1, 64, 64, 8), (2, 13, 13, 5), (3, 7, 9, 3), (10, 64, 65, 16), (10, 64, 65, 64),
    (5, 17, 17, 16), (4, 33, 40, 1), (26, 130, 131, 33), (7, 3, 3, 100),
]  # fmt: skip
KINDS = ["plain", "wide", "extreme"]


def data(kind, rows, cols, stride):
    rng = np.random.default_rng(rows * 1000 + cols)
    weights = rng.standard_normal((rows, stride)).astype(F)
    x = rng.standard_normal(cols).astype(F)
    if kind == "wide":
        x *= (10.0 ** rng.integers(-20, 20, cols)).astype(F)
        weights *= (10.0 ** rng.integers(-18, 18, (rows, stride))).astype(F)
    if kind == "extreme":
        x[rng.integers(0, cols, 2)] = rng.choice(np.array([np.inf, np.nan, 3e38, -0.0, 1e-45], F), 2)
        weights[rng.integers(0, rows), :] = 3e38
    return x, weights, rng.standard_normal(rows).astype(F)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_bits_for_every_split(shape, kind) -> None:
    rows, cols, stride, chunk_len = shape
    chunks = -(-cols // chunk_len)
    x, weights, bias = data(kind, rows, cols, stride)
    with np.errstate(all="ignore"):
        wanted = step_partials(x, weights, cols, chunk_len)
        wanted_y = step_combine(wanted, bias, rows, chunks)
    for cut in ranges(rows * chunks):
        partial = np.full(rows * chunks, 7.0, F)
        for begin, end in cut:
            call("ep_dense_f32__ref", x, weights, partial, rows, cols, stride, chunk_len, begin, end)
        assert_same_bits(partial, wanted)
    for cut in ranges(rows):
        y = np.full(rows, 7.0, F)
        for begin, end in cut:
            call("ep_dense_combine_f32__ref", partial, bias, y, rows, chunks, begin, end)
        assert_same_bits(y, wanted_y)


def test_padding_is_never_read() -> None:
    weights = np.full((3, 8), np.nan, F)
    weights[:, :5] = 1.0
    partial = np.zeros(3, F)
    call("ep_dense_f32__ref", np.ones(5, F), weights, partial, 3, 5, 8, 5, 0, 3)
    assert (partial == 5.0).all()


def test_products_are_rounded_before_they_are_added() -> None:
    x = np.array([-(1 + 2.0**-11), 1 + 2.0**-12], F)
    weights = np.array([[1.0, 1 + 2.0**-12]], F)
    partial = np.ones(1, F)
    call("ep_dense_f32__ref", x, weights, partial, 1, 2, 2, 2, 0, 1)
    assert partial[0] == 0.0


def test_minus_zero_survives() -> None:
    """A sum that started from +0 would lose it."""
    partial = np.ones(1, F)
    call("ep_dense_f32__ref", np.array([-0.0], F), np.ones((1, 1), F), partial, 1, 1, 1, 1, 0, 1)
    assert_same_bits(partial, [-0.0])
