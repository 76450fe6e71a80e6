# SPDX-License-Identifier: Apache-2.0
"""Joint log likelihoods: bit for bit against float32 steps, and the hard cases against float64."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32
SHRINKS = (1.0, 2.0**-56, 2.0**-110)


def tables(theta, var, stride):
    """high, low and r as the device holds them, padded with NaN to the stride."""
    padded = [np.full((len(theta), stride), np.nan, F) for _ in range(3)]
    with np.errstate(over="ignore"):
        high = theta.astype(F)
        for table, values in zip(padded, (high, theta - high, 1.0 / np.sqrt(2.0 * var)), strict=True):
            table[:, : theta.shape[1]] = values.astype(F)
    return padded


def step_partials(x, high, low, r, features, chunk_len, shrink=1.0):
    s = F(shrink)
    d = ((x * s - high[:, :features] * s) - low[:, :features] * s) * (r[:, :features] * s)
    sums = []
    for first in range(0, features, chunk_len):
        total = d[:, first] * d[:, first]
        for i in range(first + 1, min(first + chunk_len, features)):
            total = total + d[:, i] * d[:, i]
        sums.append(total)
    return np.concatenate(sums)


def device(x, theta, var, base, chunk_len):
    """jll as a generated program computes it, and how many times it ran the first step."""
    classes, features = theta.shape
    chunks = -(-features // chunk_len)
    high, low, r = tables(theta, var, features)
    partial, jll = np.zeros(chunks * classes, F), np.zeros(classes, F)
    sizes = (classes, features, features, chunk_len, 0, chunks * classes)
    call("ep_gaussian_nb_f32__ref", x, high, low, r, partial, *sizes)
    call("ep_gaussian_nb_combine_f32__ref", partial, base.astype(F), jll, classes, chunks, 0, classes)
    runs = 1
    for shrink in SHRINKS[1:]:
        if not call("ep_gaussian_nb_overflowed_f32__ref", jll, classes):
            break
        call("ep_gaussian_nb_shrunk_f32__ref", x, high, low, r, shrink, partial, *sizes)
        call("ep_gaussian_nb_combine_shrunk_f32__ref", partial, jll, classes, chunks)
        runs += 1
    return jll, runs


def exact(x, theta, var, base):
    with np.errstate(over="ignore"):
        return base - 0.5 * np.sum((x.astype(np.longdouble) - theta) ** 2 / var.astype(np.longdouble), axis=1)


SHAPES = [
    (1, 1, 1, 1),
    (2, 1, 1, 1),
    (3, 13, 13, 5),
    (10, 64, 65, 16),
    (14, 17, 20, 17),
    (14, 30, 30, 1),
    (5, 7, 7, 90),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-19, 1e18, 3e38])
def test_bits_for_every_split(shape, scale) -> None:
    classes, features, stride, chunk_len = shape
    chunks = -(-features // chunk_len)
    rng = np.random.default_rng(features)
    theta = rng.standard_normal((classes, features)) * min(scale, 3e37)
    var = rng.uniform(0.1, 10.0, (classes, features))
    x = (rng.standard_normal(features) * min(scale, 3e37)).astype(F)
    base = rng.standard_normal(classes).astype(F)
    high, low, r = tables(theta, var, stride)
    for shrink in SHRINKS:
        with np.errstate(all="ignore"):
            wanted = step_partials(x, high, low, r, features, chunk_len, shrink)
        for cut in ranges(classes * chunks):
            partial = np.full(classes * chunks, 7.0, F)
            for begin, end in cut:
                sizes = (classes, features, stride, chunk_len, begin, end)
                if shrink == 1.0:
                    call("ep_gaussian_nb_f32__ref", x, high, low, r, partial, *sizes)
                call("ep_gaussian_nb_shrunk_f32__ref", x, high, low, r, shrink, partial, *sizes)
            assert_same_bits(partial, wanted)
    call(
        "ep_gaussian_nb_f32__ref",
        x,
        high,
        low,
        r,
        partial,
        classes,
        features,
        stride,
        chunk_len,
        0,
        len(partial),
    )
    total = partial[:classes]
    with np.errstate(all="ignore"):
        for k in range(1, chunks):
            total = total + partial[k * classes : (k + 1) * classes]
        wanted = base - total
    for cut in ranges(classes):
        jll = np.full(classes, 7.0, F)
        for begin, end in cut:
            call("ep_gaussian_nb_combine_f32__ref", partial, base, jll, classes, chunks, begin, end)
        assert_same_bits(jll, wanted)


def spread(classes, features, offset, deviation, seed):
    rng = np.random.default_rng(seed)
    theta = offset + deviation * 3.0 * rng.standard_normal((classes, features))
    var = (deviation * rng.uniform(0.5, 2.0, (classes, features))) ** 2
    return theta, var, rng


@pytest.mark.parametrize(
    ("what", "offset", "deviation"),
    [
        ("features at +1e6 with small variance", 1e6, 0.25),
        ("features at -1e8", -1e8, 64.0),
        ("variances below 1e-38", 0.0, 3e-20),
        ("features near the largest float", 1e38, 1e36),
        ("plain", 0.0, 1.0),
    ],
)
def test_close_to_float64(what, offset, deviation) -> None:
    """Samples at the classes: the bound of GaussianNB.bound in edgepar/ops, with the offset's two parts exact."""
    theta, var, rng = spread(14, 20, offset, deviation, 3)
    base = rng.standard_normal(14)
    for c in range(14):
        x = (theta[c] + np.sqrt(var[c]) * rng.standard_normal(20)).astype(F)
        jll, runs = device(x, theta, var, base, 8)
        assert runs == 1
        wanted = exact(x, theta, var, base)
        u = 2.0**-24
        d = np.abs(x.astype(np.float64) - theta) / np.sqrt(2 * var)
        d_error = 4 * u * d + 2 * u**2 * np.abs(theta) / np.sqrt(2 * var)
        rough = (2 * d + d_error) * d_error
        q = (d * d + rough).sum(axis=1)
        bound = rough.sum(axis=1) + 23 * u * q + 2 * u * (np.abs(base) + np.abs(wanted)) + 1e-42
        assert (np.abs(jll - wanted) <= bound).all()
        assert np.argmax(jll) == np.argmax(wanted)


@pytest.mark.parametrize(
    ("what", "x_scale", "deviation", "runs"),
    [
        ("squares overflow", 1e6, 1e-19, 2),
        ("squares overflow by far", 1e20, 1e-19, 2),
        ("differences overflow once scaled", 1e30, 1e-38, 3),
        ("the difference itself overflows", 3e38, 1e-2, 2),
        ("everything overflows", 3e38, 1e-37, 3),
    ],
)
@pytest.mark.parametrize("chunk_len", [3, 20])
def test_far_samples_still_find_their_class(what, x_scale, deviation, runs, chunk_len) -> None:
    rng = np.random.default_rng(9)
    classes, features = 5, 20
    theta = x_scale * rng.uniform(-1.0, 1.0, (classes, features))
    var = np.maximum((deviation * rng.uniform(0.5, 2.0, (classes, features))) ** 2, 4e-76)
    base = np.zeros(classes)
    for _ in range(20):
        x = (x_scale * rng.uniform(-1.0, 1.0, features)).astype(F)
        jll, count = device(x, theta, var, base, chunk_len)
        wanted = exact(x, theta, var, base)
        assert count == runs
        assert np.argmax(jll) == np.argmax(wanted)
        assert jll.max() == 0.0
        assert np.sum(jll == 0.0) == 1
        assert np.isneginf(np.delete(jll, np.argmax(jll))).all()


def test_one_finite_class_is_enough() -> None:
    theta = np.array([[0.0], [1.0]])
    var = np.array([[1.0], [1e-60]])
    jll, runs = device(np.zeros(1, F), theta, var, np.zeros(2), 1)
    assert runs == 1
    assert_same_bits(jll, [0.0, -np.inf])


def test_overflowed_tells_infinity_from_nan() -> None:
    def ask(*values):
        return call("ep_gaussian_nb_overflowed_f32__ref", np.array(values, F), len(values))

    assert ask(-np.inf, -np.inf) == 1
    assert ask(-np.inf, -3e38) == 0
    assert ask(-np.inf, np.nan) == 0
    assert ask(np.inf) == 0


def test_exact_ties_of_far_classes_stay_ties() -> None:
    theta = np.array([[1.0], [-1.0], [2.0]])
    jll, runs = device(np.zeros(1, F), theta, np.full((3, 1), 1e-50), np.zeros(3), 1)
    assert runs == 2
    assert_same_bits(jll, [0.0, 0.0, -np.inf])


def test_an_infinite_feature_is_not_hidden() -> None:
    jll, runs = device(np.array([np.inf], F), np.zeros((2, 1)), np.ones((2, 1)), np.zeros(2), 1)
    assert runs == 3
    assert np.isneginf(jll).all()
