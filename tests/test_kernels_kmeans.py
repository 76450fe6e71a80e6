# SPDX-License-Identifier: Apache-2.0
"""The parts of Lloyd's algorithm, operation by operation in float32."""

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, fused, ranges

F = np.float32

#: samples, rows, cols, stride
SHAPES = [(1, 1, 1, 1), (5, 3, 4, 5), (9, 10, 7, 7), (12, 14, 64, 65), (6, 5, 1, 1)]


def data(shape, offset=0.0):
    samples, rows, cols, stride = shape
    rng = np.random.default_rng(samples * 100 + cols)
    x = (offset + rng.standard_normal((samples, cols))).astype(F)
    centroids = np.full((rows, stride), np.nan, F)  # what is padding must not be read
    centroids[:, :cols] = offset + rng.standard_normal((rows, cols))
    return x, centroids, rng


def apart(d, same, total):
    return total + d * same


ARITHMETIC = {"ep_kmeans_assign_f32__ref": apart, "ep_kmeans_assign_fma_f32__ref": fused}


def squares(x, centroids, cols, add=apart):
    d = x[:, None, :] - centroids[None, :, :cols]
    total = F(0) + d[..., 0] * d[..., 0]
    for i in range(1, cols):
        total = add(d[..., i], d[..., i], total)
    return total


@pytest.mark.parametrize("kernel", ARITHMETIC)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_assignment_and_sums_for_every_split(kernel, shape, offset) -> None:
    samples, rows, cols, stride = shape
    x, centroids, rng = data(shape, offset)
    wanted = squares(x, centroids, cols, ARITHMETIC[kernel])
    nearest = wanted.argmin(axis=1)
    before = rng.integers(-1, rows, samples).astype(np.int32)
    for cut in ranges(samples):
        labels, distances = before.copy(), np.full(samples, 7.0, F)
        sums, counts = np.zeros((rows, cols), F), np.zeros(rows, np.uint32)
        inertia, changed = np.zeros(1, F), np.zeros(1, np.uint32)
        for begin, end in cut:
            call(
                kernel, x, centroids, labels, distances, inertia, changed, rows, cols, stride, begin, end,
            )  # fmt: skip
            call("ep_kmeans_add_f32__ref", x, labels, centroids, sums, counts, cols, stride, begin, end)
        np.testing.assert_array_equal(labels, nearest)
        assert_same_bits(distances, wanted[np.arange(samples), nearest])
        assert changed[0] == (before != nearest).sum()
        np.testing.assert_array_equal(counts, np.bincount(nearest, minlength=rows))
        total, moved = F(0), np.zeros((rows, cols), F)
        for s, row in enumerate(nearest):
            total = total + distances[s]
            moved[row] = moved[row] + (x[s] - centroids[row, :cols])
        assert_same_bits(inertia, total)
        assert_same_bits(sums, moved)


def test_equal_distances_go_to_the_first() -> None:
    labels, distances = np.full(2, -1, np.int32), np.zeros(2, F)
    x, centroids = np.array([[0.0], [1e30]], F), np.array([[2.0], [-1.0], [1.0]], F)
    call(
        "ep_kmeans_assign_f32__ref", x, centroids, labels, distances, np.zeros(1, F), np.zeros(1, np.uint32), 3, 1, 1,
        0, 2,
    )  # fmt: skip
    assert labels.tolist() == [1, 0]
    assert_same_bits(distances, [1.0, np.inf])


def test_clear_touches_its_block_alone() -> None:
    sums, counts = np.ones(12, F), np.ones(4, np.uint32)
    inertia, changed = np.ones(2, F), np.ones(2, np.uint32)
    call("ep_kmeans_clear_f32__ref", sums[:6], counts[:2], inertia[:1], changed[:1], 2, 3)
    assert sums.tolist() == [0] * 6 + [1] * 6
    assert counts.tolist() == [0, 0, 1, 1]
    assert inertia.tolist() == [0, 1]
    assert changed.tolist() == [0, 1]


BLOCKS = 3


def block_sums(shape, labels, x, centroids):
    """Sums and counts of three blocks of samples."""
    _, rows, cols, stride = shape
    sums, counts = np.zeros((BLOCKS, rows, cols), F), np.zeros((BLOCKS, rows), np.uint32)
    for b, part in enumerate(np.array_split(np.arange(len(x)), BLOCKS)):
        if len(part):
            call(
                "ep_kmeans_add_f32__ref", x[part[0] :], labels[part[0] :], centroids, sums[b], counts[b], cols, stride,
                0, len(part),
            )  # fmt: skip
    return sums, counts


def relocate(shape, x, labels, nearest, centroids, sums, counts):
    samples, rows, cols, stride = shape
    totals, source = np.full(rows, 7, np.uint32), np.full(rows, 7, np.int32)
    changed = np.array([2, 0, 5], np.uint32)
    found = call(
        "ep_kmeans_relocate_f32__ref", x, labels, nearest, centroids, sums, counts, changed, totals, source, BLOCKS,
        samples, rows, cols, stride,
    )  # fmt: skip
    assert found == 7
    return totals, source


def update(shape, x, centroids, sums, totals, source):
    _, rows, cols, stride = shape
    results = []
    for cut in ranges(cols):
        after, shift = np.full((rows, stride), 7.0, F), np.full(cols, 7.0, F)
        for begin, end in cut:
            call(
                "ep_kmeans_update_f32__ref", x, centroids, sums, totals, source, after, shift, BLOCKS, rows, cols,
                stride, begin, end,
            )  # fmt: skip
        results.append((after[:, :cols], shift))
    for after, shift in results[1:]:
        assert_same_bits(after, results[0][0])
        assert_same_bits(shift, results[0][1])
    return results[0]


@pytest.mark.parametrize("shape", [(30, 3, 4, 5), (40, 5, 7, 7)], ids=str)
def test_update_without_empty_clusters(shape) -> None:
    samples, rows, cols, _ = shape
    x, centroids, rng = data(shape)
    labels = np.concatenate([np.arange(rows), rng.integers(0, rows, samples - rows)]).astype(np.int32)
    sums, counts = block_sums(shape, labels, x, centroids)
    totals, source = relocate(shape, x, labels, np.ones(samples, F), centroids, sums, counts)
    np.testing.assert_array_equal(totals, np.bincount(labels))
    assert (source == -1).all()
    after, shift = update(shape, x, centroids, sums, totals, source)
    total = (sums[0] + sums[1]) + sums[2]
    wanted = centroids[:, :cols] + total / totals[:, None].astype(F)
    assert_same_bits(after, wanted)
    moved = np.zeros(cols, F)
    for d in wanted - centroids[:, :cols]:
        moved = moved + d * d
    assert_same_bits(shift, moved)
    assert_same_bits(call("ep_kmeans_total_f32__ref", shift, cols), np.add.accumulate(shift)[-1])


def test_empty_clusters_take_the_farthest_samples_in_order() -> None:
    shape = (6, 4, 1, 1)
    x = np.array([[0.0], [1.0], [2.0], [9.0], [-5.0], [9.0]], F)
    centroids = np.array([[0.0], [100.0], [2.5], [-100.0]], F)
    labels = np.array([0, 0, 2, 2, 0, 2], np.int32)
    nearest = (x[:, 0] - centroids[labels, 0]) ** 2
    sums, counts = block_sums(shape, labels, x, centroids)
    totals, source = relocate(shape, x, labels, nearest, centroids, sums, counts)
    # Samples 3 and 5 are equally far, 42.25: the lower index goes to the first empty cluster.
    assert totals.tolist() == [3, 1, 1, 1]
    assert source.tolist() == [-1, 3, -1, 5]
    after, _ = update(shape, x, centroids, sums, totals, source)
    np.testing.assert_allclose(after[:, 0], [-4 / 3, 9.0, 2.0, 9.0], rtol=1e-6)


def test_a_cluster_that_loses_its_only_sample_goes_to_the_largest() -> None:
    shape = (4, 3, 1, 1)
    x = np.array([[0.0], [1.0], [2.0], [50.0]], F)
    centroids = np.array([[60.0], [1.0], [-90.0]], F)
    labels = np.array([1, 1, 1, 0], np.int32)
    nearest = (x[:, 0] - centroids[labels, 0]) ** 2
    sums, counts = block_sums(shape, labels, x, centroids)
    totals, source = relocate(shape, x, labels, nearest, centroids, sums, counts)
    assert totals.tolist() == [0, 3, 1]
    assert source.tolist() == [-3, -1, 3]
    after, _ = update(shape, x, centroids, sums, totals, source)
    assert after[:, 0].tolist() == [1.0, 1.0, 50.0]


def test_nothing_moves_where_all_samples_lie_on_their_centroids() -> None:
    shape = (3, 2, 1, 1)
    x, centroids = np.ones((3, 1), F), np.ones((2, 1), F)
    labels = np.zeros(3, np.int32)
    sums, counts = block_sums(shape, labels, x, centroids)
    totals, source = relocate(shape, x, labels, np.zeros(3, F), centroids, sums, counts)
    assert totals.tolist() == [3, 0]
    assert source.tolist() == [-1, -2]
    assert update(shape, x, centroids, sums, totals, source)[0].tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("offset", [0.0, 1e3, -1e5])
@pytest.mark.parametrize("shape", [(30, 3, 4, 5), (60, 5, 1, 1), (60, 4, 9, 9)], ids=str)
def test_the_tolerance_is_that_of_the_variance(shape, offset) -> None:
    samples, rows, cols, stride = shape
    x, centroids, _ = data(shape, offset)
    nearest = squares(x, centroids, cols)
    labels = nearest.argmin(axis=1).astype(np.int32)
    sums, counts = block_sums(shape, labels, x, centroids)
    for cut in ranges(cols):
        spread = np.zeros(cols, F)
        for begin, end in cut:
            call(
                "ep_kmeans_spread_f32__ref",
                centroids,
                sums,
                counts,
                spread,
                BLOCKS,
                rows,
                cols,
                stride,
                begin,
                end,
            )
    inertia = np.array([part.sum() for part in np.array_split(nearest.min(axis=1), BLOCKS)], F)
    found = call("ep_kmeans_tolerance_f32__ref", inertia, spread, 1e-4, BLOCKS, cols, samples)
    wanted = 1e-4 * x.astype(np.float64).var(axis=0).mean()
    # Each of the two parts is a sum of some 60 terms that are no larger than a few times the variance.
    assert abs(found - wanted) <= 500 * 2.0**-24 * wanted


def test_no_variance_gives_no_tolerance() -> None:
    one = np.array([1.0], F)
    assert call("ep_kmeans_tolerance_f32__ref", one, np.array([-1.5], F), 0.1, 1, 1, 5) == 0.0
