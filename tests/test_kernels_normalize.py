# SPDX-License-Identifier: Apache-2.0
"""Normalizer: norms step by step in float32, and the results against scikit-learn in float64."""

import numpy as np
import pytest
from sklearn.preprocessing import Normalizer

from tests.kernel_library import assert_same_bits, call, ranges

U = 2.0**-24
F = np.float32


def step_norm(norm: str, x: np.ndarray) -> np.float32:
    if norm == "max":
        return np.abs(x).max()
    if norm == "l1":
        total = np.abs(x[0])
        for v in x[1:]:
            total = total + np.abs(v)
        return total
    exponent = int(np.clip(np.frexp(np.abs(x).max())[1] - 1, -126, 126))
    down, up = F(2.0**-exponent), F(2.0**exponent)
    total = (x[0] * down) * (x[0] * down)
    for v in x[1:]:
        total = total + (v * down) * (v * down)
    return np.sqrt(total) * up


SAMPLES = [
    np.array([3.0, -4.0], F),
    np.array([-1e-3], F),
    np.array([1e30, -3e29, 5e28, 0.0], F),
    np.array([1e-30, 2e-30, -3e-31], F),
    np.array([1e-45, 3e-45, -1e-44], F),
    np.array([1e38, 1e38, -1e38], F),
    np.array([1e-8, 1e8, 1.0], F),
    np.random.default_rng(0).standard_normal(200).astype(F),
    np.full(1797, 0.1, F),
]


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("x", SAMPLES, ids=lambda x: f"{x[0]:g}x{len(x)}")
def test_norm_and_division(norm: str, x: np.ndarray) -> None:
    got = F(call(f"ep_norm_{norm}_f32__ref", x, len(x), 0.0))
    assert_same_bits(got, step_norm(norm, x))
    for cut in ranges(len(x)) if len(x) < 300 else [[(0, 700), (700, len(x))]]:
        y = np.full(len(x), 7.0, F)
        for begin, end in cut:
            call("ep_divide_f32__ref", x, float(got), y, begin, end)
        assert_same_bits(y, x / got)


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("x", SAMPLES, ids=lambda x: f"{x[0]:g}x{len(x)}")
def test_against_scikit_learn(norm: str, x: np.ndarray) -> None:
    """n roundings in a sum of positive terms, 4 around it, 1 of the quotient; a denormal norm misses by its spacing."""
    smallest = 10 * np.finfo(np.float64).eps  # scikit-learn leaves samples of smaller norm alone
    wanted = Normalizer(norm=norm).fit_transform(x[None].astype(np.float64))[0]
    value = call(f"ep_norm_{norm}_f32__ref", x, len(x), smallest)
    y = np.zeros(len(x), F)
    call("ep_divide_f32__ref", x, value, y, 0, len(x))
    bound = (len(x) + 5) * U * np.abs(wanted) + 2.0**-149
    assert (np.abs(y - wanted) <= bound).all()


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_samples_left_alone(norm: str) -> None:
    name = f"ep_norm_{norm}_f32__ref"
    assert call(name, np.zeros(5, F), 5, 0.0) == 1.0
    assert call(name, np.array([-0.0], F), 1, 0.0) == 1.0
    small = np.array([1e-16], F)
    assert call(name, small, 1, 1e-15) == 1.0
    assert call(name, small, 1, 0.0) != 1.0


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_infinity_and_nan_are_not_hidden(norm: str, bad: float) -> None:
    x = np.array([1.0, bad, 2.0], F)
    assert_same_bits(call(f"ep_norm_{norm}_f32__ref", x, 3, 0.0), abs(bad))
