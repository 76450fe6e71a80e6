# SPDX-License-Identifier: Apache-2.0
"""Probabilities of scores that were made apart, against float64, where a double has room and where it has none."""

import numpy as np
import pytest

from edgepar.ops import Activation
from tests.kernel_library import assert_same_bits, call

F = np.float32


def apply(name: str, x: object) -> np.ndarray:
    """The kernel's answer, computed into another array and in place."""
    x = np.array(x, F)
    y, z = np.full(len(x), 7.0, F), x.copy()
    call(f"ep_{name}_f32__ref", x, y, len(x))
    call(f"ep_{name}_f32__ref", z, z, len(x))
    assert_same_bits(y, z)
    return y


def vectors():
    rng = np.random.default_rng(3)
    for n in (1, 2, 3, 10, 26):
        for scale in (1e-30, 1e-3, 0.5, 2.0, 60.0, 1e4, 1e38):
            for offset in (0.0, -1.5, -100.0, -600.0, -708.0, -1e6):
                yield (offset + scale * rng.uniform(-1, 1, n)).astype(F)


@pytest.mark.parametrize("kind", ["one_vs_rest", "modified_huber"])
def test_shares_are_within_their_bound(kind) -> None:
    op = Activation(("x",), "y", "test", kind)
    for x in vectors():
        x64 = x.astype(np.float64)[None]
        wanted = op.evaluate(x64)
        bound = op.bound((x64,), (np.zeros(x64.shape),), wanted)
        y = apply(kind, x)
        assert (np.abs(y - wanted) <= bound).all(), x
        assert abs(y.astype(np.float64).sum() - 1) < 1e-5
        if not (np.abs(x + 709.7827) < 1e-3).any():
            assert bound.max() < 2e-5, x


@pytest.mark.parametrize("kind", ["one_vs_rest", "modified_huber"])
@pytest.mark.parametrize("off", [1e-6, 1e-2])
def test_shares_of_scores_that_are_off(kind, off) -> None:
    rng = np.random.default_rng(4)
    op = Activation(("x",), "y", "test", kind)
    for x in vectors():
        errors = np.full((1, len(x)), off) + np.abs(x) * 2.0**-24
        x64 = x.astype(np.float64)[None]
        wanted = op.evaluate(x64)
        y = apply(kind, x + rng.uniform(-off, off, len(x)))
        assert (np.abs(y - wanted) <= op.bound((x64,), (errors,), wanted)).all(), x


def test_a_pair_of_modified_huber() -> None:
    op = Activation(("x",), "y", "test", "binary_modified_huber")
    for s in (-3e38, -1.0, -0.9999999, -0.5, 0.0, 1e-9, 0.3, 1.0, 5.0):
        pair, x = np.zeros(2, F), np.array([[F(s)]], np.float64)
        call("ep_binary_modified_huber_f32__ref", s, pair)
        wanted = op.evaluate(x)
        assert (np.abs(pair - wanted[0]) <= op.bound((x,), (np.zeros((1, 1)),), wanted)[0]).all()


@pytest.mark.parametrize(
    ("kind", "x", "wanted"),
    [
        ("one_vs_rest", [-710.0, -5000.0], [0.5, 0.5]), ("one_vs_rest", [-709.0, -1e30], [1, 0]),
        ("one_vs_rest", [np.inf, -np.inf], [1, 0]), ("one_vs_rest", [np.nan, 0.0], [np.nan, np.nan]),
        ("one_vs_rest", [0.0, np.nan], [np.nan, np.nan]), ("one_vs_rest", [7.0], [1]),
        ("modified_huber", [-1.0, -2.0, -1e30, -np.inf], [0.25] * 4), ("modified_huber", [-1.0, 0.0], [0, 1]),
        ("modified_huber", [np.nan, 0.0], [np.nan, np.nan]), ("modified_huber", [1.0, 9.0], [0.5, 0.5]),
    ],
)  # fmt: skip
def test_ends(kind, x, wanted) -> None:
    assert_same_bits(apply(kind, x), wanted)
