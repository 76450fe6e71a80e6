# SPDX-License-Identifier: Apache-2.0
"""Tables of one word a node: kernels reach the leaves that the operation reaches, however the nodes are laid out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.ops import Trees
from edgepar.passes.code_trees import (
    Coded,
    Grid,
    Layout,
    Questions,
    Ranks,
    ask,
    code,
    expected_visits,
    float_order,
    order_for_cores,
)
from edgepar.passes.lower_trees import device_thresholds, order_nodes
from tests.kernel_library import call, ranges

F = np.float32
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 3.4e38, 0.5, 2.5], F)


def forest(rng: np.random.Generator, trees: int, features: int, thresholds: np.ndarray, depth: int) -> Trees:
    """Random trees of single-number leaves, each adding to one of three outputs."""
    feature, threshold, left, right, leaf = [], [], [], [], []
    values: list[list[float]] = []

    def add(level: int, output: int) -> int:
        at = len(feature)
        for column in (feature, threshold, left, right, leaf):
            column.append(-1)
        feature[at], threshold[at] = 0, 0.0
        if level == 0 or rng.random() < 0.2:
            leaf[at] = len(values)
            values.append([float(rng.integers(-50, 50)) if k == output else 0.0 for k in range(3)])
            return at
        feature[at], threshold[at] = int(rng.integers(features)), float(rng.choice(thresholds))
        left[at] = add(level - 1, output)
        right[at] = add(level - 1, output)
        return at

    roots = [add(depth, int(rng.integers(3))) for _ in range(trees)]
    inner = np.array(left) >= 0
    return Trees(
        ("x",), "y", "test", features, np.array(roots), np.array(feature), np.array(threshold), np.array(left),
        np.array(right), inner & (rng.random(len(left)) < 0.5), np.array(leaf), np.array(values), np.zeros(3),
    )  # fmt: skip


def layout_of(op: Trees) -> tuple[Layout, Questions | None]:
    order, right, roots = order_nodes(op)
    layout = Layout(order, right, roots.astype(np.int64))
    return layout, ask(op, layout, device_thresholds(op.threshold[order]))


def codes_of(questions: Questions, x: np.ndarray, cut: list[tuple[int, int]]) -> np.ndarray:
    found = np.full(2 * questions.n_codes, 7, np.uint32)
    for begin, end in cut:
        if isinstance(questions.how, Grid):
            call("ep_codes_by_grid_f32__ref", x, found, questions.how.shift, questions.how.base, begin, end)
        else:
            features, cuts = questions.how.features, questions.how.cuts
            call("ep_codes_by_rank_f32__ref", features, cuts, x, found, begin, end)
    return found


def coded(op: Trees, hot_words: int | None) -> tuple[Questions, Coded]:
    layout, questions = layout_of(op)
    assert questions is not None
    leaf = np.where(op.left[layout.node] < 0, op.leaf[layout.node], 0)
    made = code(op, layout, questions, leaf, hot_words)
    assert made is not None
    return questions, made


def samples(rng: np.random.Generator, thresholds: np.ndarray, features: int, rows: int) -> np.ndarray:
    """Thresholds as float32, their neighbours, special numbers."""
    with np.errstate(over="ignore"):
        at = thresholds.astype(F)
    pool = np.concatenate([at, np.nextafter(at, F(np.inf)), np.nextafter(at, F(-np.inf)), SPECIAL])
    return rng.choice(pool, (rows, features)).astype(F)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["halves", "few", "many", "special"]),
    st.sampled_from([None, 0, 9, 40]),
)
def test_every_row_reaches_its_leaves(seed: int, kind: str, hot_words: int | None) -> None:
    rng = np.random.default_rng(seed)
    thresholds = {
        "halves": np.arange(16) + 0.5,
        "few": rng.normal(size=30),
        "many": np.sort(rng.normal(size=700)),
        "special": np.array([np.inf, -np.inf, 0.0, -0.0, 1e-45, 1e300, -1e-60]),
    }[kind]
    trees, features = int(rng.integers(1, 12)), int(rng.integers(1, 5))
    op = forest(rng, trees, features, thresholds, int(rng.integers(1, 9)))
    if not (op.left >= 0).any():
        assert layout_of(op)[1] is None
        return
    questions, made = coded(op, hot_words)
    assert isinstance(questions.how, Grid) or kind != "halves"
    x = samples(rng, thresholds, features, 5)
    reached = op.leaf_rows(x.astype(np.float64))
    turn = order_for_cores(made.cost, 3)
    assert sorted(turn.tolist()) == list(range(trees))
    roots = (made.roots[turn] << 8).astype(np.uint32)
    leaves = np.eye(len(op.leaf_values), dtype=np.int32)
    cold = made.cold if len(made.cold) else None
    for row, wanted in zip(x, reached, strict=True):
        for cut in ranges(questions.n_codes):
            codes = codes_of(questions, row, cut)
        for cut in ranges(trees):
            votes, rows = np.zeros((2, len(leaves)), np.int32)
            for begin, end in cut:
                call("ep_coded_trees_vote__ref", made.hot, cold, roots, codes, votes, begin, end)
                call(
                    "ep_coded_trees_row__ref",
                    made.hot,
                    cold,
                    roots,
                    leaves,
                    codes,
                    rows,
                    len(leaves),
                    begin,
                    end,
                )
            np.testing.assert_array_equal(votes, np.bincount(wanted, minlength=len(leaves)))
            np.testing.assert_array_equal(rows, votes)


@pytest.mark.parametrize("hot_words", [None, 0, 30])
def test_signed_leaves_add_to_the_sum_that_the_root_names(hot_words: int | None) -> None:
    rng = np.random.default_rng(3)
    op = forest(rng, 9, 3, np.arange(5) + 0.25, 6)
    layout, questions = layout_of(op)
    assert questions is not None
    number = op.leaf_values.sum(axis=1).astype(np.int64) * 10_000_000
    leaf = np.where(op.left[layout.node] < 0, number[op.leaf[layout.node]], 0)
    made = code(op, layout, questions, leaf, hot_words)
    assert made is not None
    target = rng.integers(0, 3, 9)
    roots = (made.roots << 8 | target).astype(np.uint32)
    for row in samples(rng, np.arange(5) + 0.25, 3, 20):
        codes = codes_of(questions, row, [(0, questions.n_codes)])
        sums = np.zeros(3, np.int32)
        cold = made.cold if len(made.cold) else None
        call("ep_coded_trees_sum__ref", made.hot, cold, roots, codes, sums, 0, 9)
        wanted = np.bincount(target, number[op.leaf_rows(row[None].astype(float))[0]], 3)
        np.testing.assert_array_equal(sums, wanted)


def test_a_feature_of_many_thresholds_counts_as_several() -> None:
    rng = np.random.default_rng(0)
    thresholds = np.sort(rng.normal(size=1000))
    op = forest(rng, 40, 2, thresholds, 10)
    _, questions = layout_of(op)
    assert questions is not None
    assert isinstance(questions.how, Ranks)
    assert 4 < questions.n_codes <= 10
    assert questions.how.features["cuts"].max() == 255


def test_too_many_thresholds_and_too_far_children_take_no_codes() -> None:
    rng = np.random.default_rng(0)
    op = forest(rng, 20, 300, rng.normal(size=100_000), 9)
    assert layout_of(op)[1] is None
    op = forest(rng, 1, 1, np.array([0.5]), 17)
    layout, questions = layout_of(op)
    assert questions is not None
    leaf = np.zeros(len(layout.node), dtype=np.int64)
    assert len(leaf) > 10_000
    assert code(op, layout, questions, leaf, None) is None


def test_busy_nodes_are_hot() -> None:
    rng = np.random.default_rng(1)
    op = forest(rng, 20, 4, np.arange(10) + 0.5, 8)
    share = np.where(np.arange(len(op.left)) % 7 == 0, 0.9, 0.1)
    known = Trees(**{**op.__dict__, "visits": share})
    layout, _ = layout_of(known)
    visits = expected_visits(known, layout)
    np.testing.assert_array_equal(visits[layout.roots], 1.0)
    inner = np.flatnonzero(op.left[layout.node] >= 0)
    assert (visits[inner] >= visits[inner + 1]).all()
    assert (visits[inner] >= visits[layout.right[inner]]).all()
    budgets = (30, 60, 120, 400)
    shares = [coded(op, words)[1].in_hot for words in budgets]
    assert shares == sorted(shares)
    assert all(len(coded(op, words)[1].hot) <= words for words in budgets)
    assert coded(op, None)[1].in_hot == 1.0


@given(st.lists(st.floats(1.0, 100.0), min_size=1, max_size=60), st.integers(1, 8))
def test_trees_are_dealt_evenly(cost: list[float], cores: int) -> None:
    numbers = np.array(cost)
    turn = order_for_cores(numbers, cores)
    assert sorted(turn.tolist()) == list(range(len(cost)))
    if len(cost) < cores:
        return
    cuts = [core * (len(cost) // cores) + min(core, len(cost) % cores) for core in range(cores + 1)]
    load = [numbers[turn[a:b]].sum() for a, b in pairwise(cuts)]
    assert max(load) <= numbers.sum() / cores + numbers.max()


@given(st.lists(st.floats(1.0, 100.0), min_size=3, max_size=60), st.integers(2, 8))
def test_the_cheapest_trees_come_last_and_are_free(cost: list[float], cores: int) -> None:
    numbers, free = np.array(cost), len(cost) // 3
    turn = order_for_cores(numbers, cores, free)
    assert sorted(turn.tolist()) == list(range(len(cost)))
    dealt, left = numbers[turn[: len(cost) - free]], numbers[turn[len(cost) - free :]]
    assert (dealt.min() >= left).all()
    assert (np.diff(left) <= 0).all()


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2))
def test_integers_are_in_the_order_of_floats(pair: list[float]) -> None:
    low, high = (float_order(np.array([v], F))[0] for v in pair)
    assert (low < high) == (F(pair[0]) < F(pair[1]))
