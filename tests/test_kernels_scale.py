# SPDX-License-Identifier: Apache-2.0
"""Per-feature maps, against numpy's float32 operations one by one."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

EXTREMES = np.array(
    [0.0, -0.0, 1e-45, -1e-38, 1e-8, 1.0, 0.1, 1e6, 1e6 + 0.0625, 1e8, -3e38, 3e38, np.inf, -np.inf, np.nan],
    np.float32,
)


def inputs(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(n)
    columns = [(rng.standard_normal(n) * 10.0 ** rng.integers(-8, 9, n)).astype(np.float32) for _ in range(4)]
    if n >= len(EXTREMES):
        for column in columns:
            column[: len(EXTREMES)] = rng.permutation(EXTREMES)
    return columns


def scale(x, high, low, factor):
    return ((x - high) - low) * factor


def affine(x, factor, addend):
    return x * factor + addend


def clip(x, lowest, highest):
    return np.where(np.isnan(x), x, np.minimum(np.maximum(x, lowest), highest))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 129])
@pytest.mark.parametrize(("name", "reference", "parameters"), [("scale", scale, 3), ("affine", affine, 2)])
def test_equals_numpy(name, reference, parameters, n) -> None:
    x, *table = inputs(n)
    table = table[:parameters]
    with np.errstate(all="ignore"):
        wanted = reference(x, *table)
    for cut in ranges(n):
        y = np.full(n, 7.0, np.float32)
        for begin, end in cut:
            call(f"ep_{name}_f32__ref", x, *table, y, begin, end)
        assert_same_bits(y, wanted)
    call(f"ep_{name}_f32__ref", x, *table, x, 0, n)
    assert_same_bits(x, wanted)


@pytest.mark.parametrize("n", [1, 3, 64])
def test_clip(n) -> None:
    x, a, b, _ = inputs(n)
    lowest, highest = np.fmin(np.nan_to_num(a), np.nan_to_num(b)), np.fmax(np.nan_to_num(a), np.nan_to_num(b))
    for cut in ranges(n):
        y = np.zeros(n, np.float32)
        for begin, end in cut:
            call("ep_clip_f32__ref", x, lowest, highest, y, begin, end)
        np.testing.assert_array_equal(y, clip(x, lowest, highest))


def test_a_range_writes_nothing_else() -> None:
    x, high, low, factor = inputs(16)
    y = np.full(16, 7.0, np.float32)
    call("ep_scale_f32__ref", x, high, low, factor, y, 5, 9)
    assert (y[:5] == 7.0).all()
    assert (y[9:] == 7.0).all()


def test_the_product_is_rounded_before_the_sum() -> None:
    """1 + 2^-12 squared needs 25 bits; a fused operation would keep the last one."""
    x = np.array([1 + 2.0**-12], np.float32)
    y = np.zeros(1, np.float32)
    call("ep_affine_f32__ref", x, x, np.array([-(1 + 2.0**-11)], np.float32), y, 0, 1)
    assert y[0] == 0.0


def test_two_part_offset_keeps_small_differences() -> None:
    """An offset of 1e6 + 1e-3 is no float: one part alone would miss the difference by more than itself."""
    offset = 1e6 + 1e-3
    high = np.array([offset], np.float32)
    low = np.array([offset - float(high[0])], np.float32)
    x = np.array([1e6 + 0.0625], np.float32)
    y = np.zeros(1, np.float32)
    call("ep_scale_f32__ref", x, high, low, np.ones(1, np.float32), y, 0, 1)
    assert abs(float(y[0]) - (float(x[0]) - offset)) <= 2.0**-24 * abs(float(x[0]) - offset) * 2
