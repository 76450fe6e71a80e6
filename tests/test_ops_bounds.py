# SPDX-License-Identifier: Apache-2.0
"""Derived bounds against a float32 emulation of the kernels: never exceeded, and not absurdly wide.

The emulation rounds after every operation as the C does: numpy on float32 arrays, sums in index order, in chunks.
docs/exactness.md derives what is tested here.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import (
    Activation,
    CategoricalNB,
    Classify,
    Elementwise,
    GaussianNB,
    Linear,
    Normalize,
    Op,
    Step,
    Trees,
)
from edgepar.ops.elementwise import Affine
from edgepar.passes.lower_trees import device_thresholds
from tests.kernel_library import fused

f32 = np.float32


def chunked_sum(terms: np.ndarray, chunks: int) -> np.ndarray:
    """Sum over the last axis in float32: chunks one after another, then their results in order."""
    parts = []
    for part in np.array_split(terms, min(chunks, terms.shape[-1]), axis=-1):
        total = part[..., 0]
        for i in range(1, part.shape[-1]):
            total = f32(total + part[..., i])
        parts.append(total)
    total = parts[0]
    for part in parts[1:]:
        total = f32(total + part)
    return total


def pair(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A float64 as two float32."""
    high = value.astype(f32)
    return high, (value - high).astype(f32)


def linear(op: Linear, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_dense_f32 and its combination."""
    products = x[:, None, :] * op.coef.astype(f32)
    return chunked_sum(products, chunks) + op.intercept.astype(f32)


def gaussian_nb(op: GaussianNB, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_gaussian_nb_f32 and its combination."""
    high, low = pair(op.theta)
    r = (1.0 / np.sqrt(2.0 * op.var)).astype(f32)
    d = ((x[:, None, :] - high) - low) * r
    return op.base().astype(f32) - chunked_sum(d * d, chunks)


def fused_sum(a: np.ndarray, b: np.ndarray, chunks: int) -> np.ndarray:
    """Products added over the last axis without being rounded, chunk by chunk."""
    parts = []
    for part in np.array_split(np.arange(a.shape[-1]), min(chunks, a.shape[-1])):
        total = np.zeros(np.broadcast_shapes(a.shape, b.shape)[:-1], f32)
        for i in part:
            total = fused(a[..., i], b[..., i], total)
        parts.append(total)
    total = parts[0]
    for part in parts[1:]:
        total = f32(total + part)
    return total


def linear_fused(op: Linear, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_dense_fma_f32 and its combination."""
    return fused_sum(x[:, None, :], op.coef.astype(f32), chunks) + op.intercept.astype(f32)


def gaussian_nb_fused(op: GaussianNB, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_gaussian_nb_fma_f32 and its combination."""
    high = op.theta.astype(f32)
    r = 1.0 / np.sqrt(2.0 * op.var)
    d = fused(x[:, None, :] - high, r.astype(f32), (-(op.theta - high) * r).astype(f32))
    return op.base().astype(f32) - fused_sum(d, d, chunks)


def elementwise(op: Elementwise, x: np.ndarray) -> np.ndarray:
    """ep_scale_f32, ep_affine_f32 and ep_clip_f32."""
    for run in op.runs(x.shape[1]):
        if isinstance(run, Affine):
            if np.any(run.addend != 0.0):
                x = x * run.factor.astype(f32) + run.addend.astype(f32)
            else:
                high, low = pair(run.offset)
                x = ((x - high) - low) * run.factor.astype(f32)
        else:
            x = np.minimum(np.maximum(x, run.lowest.astype(f32)), run.highest.astype(f32))
    return x


def normalize(op: Normalize, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_norm_*_f32 and ep_divide_f32."""
    if op.norm == "max":
        norm = np.abs(x).max(axis=1)
    elif op.norm == "l1":
        norm = chunked_sum(np.abs(x), chunks)
    else:
        exponent = np.frexp(np.abs(x).max(axis=1))[1].astype(np.int32)[:, None]
        scaled = np.ldexp(x, -exponent)
        norm = np.ldexp(np.sqrt(chunked_sum(scaled * scaled, chunks)), exponent[:, 0])
    norm = np.where((norm == 0) | (norm < op.smallest), f32(1), norm)
    return x / norm[:, None].astype(f32)


def softmax(x: np.ndarray) -> np.ndarray:
    """ep_softmax_f32 with a correctly rounded exp."""
    e = np.exp((x - x.max(axis=1, keepdims=True)).astype(np.float64)).astype(f32)
    return e / chunked_sum(e, 1)[:, None]


def check(
    op: Op, x: np.ndarray, device: np.ndarray, errors: np.ndarray | None = None, widest: float = 0.0
) -> None:
    """The device's answer is within the bound; with ``widest``, the bound is at most so many times what was seen."""
    assert device.dtype == f32
    x64 = x.astype(np.float64)
    with np.errstate(all="ignore"):
        reference = op.evaluate(x64)
        bound = op.bound((x64,), (np.zeros(x64.shape) if errors is None else errors,), reference)
        off = np.abs(device.astype(np.float64) - reference)
    assert bound.shape == reference.shape
    assert not np.isnan(bound).any()
    assert (off <= bound).all(), f"off by {(off - bound).max()} more than the bound"
    if widest:
        assert np.isfinite(bound).all()
        assert bound.max() <= widest * off.max()


SCALES = (1e-30, 1e-8, 1e-3, 1.0, 1e3, 1e8, 1e15)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(seeds, st.integers(1, 200), st.integers(1, 12), st.integers(1, 8), st.sampled_from(SCALES))
def test_linear(seed, n, rows, chunks, scale):
    rng = np.random.default_rng(seed)
    op = Linear(("x",), "y", "test", rng.normal(size=(rows, n)) * scale, rng.normal(size=rows))
    x = (rng.normal(size=(20, n)) * rng.choice([1e-6, 1.0, 1e6], size=n)).astype(f32)
    check(op, x, linear(op, x, chunks))
    check(op, x, linear_fused(op, x, chunks))


def test_linear_is_not_absurdly_wide():
    rng = np.random.default_rng(0)
    # A proven bound grows with n, what is seen with its root.
    for n, widest in ((4, 20), (64, 100), (300, 500)):
        op = Linear(("x",), "y", "test", rng.normal(size=(10, n)), rng.normal(size=10))
        x = rng.normal(size=(500, n)).astype(f32)
        check(op, x, linear(op, x, 8), widest=widest)


def test_linear_with_coefficients_below_the_normal_range():
    rng = np.random.default_rng(0)
    op = Linear(("x",), "y", "test", rng.normal(size=(3, 5)) * 1e-41, np.zeros(3))
    x = (rng.normal(size=(50, 5)) * 1e30).astype(f32)
    check(op, x, linear(op, x, 1))
    check(op, x, linear_fused(op, x, 1))


def test_linear_that_overflows_on_the_way_has_no_bound():
    op = Linear(("x",), "y", "test", np.array([[3e38, -3e38]]), np.zeros(1))
    x = np.ones((1, 2))
    assert op.bound((x,), (np.zeros((1, 2)),), op.evaluate(x)).tolist() == [[np.inf]]


@settings(max_examples=60)
@given(seeds, st.integers(1, 80), st.integers(1, 14), st.integers(1, 8), st.sampled_from((0.0, 1.0, 1e3, 1e6)),
       st.sampled_from((1e-40, 1e-38, 1e-12, 1e-3, 1.0, 1e6)))  # fmt: skip
def test_gaussian_nb(seed, n, classes, chunks, offset, variance):
    rng = np.random.default_rng(seed)
    theta = offset + rng.normal(size=(classes, n)) * np.sqrt(variance)
    var = variance * rng.uniform(0.5, 2, size=(classes, n))
    op = GaussianNB(("x",), "y", "test", theta, var, np.log(rng.dirichlet(np.ones(classes)) + 1e-9))
    x = (theta[rng.integers(classes, size=30)] + rng.normal(size=(30, n)) * np.sqrt(variance)).astype(f32)
    check(op, x, gaussian_nb(op, x, chunks))
    check(op, x, gaussian_nb_fused(op, x, chunks))


def test_gaussian_nb_is_not_absurdly_wide():
    rng = np.random.default_rng(0)
    for offset, variance in ((0.0, 1.0), (1e6, 1.0), (1e6, 100.0), (0.0, 1e-39), (3.0, 1e-2)):
        theta = offset + rng.normal(size=(10, 64)) * np.sqrt(variance)
        op = GaussianNB(
            ("x",), "y", "test", theta, variance * rng.uniform(0.5, 2, size=(10, 64)), np.full(10, -2.3)
        )
        x = (theta[rng.integers(10, size=200)] + rng.normal(size=(200, 64)) * np.sqrt(variance)).astype(f32)
        check(op, x, gaussian_nb(op, x, 8), widest=100)


def test_gaussian_nb_scores_beyond_float32_still_compare():
    """The far class is -infinity on the device; the bound says that it cannot be above its reference by much."""
    theta = np.array([[0.0, 0.0], [1.0, 1.0]])
    op = GaussianNB(("x",), "y", "test", theta, np.full((2, 2), 1e-39), np.log([0.5, 0.5]))
    x = np.array([[1e-20, 0.0], [1.0, 1.0]])
    scores = op.evaluate(x)
    bound = op.bound((x,), (np.zeros(x.shape),), scores)
    label = Classify(("y",), "l", "test", "argmax")
    assert scores.min() < -(2.0**127)
    assert label.bound((scores,), (bound,), label.evaluate(scores)).tolist() == [[0.0], [0.0]]


def test_gaussian_nb_with_a_prior_of_zero():
    op = GaussianNB(("x",), "y", "test", np.zeros((2, 1)), np.ones((2, 1)), np.array([-np.inf, 0.0]))
    x = np.zeros((1, 1))
    scores = op.evaluate(x)
    bound = op.bound((x,), (np.zeros((1, 1)),), scores)
    assert bound[0, 0] == 0.0
    softmax_op = Activation(("y",), "p", "test", "softmax")
    p = softmax_op.evaluate(scores)
    assert p.tolist() == [[0.0, 1.0]]
    assert (softmax_op.bound((scores,), (bound,), p) < 1e-5).all()


def categorical_nb(rng: np.random.Generator, features: int, classes: int) -> CategoricalNB:
    counts = rng.integers(1, 6, size=features)
    table = np.log(rng.dirichlet(np.ones(classes), size=counts.sum()))
    return CategoricalNB(("x",), "y", "test", counts, table, np.log(rng.dirichlet(np.ones(classes))))


def rows_of_table(op: CategoricalNB, x: np.ndarray, chunks: int) -> np.ndarray:
    """ep_categories_f32 and its combination."""
    table = np.vstack([op.log_prob, np.zeros(len(op.log_prior))]).astype(f32)
    known = (x > -1) & (x < op.counts)
    rows = np.where(known, op.starts()[:-1] + np.trunc(np.where(known, x, 0)).astype(int), len(op.log_prob))
    return chunked_sum(table[rows].transpose(0, 2, 1), chunks) + op.log_prior.astype(f32)


@settings(max_examples=60)
@given(seeds, st.integers(1, 60), st.integers(1, 12), st.integers(1, 8))
def test_categories(seed, features, classes, chunks):
    rng = np.random.default_rng(seed)
    op = categorical_nb(rng, features, classes)
    x = rng.uniform(-2, 7, size=(40, features)).astype(f32)
    check(op, x, rows_of_table(op, x, chunks))


def test_categories_are_not_absurdly_wide():
    rng = np.random.default_rng(0)
    op = categorical_nb(rng, 64, 10)
    x = rng.integers(0, op.counts, size=(300, 64)).astype(f32)
    check(op, x, rows_of_table(op, x, 8), widest=100)


@settings(max_examples=40)
@given(seeds, st.sampled_from((1e-6, 1e-2, 1.5)))
def test_categories_of_numbers_that_are_off(seed, off):
    """A number near a whole one may be of the category below, or of none."""
    rng = np.random.default_rng(seed)
    op = categorical_nb(rng, 5, 3)
    x = np.round(rng.uniform(-2, 7, size=(200, 5)), 1)
    moved = (x + rng.uniform(-off, off, size=x.shape)).astype(f32)
    errors = np.full(x.shape, off) + (np.abs(x) + off) * 2.0**-23
    reference = op.evaluate(x)
    assert (np.abs(rows_of_table(op, moved, 1) - reference) <= op.bound((x,), (errors,), reference)).all()


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "sub", "mul", "div", "min", "max"]), st.floats(0.001, 1000), st.booleans()),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=100)
@given(seeds, STEPS, st.sampled_from((1e-6, 1.0, 1e6)))
def test_elementwise(seed, steps, scale):
    rng = np.random.default_rng(seed)
    made = tuple(
        Step(function, (-1.0 if negative else 1.0) * value * rng.uniform(0.5, 2, size=6))
        for function, value, negative in steps
    )
    op = Elementwise(("x",), "y", "test", made)
    x = (rng.normal(size=(40, 6)) * scale).astype(f32)
    check(op, x, elementwise(op, x))


@pytest.mark.parametrize("mean", [0.0, 1.0, 1e6])
def test_a_scaler_is_not_absurdly_wide(mean):
    rng = np.random.default_rng(0)
    steps = (Step("sub", mean + rng.normal(size=8)), Step("div", rng.uniform(0.5, 2, size=8)))
    op = Elementwise(("x",), "y", "test", steps)
    x = (mean + rng.normal(size=(300, 8))).astype(f32)
    check(op, x, elementwise(op, x), widest=100)


def test_a_scaler_that_leaves_float32_has_no_bound():
    op = Elementwise(("x",), "y", "test", (Step("mul", np.array([1e30])),))
    x = np.array([[1e20]])
    assert op.bound((x,), (np.zeros((1, 1)),), op.evaluate(x)).tolist() == [[np.inf]]


@settings(max_examples=60)
@given(seeds, st.sampled_from(["l1", "l2", "max"]), st.integers(1, 100), st.sampled_from((1e-20, 1.0, 1e20)))
def test_normalize(seed, norm, n, scale):
    rng = np.random.default_rng(seed)
    op = Normalize(("x",), "y", "test", norm)
    x = (rng.normal(size=(30, n)) * scale).astype(f32)
    x[0] = 0.0
    check(op, x, normalize(op, x, 1))


def test_normalize_is_not_absurdly_wide_and_knows_where_it_switches():
    rng = np.random.default_rng(0)
    for norm in ("l1", "l2", "max"):
        op = Normalize(("x",), "y", "test", norm, 1e-3)
        x = rng.normal(size=(300, 64)).astype(f32)
        check(op, x, normalize(op, x, 1), widest=150)
        edge = np.zeros((1, 64))
        edge[0, 0] = 1e-3 * (1 + 1e-9)
        assert np.isinf(op.bound((edge,), (np.zeros((1, 64)),), op.evaluate(edge))).all()


@settings(max_examples=80)
@given(seeds, st.integers(1, 40), st.sampled_from((0.1, 1.0, 30.0, 1e4)), st.sampled_from((0.0, 1e-6, 1e-2)))
def test_softmax_of_scores_that_are_off(seed, n, scale, off):
    rng = np.random.default_rng(seed)
    op = Activation(("x",), "y", "test", "softmax")
    x = rng.normal(size=(50, n)) * scale
    errors = rng.uniform(0, off, size=x.shape) + np.abs(x) * 2.0**-24
    device_x = (x + rng.uniform(-1, 1, size=x.shape) * (errors - np.abs(x) * 2.0**-24)).astype(f32)
    reference = op.evaluate(x)
    bound = op.bound((x,), (errors,), reference)
    assert (np.abs(softmax(device_x) - reference) <= bound).all()


def test_softmax_is_not_absurdly_wide():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 10)).astype(f32)
    check(Activation(("x",), "y", "test", "softmax"), x, softmax(x), widest=100)


def test_far_scores_with_large_errors_do_not_blur_near_ones():
    op = Activation(("x",), "y", "test", "softmax")
    x, errors = np.array([[0.0, -1e9]]), np.array([[1e-7, 1e4]])
    assert (op.bound((x,), (errors,), op.evaluate(x)) < 1e-5).all()


@settings(max_examples=80)
@given(
    seeds, st.sampled_from(["logistic", "binary_logistic", "complement"]), st.sampled_from((0.0, 1e-6, 1e-2))
)
def test_short_maps_of_scores_that_are_off(seed, kind, off):
    rng = np.random.default_rng(seed)
    op = Activation(("x",), "y", "test", kind)
    x = rng.normal(size=(100, 1)) * 10 if kind != "complement" else rng.uniform(size=(100, 1))
    errors = np.full(x.shape, off) + np.abs(x) * 2.0**-24
    v = (x + rng.uniform(-off, off, size=x.shape)).astype(f32)
    e = np.exp(-np.abs(v).astype(np.float64)).astype(f32)
    high, low = f32(1) / (f32(1) + e), e / (f32(1) + e)
    device = np.where(v >= 0, high, low)
    if kind == "binary_logistic":
        device = np.hstack([np.where(v >= 0, low, high), device])
    if kind == "complement":
        device = np.hstack([f32(1) - v, v])
    reference = op.evaluate(x)
    assert (np.abs(device - reference) <= op.bound((x,), (errors,), reference)).all()


@settings(max_examples=40)
@given(seeds, st.sampled_from((0.0, 1e-6, 1e-2)))
def test_exponentials_of_scores_that_are_off(seed, off):
    rng = np.random.default_rng(seed)
    op = Activation(("x",), "y", "test", "exponential")
    x = rng.normal(size=(100, 3)) * 20
    device = np.exp((x + rng.uniform(-off, off, size=x.shape)).astype(f32).astype(np.float64)).astype(f32)
    errors = np.full(x.shape, off) + np.abs(x) * 2.0**-24
    reference = op.evaluate(x)
    assert (np.abs(device - reference) <= op.bound((x,), (errors,), reference)).all()


def test_no_bound_where_an_exponential_may_overflow():
    op = Activation(("x",), "y", "test", "exponential")
    x = np.array([[87.0, 88.9, 200.0]])
    found = op.bound((x,), (np.zeros(x.shape),), op.evaluate(x))
    np.testing.assert_array_equal(np.isfinite(found), [[True, False, False]])


def forest(rng: np.random.Generator, trees: int, outputs: int, exact: bool) -> Trees:
    """Stumps on one of three features each."""
    node = np.arange(3 * trees)
    inner = node % 3 == 0
    values = rng.integers(0, 5, size=(2 * trees, outputs)) if exact else rng.normal(size=(2 * trees, outputs))
    leaf = np.where(inner, -1, np.where(node % 3 == 1, node // 3, trees + node // 3))
    return Trees(
        ("x",), "y", "test", 3, node[inner], rng.integers(0, 3, 3 * trees), rng.normal(size=3 * trees),
        np.where(inner, node + 1, -1), np.where(inner, node + 2, -1), np.zeros(3 * trees, dtype=bool), leaf,
        values.astype(float), np.zeros(outputs), float(trees),
    )  # fmt: skip


def fixed_point(op: Trees, x: np.ndarray) -> np.ndarray:
    """ep_trees_f32 and ep_scores_from_i32_f32."""
    rounded = Trees(**{**op.__dict__, "threshold": device_thresholds(op.threshold).astype(float)})
    step = op.leaf_step()
    sums = np.rint(op.leaf_values / step).astype(np.int64)[rounded.leaf_rows(x)].sum(axis=1)
    assert np.abs(sums).max() < 2**31
    return sums.astype(np.int32).astype(f32) * f32(step / op.divisor)


@settings(max_examples=60)
@given(seeds, st.integers(2, 60), st.integers(1, 5), st.booleans())
def test_trees(seed, trees, outputs, exact):
    rng = np.random.default_rng(seed)
    op = forest(rng, trees, outputs, exact)
    assert op.leaves_are_exact() or not exact
    x = rng.normal(size=(40, 3)).astype(f32)
    check(op, x, fixed_point(op, x))


def test_trees_are_not_absurdly_wide():
    rng = np.random.default_rng(0)
    op = forest(rng, 50, 10, exact=False)
    x = rng.normal(size=(500, 3)).astype(f32)
    check(op, x, fixed_point(op, x), widest=100)


def test_trees_behind_an_error_are_sure_of_samples_away_from_thresholds():
    op = forest(np.random.default_rng(0), 1, 1, exact=True)
    threshold, feature = op.threshold[0], op.feature[0]
    x = np.zeros((2, 3))
    x[:, feature] = threshold + np.array([1e-3, 1e-9])
    bound = op.bound((x,), (np.full((2, 3), 1e-6),), op.evaluate(x))
    assert np.isfinite(bound[:, 0]).tolist() == [True, False]


@settings(max_examples=60)
@given(seeds, st.integers(2, 10), st.sampled_from(["argmax", "argmin", "positive"]))
def test_labels_outside_near_ties_cannot_turn(seed, n, rule):
    rng = np.random.default_rng(seed)
    op = Classify(("x",), "y", "test", rule)
    x = np.round(rng.normal(size=(200, n)), 1)
    errors = rng.choice([0.0, 0.05, 0.2], size=x.shape)
    label = op.evaluate(x)
    sure = op.bound((x,), (errors,), label)[:, 0] == 0.0
    for _ in range(20):
        moved = x + rng.choice([-1, 1], size=x.shape) * errors
        np.testing.assert_array_equal(op.evaluate(moved)[sure], label[sure])
    assert 0 < sure.sum() < len(x)


@pytest.mark.parametrize("op", [
    Linear(("x",), "y", "test", np.ones((2, 3)), np.zeros(2)),
    Activation(("x",), "y", "test", "softmax"),
    Normalize(("x",), "y", "test", "l2"),
    Elementwise(("x",), "y", "test", (Step("sub", np.ones(3)),)),
], ids=lambda op: type(op).__name__)  # fmt: skip
def test_a_model_in_float32_doubles_what_is_rounded(op):
    x = np.array([[0.5, 1.5, -2.5]])
    twin = type(op)(**{**op.__dict__, "arithmetic": "float32"})
    zero = np.zeros(x.shape)
    assert (twin.bound((x,), (zero,), twin.evaluate(x)) > op.bound((x,), (zero,), op.evaluate(x))).all()
