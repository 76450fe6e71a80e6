# SPDX-License-Identifier: Apache-2.0
"""Joint log likelihoods: bit for bit against float32 steps, and the hard cases against float64."""

import numpy as np
import pytest

from edgepar.passes.blocks import Cut
from edgepar.passes.lower_linear import bayes_shift
from tests.kernel_library import assert_same_bits, call, fused, ranges

F = np.float32
SHRINKS = (1.0, 2.0**-56, 2.0**-110)


class Form:
    """One of the two arithmetics: its kernels, its table, its steps in float32."""

    def __init__(self, fused_form):
        self.fused = fused_form
        self.kernel = f"ep_gaussian_nb{'_fma' if fused_form else ''}_f32__ref"
        self.shrunk = f"ep_gaussian_nb_shrunk{'_fma' if fused_form else ''}_f32__ref"

    def columns(self, theta, var):
        """The three numbers of each class and feature as the device holds them."""
        with np.errstate(over="ignore"):
            high = theta.astype(F).astype(np.float64)
            r = 1.0 / np.sqrt(2.0 * var)
            columns = (high, r, -(theta - high) * r) if self.fused else (high, theta - high, r)
            return np.stack(columns, axis=2).astype(F)

    def distances(self, x, columns, shrink):
        s = F(shrink)
        a, b, c = (columns[:, :, i] for i in range(3))
        if self.fused:
            return fused(x * s - a * s, b * s, c * s * s)
        return ((x * s - a * s) - b * s) * (c * s)

    def partials(self, x, columns, cut, shrink=1.0):
        """[blocks * block, chunks] sums in float32 steps, without the padded classes' meaning."""
        d = self.distances(x, columns, shrink)
        sums = []
        for first in range(0, cut.cols, cut.chunk_len):
            total = np.zeros(len(d), F)
            for i in range(first, min(first + cut.chunk_len, cut.cols)):
                total = fused(d[:, i], d[:, i], total) if self.fused else total + d[:, i] * d[:, i]
            sums.append(total)
        return np.stack(sums, axis=1)


FORMS = {"apart": Form(False), "fused": Form(True)}


def real(partial, cut):
    """[classes, chunks] of the device's layout."""
    units = partial.reshape(cut.blocks, cut.chunks, cut.block).transpose(0, 2, 1)
    return units.reshape(cut.blocks * cut.block, cut.chunks)[: cut.rows]


def device(form, x, theta, var, base, chunk_len, block=4):
    """jll as a generated program computes it, and how many times it ran the first step."""
    cut = Cut(*theta.shape, block, chunk_len)
    if np.abs(bayes_shift(theta, 1.0 / np.sqrt(2.0 * var))).max() > np.finfo(F).max:
        form = FORMS["apart"]  # as the lowering does
    table = np.ascontiguousarray(cut.table(form.columns(theta, var)), dtype=F).reshape(-1)
    partial, jll = np.zeros(cut.units * cut.block, F), np.zeros(cut.rows, F)
    sizes = (cut.cols, cut.block, cut.chunk_len, 0, 0, cut.units)
    call(form.kernel, x, table, partial, *sizes)
    call("ep_gaussian_nb_combine_f32__ref", partial, base.astype(F), jll, block, cut.chunks, 0, cut.rows)
    runs = 1
    for shrink in SHRINKS[1:]:
        if not call("ep_gaussian_nb_overflowed_f32__ref", jll, cut.rows):
            break
        call(form.shrunk, x, table, shrink, partial, *sizes)
        call("ep_gaussian_nb_combine_shrunk_f32__ref", partial, jll, cut.rows, block, cut.chunks)
        runs += 1
    return jll, runs


def exact(x, theta, var, base):
    with np.errstate(over="ignore"):
        return base - 0.5 * np.sum((x.astype(np.longdouble) - theta) ** 2 / var.astype(np.longdouble), axis=1)


#: classes, features, block, chunk_len.
SHAPES = [
    (1, 1, 1, 1), (2, 1, 2, 1), (3, 13, 2, 5), (10, 64, 10, 16), (14, 17, 4, 17), (14, 30, 10, 1), (5, 7, 6, 7),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 1e-19, 1e18, 3e38])
def test_bits_for_every_split(form, shape, scale) -> None:
    cut = Cut(*shape)
    rng = np.random.default_rng(cut.cols)
    theta = rng.standard_normal((cut.rows, cut.cols)) * min(scale, 3e37)
    var = rng.uniform(0.1, 10.0, (cut.rows, cut.cols))
    x = (rng.standard_normal(cut.cols) * min(scale, 3e37)).astype(F)
    base = rng.standard_normal(cut.rows).astype(F)
    columns = form.columns(theta, var)
    table = np.ascontiguousarray(cut.table(columns), dtype=F).reshape(-1)
    partial = np.zeros(cut.units * cut.block, F)
    for shrink in SHRINKS:
        with np.errstate(all="ignore"):
            wanted = form.partials(x, columns, cut, shrink)
        for pieces in ranges(cut.units):
            partial[:] = 7.0
            for begin, end in pieces:
                sizes = (cut.cols, cut.block, cut.chunk_len, 0, begin, end)
                if shrink == 1.0:
                    call(form.kernel, x, table, partial, *sizes)
                else:
                    call(form.shrunk, x, table, shrink, partial, *sizes)
            assert_same_bits(real(partial, cut), wanted)
    call(form.kernel, x, table, partial, cut.cols, cut.block, cut.chunk_len, 0, 0, cut.units)
    sums = real(partial, cut)
    total = sums[:, 0]
    with np.errstate(all="ignore"):
        for k in range(1, cut.chunks):
            total = total + sums[:, k]
        wanted = base - total
    for pieces in ranges(cut.rows):
        jll = np.full(cut.rows, 7.0, F)
        for begin, end in pieces:
            call("ep_gaussian_nb_combine_f32__ref", partial, base, jll, cut.block, cut.chunks, begin, end)
        assert_same_bits(jll, wanted)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_run_of_units_counts_from_its_own_pointers(form) -> None:
    cut = Cut(10, 33, 4, 5)
    rng = np.random.default_rng(4)
    columns = form.columns(rng.standard_normal((10, 33)), rng.uniform(0.5, 2.0, (10, 33)))
    x = rng.standard_normal(33).astype(F)
    table = np.ascontiguousarray(cut.table(columns), dtype=F).reshape(cut.units, -1)
    whole, sizes = np.zeros((cut.units, cut.block), F), (cut.cols, cut.block, cut.chunk_len)
    call(form.kernel, x, table, whole, *sizes, 0, 0, cut.units)
    for first, end in [(3, 9), (7, 8), (20, 21)]:
        run, partial = table[first:end].copy(), np.zeros((end - first, cut.block), F)
        call(form.kernel, x, run, partial, *sizes, first, 0, end - first)
        assert_same_bits(partial, whole[first:end])


def spread(classes, features, offset, deviation, seed):
    rng = np.random.default_rng(seed)
    theta = offset + deviation * 3.0 * rng.standard_normal((classes, features))
    var = (deviation * rng.uniform(0.5, 2.0, (classes, features))) ** 2
    return theta, var, rng


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
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
def test_close_to_float64(form, what, offset, deviation) -> None:
    """Samples at the classes: the bound of GaussianNB.bound in edgepar/ops, with the offset's two parts exact."""
    theta, var, rng = spread(14, 20, offset, deviation, 3)
    base = rng.standard_normal(14)
    for c in range(14):
        x = (theta[c] + np.sqrt(var[c]) * rng.standard_normal(20)).astype(F)
        jll, runs = device(form, x, theta, var, base, 8)
        assert runs == 1
        wanted = exact(x, theta, var, base)
        u = 2.0**-24
        d = np.abs(x.astype(np.float64) - theta) / np.sqrt(2 * var)
        d_error = 4 * u * d + 3 * u**2 * np.abs(theta) / np.sqrt(2 * var)
        rough = (2 * d + d_error) * d_error
        q = (d * d + rough).sum(axis=1)
        bound = rough.sum(axis=1) + 23 * u * q + 2 * u * (np.abs(base) + np.abs(wanted)) + 1e-42
        assert (np.abs(jll - wanted) <= bound).all()
        assert np.argmax(jll) == np.argmax(wanted)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
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
def test_far_samples_still_find_their_class(form, what, x_scale, deviation, runs, chunk_len) -> None:
    rng = np.random.default_rng(9)
    classes, features = 5, 20
    theta = x_scale * rng.uniform(-1.0, 1.0, (classes, features))
    var = np.maximum((deviation * rng.uniform(0.5, 2.0, (classes, features))) ** 2, 4e-76)
    base = np.zeros(classes)
    for _ in range(20):
        x = (x_scale * rng.uniform(-1.0, 1.0, features)).astype(F)
        jll, count = device(form, x, theta, var, base, chunk_len)
        wanted = exact(x, theta, var, base)
        assert count == runs
        assert np.argmax(jll) == np.argmax(wanted)
        assert jll.max() == 0.0
        assert np.sum(jll == 0.0) == 1
        assert np.isneginf(np.delete(jll, np.argmax(jll))).all()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_one_finite_class_is_enough(form) -> None:
    theta = np.array([[0.0], [1.0]])
    var = np.array([[1.0], [1e-60]])
    jll, runs = device(form, np.zeros(1, F), theta, var, np.zeros(2), 1)
    assert runs == 1
    assert_same_bits(jll, [0.0, -np.inf])


def test_overflowed_tells_infinity_from_nan() -> None:
    def ask(*values):
        return call("ep_gaussian_nb_overflowed_f32__ref", np.array(values, F), len(values))

    assert ask(-np.inf, -np.inf) == 1
    assert ask(-np.inf, -3e38) == 0
    assert ask(-np.inf, np.nan) == 0
    assert ask(np.inf) == 0


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_exact_ties_of_far_classes_stay_ties(form) -> None:
    theta = np.array([[1.0], [-1.0], [2.0]])
    jll, runs = device(form, np.zeros(1, F), theta, np.full((3, 1), 1e-50), np.zeros(3), 1)
    assert runs == 2
    assert_same_bits(jll, [0.0, 0.0, -np.inf])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_infinite_feature_is_not_hidden(form) -> None:
    jll, runs = device(form, np.array([np.inf], F), np.zeros((2, 1)), np.ones((2, 1)), np.zeros(2), 1)
    assert runs == 3
    assert np.isneginf(jll).all()
