# SPDX-License-Identifier: Apache-2.0
"""Probabilities against float64 (mpmath where float64 is short), with the bounds that docs/kernels.md derives."""

import mpmath
import numpy as np
import onnx.helper as oh
import onnxruntime
import pytest
from onnx import TensorProto

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32
U = 2.0**-24
INF, NAN = np.inf, np.nan
#: Second-order terms, and the spacing of denormal results.
SECOND, TINY = 1 + 2.0**-10, 2.0**-148


def apply(name, x):
    """The kernel's answer, computed into another array and in place."""
    x = np.array(x, F)
    y, z = np.full(len(x), 7.0, F), x.copy()
    call(f"ep_{name}_f32__ref", x, y, len(x))
    call(f"ep_{name}_f32__ref", z, z, len(x))
    assert_same_bits(y, z)
    return y


def softmax(x):
    e = np.exp(x.astype(np.float64) - x.max())
    return e / e.sum()


def vectors():
    rng = np.random.default_rng(5)
    for n in (1, 2, 3, 10, 26, 300):
        for scale in (1e-30, 1e-3, 1.0, 10.0, 60.0, 1e4, 1e38):
            for offset in (0.0, 100.0, -1e6):
                yield (offset + scale * rng.uniform(-1, 1, n)).astype(F)
    yield np.zeros(1000, F)
    yield np.array([0.0, -103.9, -87.4, -95.0, -104.1], F)
    yield np.array([-3e38, 3e38], F)


@pytest.mark.parametrize("x", vectors(), ids=lambda x: f"{len(x)}-{x[0]:g}")
def test_softmax_and_log_sum_exp(x) -> None:
    n = len(x)
    wanted = softmax(x)
    y = apply("softmax", x)
    bound = U * (1 / np.e + (n + np.log(n) + 4) * wanted) * SECOND + TINY
    assert (np.abs(y - wanted) <= bound).all()

    exact = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(float(v))) for v in x))
    bound = U * (n + 1 + 3 * np.log(n) + abs(float(exact))) * SECOND + TINY
    assert abs(call("ep_log_sum_exp_f32__ref", x, n) - exact) <= bound


def test_softmax_step_by_step() -> None:
    """Sums run in index order, whatever the compiler."""
    x = np.random.default_rng(1).uniform(-9, 9, 50).astype(F)
    e = np.array([call("ep_exp_f32", float(v - x.max())) for v in x], F)
    total = e[0]
    for v in e[1:]:
        total = total + v
    assert_same_bits(apply("softmax", x), e / total)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        ([0.0, -INF], [1, 0]), ([-INF, -INF], [NAN, NAN]), ([NAN, 0.0], [NAN, NAN]), ([0.0, NAN], [NAN, NAN]),
        ([INF, 0.0], [NAN, NAN]), ([0.0, INF], [NAN, NAN]), ([-5.0], [1]), ([0.0, 0.0, -INF], [0.5, 0.5, 0]),
    ],
)  # fmt: skip
def test_softmax_special(x, wanted) -> None:
    assert_same_bits(apply("softmax", x), wanted)


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        ([-INF, -INF], -INF),
        ([INF, 0.0], INF),
        ([INF, -INF], INF),
        ([INF, NAN], NAN),
        ([NAN, -INF], NAN),
        ([7.0], 7.0),
        ([-INF, 2.0], 2.0),
    ],
)
def test_log_sum_exp_special(x, wanted) -> None:
    assert_same_bits(call("ep_log_sum_exp_f32__ref", np.array(x, F), len(x)), wanted)


def onnxruntime_answer(post_transform, scores):
    """What onnxruntime makes of these scores: a linear regressor of one feature whose value is 1."""
    node = oh.make_node(
        "LinearRegressor", ["x"], ["y"], domain="ai.onnx.ml", post_transform=post_transform, targets=len(scores),
        coefficients=[float(s) for s in scores], intercepts=[0.0] * len(scores),
    )  # fmt: skip
    graph = oh.make_graph(
        [node], "post_transform", [oh.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1])],
        [oh.make_tensor_value_info("y", TensorProto.FLOAT, [1, len(scores)])],
    )  # fmt: skip
    opsets = [oh.make_opsetid("", 18), oh.make_opsetid("ai.onnx.ml", 3)]
    model = oh.make_model(graph, opset_imports=opsets, ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": np.ones((1, 1), F)})[0][0]


def softmax_zero(x):
    x = x.astype(np.float64)
    counted = np.abs(x) > float(F(1e-7))
    e = np.where(counted, np.exp(x - x.max()), x * np.exp(-x.max()))
    total = e[counted].sum()
    return e / total if total > 0 else 0 * x


@pytest.mark.parametrize(
    "x",
    [
        [0.0, 1.0, 2.0], [0.0, -1.0, -2.0], [5e-8, 1.0, -1.0], [-1e-7, 3.0], [1e-7, 3.0], [2e-7, -2e-7], [4.0, 3.0],
        [0.0, 0.0, 80.0], [-0.0, 5.0, 5.0], [1e-9, -20.0, -30.0],
    ],
)  # fmt: skip
def test_softmax_zero(x) -> None:
    x = np.array(x, F)
    y, wanted = apply("softmax_zero", x), softmax_zero(x)
    bound = (
        U * (1 / np.e + (len(x) + np.log(len(x)) + 6) * np.abs(wanted) * (1 + np.abs(x.max()))) * SECOND
        + TINY
    )
    # Scores near zero are not in the sum, so the sum may be below 1 and the spread of scores counts in full.
    bound += np.abs(wanted) * U * (x.max() - x.min())
    assert (np.abs(y - wanted) <= bound).all()
    np.testing.assert_allclose(y, onnxruntime_answer("SOFTMAX_ZERO", x), rtol=1e-5)


@pytest.mark.parametrize("x", [[0.0], [0.0, -0.0, 0.0]])
def test_softmax_zero_of_zeros(x) -> None:
    assert (apply("softmax_zero", x) == 0).all()


def logistic(x):
    x = x.astype(np.longdouble)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e)), np.where(x >= 0, e / (1 + e), 1 / (1 + e))


def test_logistic() -> None:
    x = np.concatenate(
        [np.linspace(-110, 110, 20001), np.linspace(-1, 1, 1001), [1e-40, -1e-40, 3e38, -3e38]]
    ).astype(F)
    p, q = logistic(x)
    y = apply("logistic", x)
    assert (np.abs(y - p) <= 4 * U * p * SECOND + TINY).all()
    pair = np.zeros((len(x), 2), F)
    for i, s in enumerate(x):
        call("ep_binary_logistic_f32__ref", float(s), pair[i])
    assert_same_bits(pair[:, 1], y)
    assert (np.abs(pair[:, 0] - q) <= 4 * U * q * SECOND + TINY).all()


def test_exponential() -> None:
    x = np.concatenate([np.linspace(-110, 89, 9001), [0.0, -0.0, INF, -INF, NAN]]).astype(F)
    with np.errstate(over="ignore"):
        wanted = np.exp(x.astype(np.longdouble)).astype(F)
    y = apply("exponential", x)
    finite = np.isfinite(wanted)
    assert (np.abs(y[finite] - wanted[finite]) <= 2 * U * wanted[finite] * SECOND + TINY).all()
    np.testing.assert_array_equal(y[~finite], wanted[~finite])


@pytest.mark.parametrize(
    ("s", "wanted"), [(0.0, [0.5, 0.5]), (-0.0, [0.5, 0.5]), (INF, [0, 1]), (-INF, [1, 0]), (NAN, [NAN, NAN])]
)
def test_logistic_special(s, wanted) -> None:
    pair = np.zeros(2, F)
    call("ep_binary_logistic_f32__ref", s, pair)
    assert_same_bits(pair, wanted)
    assert_same_bits(apply("logistic", [s]), wanted[1])


def test_complement() -> None:
    pair = np.zeros(2, F)
    for p in (0.0, 0.1, 1.0, 1e-9, 1.5, NAN):
        call("ep_complement_f32__ref", p, pair)
        assert_same_bits(pair, [F(1) - F(p), F(p)])


@pytest.mark.parametrize("n", [1, 4, 10, 26])
def test_softmax_in_two_steps(n) -> None:
    """Every split gives the bits of the single call."""
    x = np.random.default_rng(n).uniform(-20, 5, n).astype(F)
    for cut in ranges(n):
        e, y = np.full(n, 7.0, F), np.full(n, 7.0, F)
        for begin, end in cut:
            call("ep_softmax_exp_f32__ref", x, e, n, begin, end)
        for begin, end in cut:
            call("ep_softmax_divide_f32__ref", e, y, n, begin, end)
        assert_same_bits(y, apply("softmax", x))
