# SPDX-License-Identifier: Apache-2.0
"""From scores to a class index, by numpy's rules."""

import numpy as np
import pytest

from tests.kernel_library import call

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    "values",
    [
        [1.0], [NAN], [1.0, 2.0, 2.0], [2.0, 1.0, 2.0], [-INF, -INF], [-INF, -3e38], [INF, INF], [NAN, INF],
        [1.0, NAN, NAN], [5.0, NAN], [-0.0, 0.0], [0.0, -0.0], [-1.0, -2.0, -0.5, -0.5],
    ],
)  # fmt: skip
def test_argmax_and_argmin_f32(values) -> None:
    x = np.array(values, np.float32)
    assert call("ep_argmax_f32__ref", x, len(x)) == np.argmax(x)
    assert call("ep_argmin_f32__ref", x, len(x)) == np.argmin(x)


def test_argmax_and_argmin_f32_random() -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 40):
        x = rng.integers(-3, 3, n).astype(np.float32)
        x[rng.random(n) < 0.02] = NAN
        assert call("ep_argmax_f32__ref", x, n) == np.argmax(x)
        assert call("ep_argmin_f32__ref", x, n) == np.argmin(x)


@pytest.mark.parametrize(
    "values", [[0], [-1, -1], [1, 3, 3], [3, 1, 3], [-(2**31), 2**31 - 1], [2**31 - 1, -(2**31)]]
)
def test_argmax_i32(values) -> None:
    assert call("ep_argmax_i32__ref", np.array(values, np.int32), len(values)) == np.argmax(values)


@pytest.mark.parametrize(
    ("score", "threshold", "wanted"),
    [
        (0.0, 0.0, 0),
        (1e-45, 0.0, 1),
        (-1e-45, 0.0, 0),
        (-0.0, 0.0, 0),
        (0.5, 0.5, 0),
        (0.6, 0.5, 1),
        (NAN, 0.0, 0),
        (INF, 0.0, 1),
    ],
)
def test_positive(score, threshold, wanted) -> None:
    assert call("ep_positive_f32__ref", score, threshold) == wanted
