# SPDX-License-Identifier: Apache-2.0
"""Distances to rows of bytes: exact in integers where the sample allows, else the bits of the float kernel."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import edgepar
from edgepar.model import Model
from edgepar.passes.lower_rows import byte_rows
from edgepar.plan import Plan
from tests.kernel_library import assert_same_bits, call, ranges
from tests.kernel_samples import HARD, F, byte_sample

SHAPES = [(1, 1), (5, 3), (9, 4), (7, 64), (13, 31)]


def narrowed(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    words = -(-len(x) // 4)
    narrow, found = np.zeros(words, np.uint32), np.zeros(2, np.uint32)
    call("ep_narrow_u8__ref", x, narrow, found, len(x), 0, words)
    return narrow, found


def distances(x: np.ndarray, rows: np.ndarray, cut: list[tuple[int, int]]) -> np.ndarray:
    narrow, found = narrowed(x)
    out = np.full(len(rows), 7.0, F)
    for begin, end in cut:
        call("ep_sqeuclidean_u8__ref", x, narrow, found, rows, out, len(x), begin, end)
    return out


def floats(rows: np.ndarray, cols: int) -> np.ndarray:
    return np.ascontiguousarray(rows[:, :-1]).view(np.uint8)[:, :cols].astype(F)


@pytest.mark.parametrize("cols", [1, 3, 4, 9, 64])
def test_narrow_takes_whole_numbers_of_a_byte_and_counts_the_others(cols: int) -> None:
    rng = np.random.default_rng(cols)
    choices = np.concatenate([HARD, np.array([1, 2, 254, 255, 256, 0.999, 127.5, 1e9, -0.0], F)])
    for kind in range(60):
        x = rng.choice(choices[-9:-5] if kind % 2 else choices, cols).astype(F)
        with np.errstate(invalid="ignore"):
            whole = (x == np.round(x)) & (x >= 0) & (x <= 255)
        wanted = np.where(whole, x, 0).astype(np.uint8)
        padded = np.zeros(-(-cols // 4) * 4, np.uint8)
        padded[:cols] = wanted
        for cut in ranges(len(padded) // 4):
            narrow, parts = np.full(len(padded) // 4, 9, np.uint32), np.zeros((len(cut), 2), np.uint32)
            for part, (begin, end) in zip(parts, cut, strict=True):
                call("ep_narrow_u8__ref", x, narrow, part, cols, begin, end)
            found = np.zeros(2, np.uint32)
            call("ep_narrow_sum_u8__ref", parts, found, len(parts))
            assert found[0] == np.count_nonzero(~whole)
            if whole.all():
                assert (narrow == padded.view(np.uint32)).all()
                assert found[1] == (wanted.astype(int) ** 2).sum()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_whole_numbers_give_the_exact_sum_rounded_once(shape: tuple[int, int]) -> None:
    x, rows = byte_sample(np.random.default_rng(shape[1]), *shape)
    wanted = ((x - floats(rows, shape[1]).astype(np.float64)) ** 2).sum(axis=1)
    for cut in ranges(shape[0]):
        assert_same_bits(distances(x, rows, cut), wanted.astype(F))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_other_samples_give_the_bits_of_the_float_kernel(shape: tuple[int, int]) -> None:
    n, cols = shape
    rng = np.random.default_rng(cols)
    x, rows = byte_sample(rng, n, cols)
    for other in (x + F(0.5), rng.choice(HARD, cols).astype(F)):
        other[0] = F(-1.5)
        table, wanted = floats(rows, cols), np.zeros(n, F)
        call("ep_sqeuclidean_f32__ref", other, table, wanted, cols, cols, 0, n)
        for cut in ranges(n):
            assert_same_bits(distances(other, rows, cut), wanted)


def test_the_largest_sum_fits_32_bits() -> None:
    cols = 66051
    rows = byte_rows(np.array([np.zeros(cols), np.full(cols, 255.0)]))
    found = distances(np.full(cols, 255.0, F), rows, [(0, 2)])
    assert found.tolist() == [float(F(cols * 255**2)), 0.0]


def model(rows: np.ndarray) -> Model:
    labels = np.arange(len(rows)) % 3
    return edgepar.export(KNeighborsClassifier(3).fit(rows, labels), rows[:1], name="near")


def plan_of(model: Model, target: str = "host", **choices: object) -> Plan:
    plan = edgepar.compile(model, target, **choices).plan  # type: ignore[arg-type]
    assert plan is not None
    return plan


WHOLE = np.random.default_rng(0).integers(0, 256, (40, 9)).astype(np.float64)


@pytest.mark.parametrize(
    ("change", "bytes_taken"),
    [(0.0, True), (0.5, False), (1.0, False), (-1.0, False)],
    ids=["whole", "halves", "above 255", "below 0"],
)
def test_only_rows_of_bytes_are_narrowed_and_the_plan_says_so(change: float, bytes_taken: bool) -> None:
    rows = WHOLE.copy()
    rows[0, :2] = [0.0, 255.0]
    rows[0, :2] += change
    made = plan_of(model(rows))
    assert ("ep_sqeuclidean_u8__ref" in made.dump()) == bytes_taken
    assert ("held as bytes without loss" in made.dump()) == bytes_taken


def test_few_rows_stay_floats() -> None:
    assert "ep_sqeuclidean_u8" not in plan_of(model(WHOLE[:31])).dump()


@pytest.mark.parametrize("cores", [1, 3, 8])
@pytest.mark.parametrize("change", [0.0, 0.25])
def test_answers_are_those_of_the_estimator(cores: int, change: float) -> None:
    rng = np.random.default_rng(1)
    X, y = rng.integers(0, 17, (90, 10)).astype(np.float64), rng.integers(0, 4, 90)
    estimator = KNeighborsClassifier(5).fit(X, y)
    asked = rng.integers(0, 17, (60, 10)) + change
    image = edgepar.compile(edgepar.export(estimator, X[:1], name="near"), "host", cores=cores)
    assert (image.run(asked).predict() == estimator.predict(asked)).all()


@pytest.mark.parametrize("fp", ["softfp", "libgcc", "emulation-free"])
def test_builds_that_emulate_floats_keep_to_them(fp: str) -> None:
    taken = "ep_sqeuclidean_u8__corev" in plan_of(model(WHOLE), "gap8", fp=fp).dump()
    assert taken == (fp == "emulation-free")


@pytest.mark.parametrize("cores", [1, 5, 8])
def test_fewer_rows_than_cores(cores: int) -> None:
    X, y = WHOLE[:3], np.array([0, 1, 2])
    estimator = KNeighborsClassifier(1).fit(X, y)
    image = edgepar.compile(edgepar.export(estimator, X[:1], name="near"), "host", cores=cores)
    assert (image.run(WHOLE).predict() == estimator.predict(WHOLE)).all()
