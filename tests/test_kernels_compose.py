# SPDX-License-Identifier: Apache-2.0
"""What joins answers of estimators, against numpy's float32 operations one by one, over every split."""

import numpy as np
import pytest

from edgepar.ops import Interpolate, PairVotes
from edgepar.ops.pair_votes import pair_sides
from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(F)


@pytest.mark.parametrize("n", [1, 2, 13])
def test_copy_and_select(n) -> None:
    x = normal(n, n)
    columns = np.random.default_rng(n).integers(0, n, n + 3).astype(np.uint32)
    for cut in ranges(n):
        y = np.zeros(n + 2, F)
        for begin, end in cut:
            call("ep_copy_f32__ref", x, y, 2, begin, end)
        assert_same_bits(y, np.concatenate([np.zeros(2, F), x]))
    for cut in ranges(n + 3):
        y = np.zeros(n + 3, F)
        for begin, end in cut:
            call("ep_select_f32__ref", x, columns, y, begin, end)
        assert_same_bits(y, x[columns])


@pytest.mark.parametrize(("members", "outputs"), [(1, 1), (2, 3), (7, 10)])
def test_weighted_sum(members, outputs) -> None:
    x, weights = normal(1, members, outputs), normal(2, members)
    wanted = weights[0] * x[0]
    for m in range(1, members):
        wanted = wanted + weights[m] * x[m]
    for cut in ranges(outputs):
        y = np.zeros(outputs, F)
        for begin, end in cut:
            call("ep_weighted_sum_f32__ref", x, weights, y, members, outputs, begin, end)
        assert_same_bits(y, wanted)


@pytest.mark.parametrize("label", [0, 2, 4])
def test_one_vote(label) -> None:
    for cut in ranges(5):
        y = np.full(5, 7, F)
        for begin, end in cut:
            call("ep_one_vote_f32__ref", label, y, begin, end)
        assert_same_bits(y, np.eye(5, dtype=F)[label])


@pytest.mark.parametrize(
    ("x", "of_nothing"),
    [([0.5, 0.25, 1.0], 0.1), ([0.0, 0.0], 0.5), ([0.0], 0.0), ([1e-45, 0.0], 0.5), ([3e38, 1], 0)],
)
def test_shares(x, of_nothing) -> None:
    x = np.array(x, F)
    y = np.zeros(len(x), F)
    call("ep_shares_f32__ref", x, float(of_nothing), y, len(x))
    total = x[0]
    for value in x[1:]:
        total = total + value
    assert_same_bits(y, np.full(len(x), of_nothing, F) if total == 0 else x / total)


@pytest.mark.parametrize("length", [1, 2, 3, 8, 33])
def test_interpolate(length) -> None:
    """Within the bound of its operation at, beside and between the knots, for rising and for jagged lines."""
    rng = np.random.default_rng(length)
    knots = np.sort(rng.normal(size=(4, length)) * [[1e-6], [1.0], [1.0], [1e6]], axis=1)
    knots[2, length // 2 :] = knots[2, length // 2]  # a row that is filled up
    values = np.sort(rng.random((4, length)), axis=1)
    values[2, length // 2 :] = values[2, length // 2]
    values[3] = rng.random(length)
    op = Interpolate(("x",), "y", "test", knots, values)
    inside = knots[:, :-1] + np.diff(knots, axis=1) * rng.random((4, length - 1))
    beyond = np.stack([knots[:, 0] - 1, knots[:, -1] + 1, np.zeros(4), np.full(4, -3e38)], axis=1)
    rows = np.concatenate([knots, inside, beyond], axis=1).T.astype(F)
    rows = np.ascontiguousarray(
        np.concatenate([rows, np.nextafter(rows, F(np.inf)), np.nextafter(rows, F(-np.inf))])
    )
    x = rows.astype(np.float64)
    reference = op.evaluate(x)
    bound = op.bound((x,), (np.zeros(x.shape),), reference)
    for row, wanted, limit in zip(rows, reference, bound, strict=True):
        for cut in ([(0, 4)], [(0, 1), (1, 4)]):
            y = np.zeros(4, F)
            for begin, end in cut:
                call("ep_interpolate_f32__ref", row, knots.astype(F), values.astype(F), y, length, begin, end)
            assert (np.abs(y - wanted) <= limit).all(), (row, y, wanted, limit)
    # Away from steep places the bound is a few roundings.
    assert np.median(bound[:, 1]) < 1e-5


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_pair_votes(classes) -> None:
    rng = np.random.default_rng(classes)
    op = PairVotes(("p", "c"), "y", "test", classes)
    for scale in (1e-3, 1.0, 1e6):
        confidences = (rng.normal(size=len(pair_sides(classes))) * scale).astype(F)
        predictions = (confidences > 0).astype(F)
        inputs = tuple(a.astype(np.float64)[None] for a in (predictions, confidences))
        reference = op.evaluate(*inputs)
        limit = op.bound(inputs, tuple(np.zeros(a.shape) for a in inputs), reference)
        for cut in ranges(classes):
            y = np.zeros(classes, F)
            for begin, end in cut:
                call("ep_pair_votes_f32__ref", predictions, confidences, y, classes, begin, end)
            assert (np.abs(y - reference) <= limit).all()
        assert limit.max() < 1e-4


def test_pair_votes_are_those_of_scikit_learn() -> None:
    from sklearn.utils.multiclass import _ovr_decision_function

    rng = np.random.default_rng(0)
    confidences = rng.normal(size=(50, 10))
    predictions = (confidences > 0).astype(np.float64)
    op = PairVotes(("p", "c"), "y", "test", 5)
    wanted = _ovr_decision_function(predictions, confidences, 5)
    np.testing.assert_allclose(op.evaluate(predictions, confidences), wanted, rtol=0, atol=1e-14)
