# SPDX-License-Identifier: Apache-2.0
"""Node tables against a plain descent in Python and against scikit-learn's own trees."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32
NARROW = np.dtype([("value", "u4"), ("feature", "u2"), ("right", "u2")])
WIDE = np.dtype([("value", "u4"), ("feature", "u4"), ("right", "u4")])
TABLES = [("", NARROW, 0x8000), ("wide_", WIDE, 0x80000000)]


def random_tree(rng, depth, features, rows):
    """Nested tuples: a leaf row, or (feature, threshold, missing_left, left, right)."""
    if depth == 0 or rng.random() < 0.15:
        return int(rng.integers(rows))
    threshold = F(rng.choice([-1.5, -0.0, 0.0, 0.25, 1e-45, 1e8, np.inf, rng.standard_normal()]))
    missing_left = bool(rng.random() < 0.5)
    branches = [random_tree(rng, depth - 1, features, rows) for _ in range(2)]
    return (int(rng.integers(features)), threshold, missing_left, *branches)


def descend(tree, x):
    while isinstance(tree, tuple):
        feature, threshold, missing_left, left, right = tree
        value = x[feature]
        go_left = missing_left if np.isnan(value) else value <= threshold
        tree = left if go_left else right
    return tree


def encode(trees, dtype, missing_bit):
    nodes, roots = [], []

    def add(tree):
        at = len(nodes)
        if not isinstance(tree, tuple):
            nodes.append((tree, 0, 0))
            return
        feature, threshold, missing_left, left, right = tree
        nodes.append(None)
        add(left)
        entry = (
            int(F(threshold).view(np.uint32)),
            feature | (missing_bit if missing_left else 0),
            len(nodes) - at,
        )
        nodes[at] = entry
        add(right)

    for tree in trees:
        roots.append(len(nodes))
        add(tree)
    return np.array(nodes, dtype), np.array(roots, np.uint32)


SAMPLES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 0.25, 1e-45, -1e-45, 1e8, -1.5, 0.3]


@pytest.mark.parametrize(("infix", "dtype", "missing_bit"), TABLES, ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("trees", "depth", "features", "outputs"), [(1, 0, 1, 1), (1, 5, 1, 3), (7, 8, 5, 10), (40, 6, 300, 1)]
)
def test_every_split_gives_the_exact_sum(infix, dtype, missing_bit, trees, depth, features, outputs) -> None:
    rng = np.random.default_rng(trees * 100 + depth)
    rows = 13
    forest = [random_tree(rng, depth, features, rows) for _ in range(trees)]
    leaves = rng.integers(-(2**30) // trees, 2**30 // trees, (rows, outputs)).astype(np.int32)
    nodes, roots = encode(forest, dtype, missing_bit)
    for _ in range(25):
        x = np.where(
            rng.random(features) < 0.7, rng.choice(SAMPLES, features), rng.standard_normal(features)
        ).astype(F)
        reached = [descend(tree, x) for tree in forest]
        wanted = leaves[reached].sum(axis=0)
        for cut in ranges(trees):
            stride = outputs + 3
            acc = np.zeros((len(cut), stride), np.int32)
            found = np.full(trees, 99, np.uint32)
            for core, (begin, end) in enumerate(cut):
                call(f"ep_trees_{infix}f32__ref", nodes, roots, leaves, x, acc[core], outputs, begin, end)
                call(f"ep_trees_{infix}leaf_f32__ref", nodes, roots, x, found, begin, end)
            np.testing.assert_array_equal(found, reached)
            total = np.full(outputs, 99, np.int32)
            call("ep_sum_i32__ref", acc, total, len(cut), stride, 0, outputs)
            np.testing.assert_array_equal(total, wanted)
            assert (acc[:, outputs:] == 0).all()
        for name in ("min", "max"):
            extreme = np.zeros(outputs, np.int32)
            for begin, end in [(0, outputs // 2), (outputs // 2, outputs)]:
                call(f"ep_leaves_{name}_i32__ref", found, leaves, extreme, trees, outputs, begin, end)
            np.testing.assert_array_equal(extreme, getattr(leaves[reached], name)(axis=0))


@pytest.mark.parametrize(("infix", "dtype", "missing_bit"), TABLES, ids=["narrow", "wide"])
def test_the_largest_feature_and_distance(infix, dtype, missing_bit) -> None:
    features = 32768 if dtype == NARROW else 70000
    far = 65535 if dtype == NARROW else 200000
    nodes = np.zeros(far + 1, dtype)
    nodes[0] = (int(F(1.0).view(np.uint32)), features - 1, far)
    nodes[1], nodes[far] = (0, 0, 0), (1, 0, 0)
    x = np.zeros(features, F)
    rows = np.zeros(1, np.uint32)
    for value, row in [(1.0, 0), (np.nextafter(F(1), F(2)), 1), (np.nan, 1)]:
        x[-1] = value
        call(f"ep_trees_{infix}leaf_f32__ref", nodes, np.zeros(1, np.uint32), x, rows, 0, 1)
        assert rows[0] == row


def table_of(tree):
    """scikit-learn's arrays as nested tuples; a float64 threshold is rounded down to the float below or at it."""

    def build(i):
        if tree.children_left[i] < 0:
            return int(i)
        threshold = F(tree.threshold[i])
        if float(threshold) > tree.threshold[i]:
            threshold = np.nextafter(threshold, F(-np.inf))
        children = build(tree.children_left[i]), build(tree.children_right[i])
        return (int(tree.feature[i]), threshold, bool(tree.missing_go_to_left[i]), *children)

    return build(0)


def test_scikit_learn_forest() -> None:
    """The leaf of every tree and sample, integer features and NaN included."""
    data = load_digits()
    forest = RandomForestClassifier(8, random_state=0).fit(data.data, data.target)
    nodes, roots = encode([table_of(e.tree_) for e in forest.estimators_], NARROW, 0x8000)
    samples = data.data[::9].astype(F)
    samples[::3, 20:40] = np.nan
    wanted = forest.apply(samples)
    rows = np.zeros(8, np.uint32)
    for x, reached in zip(samples, wanted, strict=True):
        call("ep_trees_leaf_f32__ref", nodes, roots, np.ascontiguousarray(x), rows, 0, 8)
        np.testing.assert_array_equal(rows, reached)


def test_sum_in_place_and_by_ranges() -> None:
    acc = np.arange(24, dtype=np.int32).reshape(4, 6) * 1000003
    wanted = acc.sum(axis=0)
    for begin, end in [(0, 2), (2, 2), (2, 6)]:
        call("ep_sum_i32__ref", acc, acc[0], 4, 6, begin, end)
    np.testing.assert_array_equal(acc[0], wanted)


def test_numbers_of_trees_go_to_their_outputs() -> None:
    leaf = np.array([5, -7, 1 << 30, -(1 << 31), 3], np.int32).view(np.uint32)
    target = np.array([1, 0, 1, 2, 0], np.uint32)
    acc = np.array([10, 20, 30], np.int32)
    for begin, end in [(0, 2), (2, 2), (2, 4)]:
        call("ep_leaves_add_i32__ref", leaf, target, acc, begin, end)
    assert acc.tolist() == [3, 25 + (1 << 30), 30 - (1 << 31)]


def test_label_of_a_leaf() -> None:
    labels = np.array([3, 0, 65535], np.uint16)
    assert [call("ep_leaf_label__ref", row, labels) for row in range(3)] == [3, 0, 65535]


def test_leaf_copy() -> None:
    values = np.array([[1.0, 2.0, 3.0], [0.1, -0.0, np.inf]], F)
    y = np.zeros(3, F)
    for begin, end in [(0, 1), (1, 3)]:
        call("ep_leaf_copy_f32__ref", 1, values, y, 3, begin, end)
    assert_same_bits(y, values[1])


@pytest.mark.parametrize("with_base", [False, True])
def test_scores_round_step_by_step(with_base) -> None:
    acc = np.array([0, 1, -1, 2**24 + 1, 2**30 - 1, -(2**31), 2**31 - 1, 123456789], np.int32)
    base = np.linspace(-3, 3, len(acc)).astype(F) if with_base else None
    scale = F(0.1)
    wanted = acc.astype(F) * scale
    if base is not None:
        wanted = wanted + base
    y = np.zeros(len(acc), F)
    for begin, end in [(0, 3), (3, 8)]:
        call("ep_scores_from_i32_f32__ref", acc, float(scale), base, y, begin, end)
    assert_same_bits(y, wanted)
