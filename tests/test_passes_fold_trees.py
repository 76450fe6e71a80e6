# SPDX-License-Identifier: Apache-2.0
"""Scalers folded into trees decide as the Model does for every float32, and devices see thresholds that are float32."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepar.graph import Graph, GraphOutput
from edgepar.ops import (
    Concat,
    CountEdges,
    Elementwise,
    Fill,
    MissingFlags,
    Normalize,
    Op,
    Polynomial,
    Select,
    Step,
    Trees,
    Value,
)
from edgepar.passes.fold_scaler_into_trees import boundaries, fold_scaler_into_trees, from_rank
from edgepar.passes.lower_trees import device_thresholds
from edgepar.passes.merge_base import merge_base
from edgepar.passes.merge_divisor import merge_divisor
from edgepar.passes.trace_features import trace
from edgepar.passes.verify import BrokenGraphError, verify

FLOAT_MAX = float(np.finfo(np.float32).max)
INFINITY = 0x7F800000


def graph_of(ops: list[Op], features: int) -> Graph:
    """A regressor of these operations."""
    values = {"x": Value("x", (features,), "float32")}
    for op in ops:
        values[op.output] = op.infer(*(values[name] for name in op.inputs))
    outputs = (GraphOutput("y", ops[-1].output, "value", False),)
    return Graph("g", values["x"], values, tuple(ops), outputs, (), True, "0" * 64)


def stumps(features: np.ndarray, thresholds: np.ndarray, missing: np.ndarray, source: str = "s") -> Trees:
    """One tree a question; tree i adds 2**i where the answer is yes."""
    n = len(features)
    node = np.arange(3 * n)
    inner = node % 3 == 0
    return Trees(
        (source,), "y", "stumps", int(features.max()) + 1, node[inner], np.repeat(features, 3),
        np.repeat(thresholds, 3).astype(float), np.where(inner, node + 1, -1), np.where(inner, node + 2, -1),
        np.repeat(missing, 3) & inner, np.where(inner, -1, np.where(node % 3 == 1, node // 3 + 1, 0)),
        np.concatenate([[0.0], 2.0 ** (np.arange(n) % 1000)])[:, None], np.zeros(1),
    )  # fmt: skip


def scaler(
    arithmetic: str, *steps: tuple, rounds: bool = True, source: str = "x", name: str = "s"
) -> Elementwise:
    """Steps given as (function, operand)."""
    made = tuple(
        Step(function, np.atleast_1d(np.asarray(operand, dtype=float))) for function, operand in steps
    )
    return Elementwise((source,), name, "scaler", made, arithmetic=arithmetic, rounds=rounds)


def line(*around: float) -> np.ndarray:
    """Special float32 numbers and a neighbourhood of 40 on each side of those given."""
    special = [0, 1, -1, INFINITY, -INFINITY, INFINITY - 1, 1 - INFINITY, 0x00800000, -0x00800000, 0x3F800000]
    found = [np.array(special, dtype=np.int64)]
    for value in around:
        with np.errstate(over="ignore"):
            bits = int(np.float32(value).view(np.uint32))
        rank = bits if bits < 0x80000000 else 0x80000000 - bits
        found.append(np.clip(rank + np.arange(-40, 41), -INFINITY, INFINITY))
    x = from_rank(np.unique(np.concatenate(found)))
    return np.concatenate([x, [np.nan, -0.0]])


CHAINS = {
    "standard": [scaler("float64", ("sub", 0.3), ("div", 1.7))],
    "standard, not cast": [scaler("float64", ("sub", 0.3), ("div", 1.7), rounds=False)],
    "turned round": [scaler("float64", ("sub", 0.3), ("div", -1.7))],
    "float32": [scaler("float32", ("sub", 0.1), ("mul", 3.3), rounds=False)],
    "float32, turned round": [scaler("float32", ("mul", -3.3), ("add", 0.7), rounds=False)],
    "minmax with clip": [scaler("float64", ("mul", 0.37), ("add", -0.11), ("max", 0.0), ("min", 1.0))],
    "clip that is turned round": [scaler("float64", ("mul", -0.37), ("max", -0.5), ("min", 0.5))],
    "constant": [scaler("float64", ("mul", 0.0), ("add", 0.25))],
    "constant in float32": [scaler("float32", ("mul", 0.0), rounds=False)],
    "huge factor": [scaler("float64", ("mul", 1e30))],
    "huge divisor": [scaler("float64", ("div", 1e30))],
    "far offset": [scaler("float64", ("sub", 1e6), ("div", 1e-3))],
    "two scalers": [
        scaler("float64", ("sub", 5.5), ("div", 2.5), rounds=False, name="first"),
        scaler("float64", ("mul", -0.1), ("add", 1.0), source="first"),
    ],
    "two casts": [
        scaler("float64", ("sub", 5.5), ("div", 2.5), name="first"),
        scaler("float32", ("mul", 0.1), ("add", 1.0), source="first", rounds=False),
    ],
}  # fmt: skip
THRESHOLDS = (0.0, -0.0, 0.25, 0.1, -0.7, 1.0, 3.3e-40, 1e30, -1e30, FLOAT_MAX, np.inf, -np.inf, 0.3 + 2**-40)


def preimages(chain: list[Elementwise], threshold: float) -> float:
    """Roughly where the chain crosses the threshold."""
    value = threshold
    for op in reversed(chain):
        for step in reversed(op.steps):
            operand = float(step.operand[0])
            with np.errstate(all="ignore"):
                value = {
                    "add": value - operand, "sub": value + operand, "mul": np.divide(value, operand),
                    "div": value * operand,
                }.get(step.function, value)  # fmt: skip
    return float(np.clip(np.nan_to_num(value), -FLOAT_MAX, FLOAT_MAX))


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("chain", CHAINS)
def test_folded_trees_decide_for_every_float32_as_before(chain, missing):
    scalers = CHAINS[chain]
    n = len(THRESHOLDS)
    trees = stumps(np.zeros(n, dtype=np.int64), np.array(THRESHOLDS), np.full(n, missing))
    graph = graph_of([*scalers, trees], 1)
    folded = fold_scaler_into_trees(graph)
    (op,) = folded.ops
    assert isinstance(op, Trees)
    assert op.inputs == ("x",)
    inner = op.left >= 0
    np.testing.assert_array_equal(op.threshold[inner], op.threshold[inner].astype(np.float32))
    x = line(*(preimages(scalers, t) for t in THRESHOLDS))[:, None]
    scaled = x
    for step in scalers:
        scaled = step.evaluate(scaled)
    np.testing.assert_array_equal(op.evaluate(x), trees.evaluate(scaled))
    verify(folded, "the test")


@settings(max_examples=150)
@given(st.data())
def test_boundaries_are_right_on_both_sides(data):
    arithmetic = data.draw(st.sampled_from(["float32", "float64"]))
    number = st.floats(-1e4, 1e4, width=32)
    factor = st.floats(-1e3, 1e3, width=32).filter(lambda v: abs(v) > 1e-6)
    steps = [
        (f := data.draw(st.sampled_from(["add", "sub", "mul", "div", "min", "max"])),
         data.draw(factor if f in ("mul", "div") else number))
        for _ in range(data.draw(st.integers(1, 4)))
    ]  # fmt: skip
    op = scaler(arithmetic, *steps, rounds=data.draw(st.booleans()))
    threshold = np.array([data.draw(st.floats(-1e6, 1e6))])
    found = trace(graph_of([op], 1), op.output)
    boundary, turned = boundaries(found, np.zeros(1, dtype=np.int64), threshold)
    x = line(float(boundary[0]), data.draw(number))
    x = x[~np.isnan(x)]
    wanted = op.apply(x, np.zeros(len(x), dtype=np.int64)) <= threshold
    np.testing.assert_array_equal((x <= boundary[0]) ^ turned[0], wanted)


def test_a_large_forest_takes_a_moment():
    rng = np.random.default_rng(0)
    n = 40_000
    trees = stumps(rng.integers(0, 64, n), rng.normal(size=n), np.zeros(n, dtype=bool))
    trees = Trees(**{**trees.__dict__, "leaf_values": np.zeros((n + 1, 1))})
    mean, scale = rng.normal(size=64), rng.uniform(0.5, 2, size=64)
    graph = graph_of([scaler("float64", ("sub", mean), ("div", scale)), trees], 64)
    start = time.monotonic()
    assert len(fold_scaler_into_trees(graph).ops) == 1
    assert time.monotonic() - start < 5


def test_a_normalizer_is_never_folded():
    features, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    before = graph_of([Normalize(("x",), "s", "norm", "l2"), stumps(features, np.array([0.5]), no)], 1)
    assert fold_scaler_into_trees(before) is before
    behind = graph_of(
        [Normalize(("x",), "n", "norm", "l2"), scaler("float64", ("sub", 1.0), source="n"),
         stumps(features, np.array([0.5]), no)], 1,
    )  # fmt: skip
    assert fold_scaler_into_trees(behind) is behind


@pytest.mark.parametrize("rounds", [True, False])
def test_what_stands_before_some_features_is_folded_beside_values_that_stay(rounds):
    """A scaler of selected columns and filled missing values go, products of features stay."""
    scale = np.array([0.37, -2.0])
    before = [
        Select(("x",), "chosen", "columns", np.array([2, 0])),
        scaler("float64", ("sub", 0.1), ("mul", scale), rounds=False, source="chosen"),
        Fill(("s",), "filled", "imputer", np.nan, np.array([0.3, -1.1]), rounds=rounds),
        Polynomial(("x",), "products", "products", np.array([[1, 1], [3, 0], [1, 3]])),
        Concat(("products", "filled", "x"), "all", "join"),
    ]
    features = np.tile(np.arange(8), 3)
    thresholds = np.concatenate([np.full(8, 0.3), np.full(8, -0.8), np.linspace(-2, 2, 8)])
    missing = np.arange(24) % 3 == 0
    graph = graph_of([*before, stumps(features, thresholds, missing, source="all")], 3)
    folded = fold_scaler_into_trees(graph)
    verify(folded, "the test")
    assert [type(op) for op in folded.ops] == [Polynomial, Concat, Trees]
    rng = np.random.default_rng(0)
    special = line(0.3, 0.1, 0.1 + 0.3 / 0.37, 0.5, -0.8)
    special = special[~np.isinf(special)]
    x = rng.choice(special, (4000, 3))
    np.testing.assert_array_equal(values_of(folded, x), values_of(graph, x))


def test_filled_values_alone_leave_nothing_before_the_trees():
    before = [Fill(("x",), "f", "imputer", np.nan, np.array([0.5, 7.0]))]
    features, no = np.array([0, 0, 1]), np.zeros(3, dtype=bool)
    graph = graph_of([*before, stumps(features, np.array([0.4, 0.5, 6.0]), no, source="f")], 2)
    folded = fold_scaler_into_trees(graph)
    assert [type(op) for op in folded.ops] == [Trees]
    x = np.array([[np.nan, 1.0], [0.45, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(values_of(folded, x), values_of(graph, x))


def test_intervals_and_flags_of_missing_values_are_folded():
    before = [
        scaler("float64", ("div", np.array([-0.3, 2.0])), rounds=False),
        CountEdges(("s",), "bins", "bins", (np.array([-1.0, 0.0, 0.1]), np.array([5.0]))),
        MissingFlags(("s",), "flags", "flags", np.nan),
        scaler("float64", ("sub", 0.2), ("div", 0.7), rounds=False, source="flags", name="scaled"),
        Concat(("bins", "scaled"), "all", "join"),
    ]
    features = np.tile(np.arange(4), 3)
    graph = graph_of(
        [*before, stumps(features, np.repeat([0.0, 0.5, 2.0], 4), features > 1, source="all")], 2
    )
    folded = fold_scaler_into_trees(graph)
    assert [type(op) for op in folded.ops] == [Trees]
    x = np.random.default_rng(0).choice(line(0.3, 10.0, -0.03), (3000, 2))
    np.testing.assert_array_equal(values_of(folded, x), values_of(graph, x))


def test_selections_that_nothing_is_folded_of_stay():
    before = [
        Polynomial(("x",), "p", "products", np.array([[0, 1]])),
        Concat(("p", "x"), "all", "join"),
    ]
    features, no = np.arange(3), np.zeros(3, dtype=bool)
    graph = graph_of([*before, stumps(features, np.zeros(3), no, source="all")], 2)
    assert fold_scaler_into_trees(graph) is graph


def values_of(graph: Graph, x: np.ndarray) -> np.ndarray:
    """The graph's answer in the Model's arithmetic."""
    values = {"x": x}
    for op in graph.ops:
        values[op.output] = op.evaluate(*(values[name] for name in op.inputs))
    return values[graph.outputs[0].value]


def test_shared_children_stay_behind_a_scaler_that_turns_round():
    """x == 0.5 as two nodes that share a leaf: with sides changed, it would come before its second parent."""
    column = lambda *values: np.array(values)  # noqa: E731
    trees = Trees(
        ("s",), "y", "equal", 1, column(0), column(0, 0, 0, 0), column(0.5, np.nextafter(0.5, 0), 0, 0),
        column(1, 2, -1, -1), column(2, 3, -1, -1), np.zeros(4, dtype=bool), column(-1, -1, 0, 1),
        np.array([[0.0], [1.0]]), np.zeros(1),
    )  # fmt: skip
    kept = graph_of([scaler("float64", ("mul", -1.0)), trees], 1)
    assert [type(op) for op in fold_scaler_into_trees(kept).ops] == [Elementwise, Trees]
    folded = fold_scaler_into_trees(graph_of([scaler("float64", ("mul", 2.0)), trees], 1))
    x = line(0.25)[:, None]
    np.testing.assert_array_equal(folded.ops[0].evaluate(x)[:, 0], (x[:, 0] == 0.25).astype(float))


def test_a_scaler_that_something_else_reads_stays():
    features, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    graph = graph_of([scaler("float64", ("sub", 1.0)), stumps(features, np.array([0.5]), no)], 1)
    both = Graph(**{**graph.__dict__, "outputs": (*graph.outputs, GraphOutput("s", "s", "value", False))})
    folded = fold_scaler_into_trees(both)
    assert [type(op) for op in folded.ops] == [Elementwise, Trees]
    assert folded.ops[1].inputs == ("x",)


THRESHOLD_CASES = (
    0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 1 / 3, 1e-45, 1.4e-45, -1e-46, 1e-46, 1e-320, -1e-320, 1.1754943e-38,
    3.4028235e38, 3.5e38, -3.5e38, 1e300, -1e300, np.inf, -np.inf, 16777217.0, -16777217.0,
)  # fmt: skip


@pytest.mark.parametrize("threshold", THRESHOLD_CASES)
def test_thresholds_rounded_down_decide_alike_in_their_neighbourhood(threshold):
    rounded = device_thresholds(np.array([threshold]))
    assert rounded.dtype == np.float32
    with np.errstate(over="ignore"):
        x = line(threshold)
    np.testing.assert_array_equal(x.astype(np.float32) <= rounded[0], x <= threshold)


@given(st.floats(allow_nan=False))
def test_thresholds_rounded_down_decide_alike(threshold):
    rounded = device_thresholds(np.array([threshold]))
    with np.errstate(over="ignore"):
        x = line(threshold)
    np.testing.assert_array_equal(x.astype(np.float32) <= rounded[0], x <= threshold)


def divided(trees: Trees, divisor: np.ndarray, function: str = "div") -> Graph:
    """Trees and a division behind them."""
    op = Elementwise(("y",), "mean", "division", (Step(function, divisor),))
    return graph_of([trees, op], 1)


def test_a_division_becomes_the_divisor():
    trees = stumps(
        np.zeros(3, dtype=np.int64), np.array([0.0, 1.0, 2.0]), np.zeros(3, dtype=bool), source="x"
    )
    graph = divided(trees, np.array([3.0]))
    merged = merge_divisor(graph)
    (op,) = merged.ops
    assert isinstance(op, Trees)
    assert op.divisor == 3.0
    assert verify(merged, "the test").outputs[0].value == "mean"
    x = line(0, 1, 2)[:, None]
    np.testing.assert_array_equal(op.evaluate(x), trees.evaluate(x) / 3.0)


@pytest.mark.parametrize(
    ("divisor", "function"), [([-3.0], "div"), ([3.0], "mul"), ([3.0], "add")], ids=["negative", "mul", "add"]
)
def test_other_arithmetic_stays(divisor, function):
    trees = stumps(np.zeros(1, dtype=np.int64), np.array([0.0]), np.zeros(1, dtype=bool), source="x")
    graph = divided(trees, np.array(divisor), function)
    assert merge_divisor(graph) is graph


def test_a_constant_behind_trees_becomes_their_base():
    trees = stumps(np.zeros(2, dtype=np.int64), np.array([0.0, 1.0]), np.zeros(2, dtype=bool), source="x")
    merged = merge_base(divided(trees, np.array([3.0]), "add"))
    (op,) = merged.ops
    assert isinstance(op, Trees)
    np.testing.assert_array_equal(op.base, [3.0])
    assert verify(merged, "the test").outputs[0].value == "mean"
    graph = divided(trees, np.array([3.0]), "mul")
    assert merge_base(graph) is graph


def test_the_verifier_names_what_is_wrong():
    trees = stumps(np.zeros(1, dtype=np.int64), np.array([0.0]), np.zeros(1, dtype=bool), source="x")
    graph = graph_of([trees], 1)
    wrong = {
        "reads z before it is made": {"ops": (Trees(**{**trees.__dict__, "inputs": ("z",)}),)},
        "not y: float32\\[7\\]": {"values": {**graph.values, "y": Value("y", (7,), "float32")}},
        "which nothing makes": {"outputs": (GraphOutput("y", "q", "value", False),)},
        "there is no output": {"outputs": ()},
        "is not int32": {"outputs": (GraphOutput("y", "y", "label", True),)},
        "a left child that is no node": {"ops": (Trees(**{**trees.__dict__, "left": trees.left + 90}),)},
        "a threshold that is NaN": {"ops": (Trees(**{**trees.__dict__, "threshold": trees.threshold * np.nan}),)},
        "a second time": {"ops": (trees, trees)},
        "belong to nothing": {"values": {**graph.values, "q": Value("q", (1,), "float32")}},
        "1 labels": {"labels": (3,)},
    }  # fmt: skip
    for text, change in wrong.items():
        with pytest.raises(BrokenGraphError, match=text):
            verify(Graph(**{**graph.__dict__, **change}), "the test")
