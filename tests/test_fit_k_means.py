# SPDX-License-Identifier: Apache-2.0
"""K-means fitted on the device against scikit-learn's Lloyd from the same start.

docs/exactness.md derives the bounds. Where no sample of any iteration is a near tie, labels and the number of
iterations are scikit-learn's, and the centroids are within the bound of the last iteration alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

import edgepar
from edgepar.errors import DoesNotFitError, InputDataError, UsageError
from edgepar.fit_plan import BLOCKS
from edgepar.ops import SquaredDistances
from edgepar.passes.plan_k_means_fit import plan_k_means_fit
from edgepar.target import get_target
from tests.case import blobs, cancer, digits, iris, wine

U = 2.0**-24


def reference(X: np.ndarray, init: np.ndarray, max_iter: int = 300, tol: float = 1e-4) -> KMeans:
    """scikit-learn on what the device sees."""
    start = init.astype(np.float32).astype(np.float64)
    model = KMeans(len(init), init=start, n_init=1, algorithm="lloyd", max_iter=max_iter, tol=tol)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X.astype(np.float32).astype(np.float64))


@dataclass(frozen=True)
class Path:
    """scikit-learn's centroids before each of its iterations, and the labels that they give."""

    centroids: list[np.ndarray]
    labels: list[np.ndarray]
    model: KMeans


def path(X: np.ndarray, init: np.ndarray, max_iter: int, tol: float) -> Path:
    model = reference(X, init, max_iter, tol)
    steps = [reference(X, init, n, 0.0) for n in range(1, model.n_iter_)]
    centroids = [init.astype(np.float32).astype(np.float64), *(step.cluster_centers_ for step in steps)]
    x = X.astype(np.float32).astype(np.float64)
    labels = [((x[:, None, :] - c) ** 2).sum(axis=2).argmin(axis=1) for c in centroids]
    return Path(centroids, labels, model)


def centroid_bound(x: np.ndarray, labels: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """|device - exact| of the centroids of one iteration with these labels, from centroids within it of `before`."""
    bound = np.zeros(after.shape)
    parts = np.array_split(np.arange(len(x)), BLOCKS)
    for k in range(len(after)):
        mine = labels == k
        if not mine.any():
            continue
        most = max(int(mine[part].sum()) for part in parts)
        roundings = (most + BLOCKS + 2) * U / (1 - (most + BLOCKS + 2) * U)
        bound[k] = roundings * np.abs(x[mine] - before[k]).mean(axis=0)
    return (bound + U * np.abs(after)) * (1 + 2.0**-10)


def near_ties(walk: Path, x: np.ndarray) -> bool:
    """Whether the device might choose another centroid for some sample of some iteration."""
    off = np.zeros(walk.centroids[0].shape)
    for i, centroids in enumerate(walk.centroids):
        op = SquaredDistances(("x",), "y", "test", centroids)
        squares = op.evaluate(x)
        bound = op.bound((x,), (np.zeros(x.shape),), squares)
        # A centroid that is off moves every squared distance to it, like an error of x.
        for k in range(len(centroids)):
            d = np.abs(x - centroids[k])
            bound[:, k] += ((2 * d + off[k]) * off[k]).sum(axis=1) * (1 + 2.0**-10)
        best = walk.labels[i]
        rows = np.arange(len(x))
        rivals = squares - bound
        rivals[rows, best] = np.inf
        if (rivals.min(axis=1) <= squares[rows, best] + bound[rows, best]).any():
            return True
        if i + 1 < len(walk.centroids):
            off = centroid_bound(x, best, centroids, walk.centroids[i + 1])
    return False


def judge(fit: edgepar.KMeansFit, walk: Path, X: np.ndarray) -> None:
    """AssertionError unless the fit found what scikit-learn did."""
    x, model = X.astype(np.float32).astype(np.float64), walk.model
    assert fit.n_iter == model.n_iter_
    np.testing.assert_array_equal(fit.labels, model.labels_)
    limit = centroid_bound(x, walk.labels[-1], walk.centroids[-1], model.cluster_centers_)
    # scikit-learn subtracts the mean and adds up samples, in float64.
    limit = limit + (len(x) + 4) * 2.0**-53 * np.abs(x).max(axis=0)
    miss = np.abs(fit.cluster_centers - model.cluster_centers_)
    assert (miss <= limit).all(), (miss / limit).max()
    # The sum of n squares of F differences, blocks after samples.
    op = SquaredDistances(("x",), "y", "test", model.cluster_centers_)
    squares = op.evaluate(x)
    each = op.bound((x,), (np.zeros(x.shape) + limit.max(axis=0),), squares)
    rows = np.arange(len(x))
    roundings = (len(x) / BLOCKS + BLOCKS + 2) * U
    inertia = each[rows, model.labels_].sum() + roundings * model.inertia_
    # Where labels did not change, scikit-learn's is that of centroids one step further, nearer by their rounding.
    assert abs(fit.inertia - model.inertia_) <= inertia + (limit**2).sum() * len(x)


def start(X: np.ndarray, n_clusters: int, seed: int = 0) -> np.ndarray:
    """Samples beside which no other sample is exactly as far."""
    rng = np.random.default_rng(seed)
    chosen = X[rng.choice(len(X), n_clusters, replace=False)]
    return chosen + rng.normal(size=chosen.shape) * 0.01 * X.std(axis=0)


DATA: dict[str, tuple[Callable[[], np.ndarray], int]] = {
    "wine": (lambda: wine()[0], 4),
    "cancer": (lambda: cancer()[0], 2),
    "digits": (lambda: digits()[0][:1437], 10),
    "14 clusters": (lambda: blobs(14, 5, seed=2)()[0], 14),
    "130 features": (lambda: blobs(3, 130, seed=3)()[0], 3),
    "offset": (lambda: blobs(4, 3, seed=5)()[0] + 1e4, 4),
    "one feature": (lambda: wine()[0][:, :1], 5),
    "one cluster": (lambda: iris()[0], 1),
    "fewer samples than blocks": (lambda: wine()[0][:5], 2),
}


@pytest.mark.parametrize("max_iter", [1, 300])
@pytest.mark.parametrize("name", DATA)
def test_the_host_finds_what_scikit_learn_does(name: str, max_iter: int) -> None:
    X, n_clusters = DATA[name][0](), DATA[name][1]
    init = start(X, n_clusters)
    walk = path(X, init, max_iter, 1e-4)
    assert not near_ties(walk, X.astype(np.float32).astype(np.float64))
    judge(edgepar.fit_kmeans(X, init, "host", cores=3, max_iter=max_iter), walk, X)


def test_fused_squares_keep_the_bound() -> None:
    X, n_clusters = DATA["14 clusters"][0](), 14
    init = start(X, n_clusters)
    judge(edgepar.fit_kmeans(X, init, "host", isa="fused"), path(X, init, 300, 1e-4), X)


@pytest.mark.parametrize("tol", [0.0, 1e-4, 0.05])
def test_it_ends_where_scikit_learn_ends(tol: float) -> None:
    X = wine()[0]
    init = start(X, 5, seed=1)
    walk = path(X, init, 300, tol)
    assert walk.model.n_iter_ > 3
    judge(edgepar.fit_kmeans(X, init, "host", tol=tol), walk, X)


def test_a_cluster_without_samples_takes_the_farthest_one() -> None:
    X = blobs(3, 2, seed=7)()[0]
    init = np.vstack([start(X, 3), [[1e3, 1e3]]])
    for max_iter in (1, 2, 300):
        model = reference(X, init, max_iter)
        fit = edgepar.fit_kmeans(X, init, "host", max_iter=max_iter)
        assert fit.n_iter == model.n_iter_
        np.testing.assert_array_equal(fit.labels, model.labels_)
        np.testing.assert_allclose(fit.cluster_centers, model.cluster_centers_, rtol=2e-6, atol=1e-6)
    first = edgepar.fit_kmeans(X, init, "host", max_iter=1).cluster_centers[3]
    assert (X.astype(np.float32) == first).all(axis=1).sum() == 1


@pytest.mark.parametrize("cores", [3, 8])
@pytest.mark.parametrize("name", ["digits", "fewer samples than blocks", "14 clusters"])
def test_results_do_not_depend_on_the_number_of_cores(name: str, cores: int) -> None:
    X, n_clusters = DATA[name][0](), DATA[name][1]
    one, many = (edgepar.fit_kmeans(X, start(X, n_clusters), "host", cores=n) for n in (1, cores))
    assert one.run.measurement.outputs == many.run.measurement.outputs


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(40, 4, 3), (21, 1, 2), (66, 9, 6)]),  # sizes that are built once each
    st.sampled_from((0.0, 1e-4, 0.1)),
    st.sampled_from((1e-6, 1.0, 1e6)),
)
def test_random_data(seed: int, sizes: tuple[int, int, int], tol: float, scale: float) -> None:
    n, features, n_clusters = sizes
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n, features)) + 3 * rng.integers(0, 3, (n, 1))) * scale
    init = X[:n_clusters] + rng.normal(size=(n_clusters, features)) * 0.1 * scale
    walk = path(X, init, 20, tol)
    if any(len(np.unique(labels)) < n_clusters for labels in walk.labels):
        return  # with its own test above
    if not near_ties(walk, X.astype(np.float32).astype(np.float64)):
        judge(edgepar.fit_kmeans(X, init, "host", max_iter=20, tol=tol), walk, X)


def host_of(target: str, emulator: str | None = None, isa: str | None = None, fp: str | None = None) -> str:
    """The host's build with the arithmetic of another target's."""
    return "fused" if get_target(target).build(emulator, isa, fp).fused else "native"


def assert_same_fit(found: edgepar.KMeansFit, wanted: edgepar.KMeansFit) -> None:
    assert found.run.measurement.outputs == wanted.run.measurement.outputs


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("target", "fp"), [("cortex-m4", None), ("pulp-open", None), ("pulp-open", "libgcc"), ("gap8", "softfp")]
)
def test_qemu_converges_to_the_bits_of_the_host(target: str, fp: str | None) -> None:
    X = iris()[0]
    init = start(X, 3)
    host = edgepar.fit_kmeans(X, init, "host", isa=host_of(target, "qemu", fp=fp))
    assert host.n_iter > 2
    found = edgepar.fit_kmeans(X, init, target, emulator="qemu", fp=fp)
    assert_same_fit(found, host)
    assert found.run.provenance == "modelled"


@pytest.mark.rtl
@pytest.mark.parametrize(
    ("target", "isa", "fp", "cores"),
    [("pulp-open", "corev", None, 8), ("pulp-open", "plain", None, 3), ("gap8", "corev", "softfp", 8)],
)
def test_rtl_gives_the_bits_of_the_host(target: str, isa: str, fp: str | None, cores: int) -> None:
    X = np.random.default_rng(3).normal(size=(45, 7))
    init = X[:8] + 0.1
    found = edgepar.fit_kmeans(X, init, target, isa=isa, fp=fp, cores=cores, max_iter=2)
    assert_same_fit(
        found, edgepar.fit_kmeans(X, init, "host", isa=host_of(target, isa=isa, fp=fp), max_iter=2)
    )
    assert found.cycles == int(found.run.cycles[0]) > 0


@pytest.mark.qemu
@pytest.mark.rtl
def test_integer_sums_find_what_scikit_learn_does_with_the_same_bits_everywhere() -> None:
    X = iris()[0]
    init = start(X, 3)
    walk = path(X, init, 300, 1e-4)
    assert not near_ties(walk, X.astype(np.float32).astype(np.float64))
    judge(edgepar.fit_kmeans(X, init, "gap8", emulator="qemu"), walk, X)
    modelled, rtl = (
        edgepar.fit_kmeans(X[:45], init, "gap8", emulator=emulator, max_iter=2)
        for emulator in ("qemu", "rtl")
    )
    assert modelled.run.manifest.fp == "emulation-free"
    assert_same_fit(rtl, modelled)


@pytest.mark.rtl
def test_eight_cores_share_a_fit() -> None:
    X = digits()[0][:160]
    init = start(X, 10)
    one, eight = (edgepar.fit_kmeans(X, init, "pulp-open", cores=cores, max_iter=1) for cores in (1, 8))
    assert_same_fit(eight, one)
    assert one.cycles > 6 * eight.cycles


def test_a_project_is_the_same_bytes_again_and_readable(tmp_path) -> None:
    X = iris()[0]
    first, second = (
        edgepar.fit_kmeans(X, X[:3], "host", folder=tmp_path / name, name="flowers", max_iter=1)
        for name in ("a", "b")
    )
    texts = [
        {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and "build" not in path.parts
        }
        for root in (first.image.folder, second.image.folder)
    ]
    assert texts[0] == texts[1]
    header = texts[0]["model.h"].decode()
    assert "void flowers_fit(const float samples[FLOWERS_N_SAMPLES * FLOWERS_N_FEATURES]," in header
    source = texts[0]["model.c"].decode()
    assert source.count("ep_team_barrier") == 0
    made = plan_k_means_fit(
        "flowers", (150, 4), 3, 5, get_target("pulp-open"), get_target("pulp-open").build(), 8
    )
    assert made.tile_rows == 16
    assert made.plan.cores == 8


GOOD = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize(
    ("X", "init", "text"),
    [
        (GOOD, GOOD[:2, :2], "init has 2 features and X has 3; give both the same."),
        (GOOD[0], GOOD[:2], r"X has type float64 and shape \[3\]; give \[rows, features\] of numbers"),
        (GOOD[:0], GOOD[:2], r"X has type float64 and shape \[0, 3\]"),
        ([["a"]], GOOD[:2], r"X has type <U1 and shape \[1, 1\]"),
        ([[1.0], [1.0, 2.0]], GOOD[:2], r"X is no array .*; give \[rows, features\] of numbers\."),
        (np.where(GOOD > 1, np.nan, GOOD), GOOD[:2], "of X holds no finite float32 numbers"),
        (GOOD, GOOD[:2] * np.inf, "row 0 of init holds no finite float32 numbers"),
        (np.ones((20, 3)), GOOD[:2], "X has 1 different samples for 2 clusters, .* give fewer clusters"),
        (GOOD * 1e19, GOOD[:2], "have squared distances that float32 cannot add up; scale the features."),
    ],
)  # fmt: skip
def test_data_that_are_refused(X: object, init: object, text: str) -> None:
    with pytest.raises(InputDataError, match=text):
        edgepar.fit_kmeans(X, init, "host")  # type: ignore[arg-type]


@pytest.mark.parametrize("max_iter", [0, -1, 2.0, True, 2**32])
def test_iterations_that_are_refused(max_iter: object) -> None:
    with pytest.raises(UsageError, match=r"max_iter is .*; give a whole number from 1 to 4294967295\."):
        edgepar.fit_kmeans(GOOD, GOOD[:2], "host", max_iter=max_iter)  # type: ignore[arg-type]


@pytest.mark.parametrize("tol", [-1.0, np.inf, np.nan, "1", 1e39])
def test_tolerances_that_are_refused(tol: object) -> None:
    with pytest.raises(UsageError, match=r"tol is .*; give a number of 0 or more that float32 holds\."):
        edgepar.fit_kmeans(GOOD, GOOD[:2], "host", tol=tol)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "shape", "clusters", "text"),
    [
        ("pulp-open", (4000, 64), 10, "l2 needs .*; largest: samples with their answer of"),
        ("pulp-open", (100, 784), 10, "l1 needs .*; largest: sums of 250880 bytes, "),
        ("cortex-m4", (1437, 64), 10, "ram needs .*; largest: samples with their answer of"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_the_build(
    target: str, shape: tuple[int, int], clusters: int, text: str
) -> None:
    chip = get_target(target)
    with pytest.raises(DoesNotFitError, match=text):
        plan_k_means_fit("m", shape, clusters, 1, chip, chip.build(), 1)
