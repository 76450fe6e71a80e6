# SPDX-License-Identifier: Apache-2.0
"""What the Plan decides: splits, chunks, placement, and what it refuses before a build."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from edgepar.codegen.model_source import model_source
from edgepar.data import data_folder
from edgepar.errors import DoesNotFitError, UnsupportedModelError
from edgepar.graph import Graph
from edgepar.kernels import KERNELS
from edgepar.ops import Trees
from edgepar.passes.estimate_cycles import _COSTS, _INTEGER
from edgepar.passes.join_answers import join_answers
from edgepar.passes.lower_trees import device_thresholds, node_table
from edgepar.passes.make_plan import make_plan
from edgepar.plan import Apply, Argument, Call, Element, Phase, Plan, Ref, Result, Unsigned
from edgepar.target import get_target
from tests.graphs import bayes_graph, linear_graph, stump_graph

GRAPHS = {
    "linear 10x64": lambda: linear_graph(10, 64),
    "linear 1x200": lambda: linear_graph(1, 200),
    "bayes 14x5": lambda: bayes_graph(14, 5),
    "forest 100": lambda: stump_graph(100),
    "single tree": lambda: stump_graph(1, depth=6),
}
TARGETS = ["host", "cortex-m4", "pulp-open", "gap8"]


def plan(graph: Graph, target: str, cores: int | None = None) -> Plan:
    chip = get_target(target)
    return make_plan(graph, chip, chip.build(), chip.check_cores(cores))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", GRAPHS)
def test_every_call_names_a_kernel_of_the_table_and_its_source(name: str, target: str) -> None:
    made = plan(GRAPHS[name](), target)
    for phase in made.phases:
        for call in phase.calls:
            family, variant = call.apply.function.split("__")
            assert variant in KERNELS[family].variants
            assert f"{KERNELS[family].folder}/{variant}.c" in made.sources
            assert (call.who == "split") == (call.units > 0)
    assert made.dump().count("\n") >= len(made.tables) + len(made.buffers)


TREE_KERNELS = ("ep_trees", "ep_coded_trees", "ep_codes_by", "ep_sum_i32")


@pytest.mark.parametrize("name", GRAPHS)
def test_arithmetic_does_not_depend_on_the_target_or_the_cores(name: str) -> None:
    made = [plan(GRAPHS[name](), target, cores) for target, cores in (("host", 1), ("host", 8), ("gap8", 3))]
    literals = []
    for one in made:
        # Sums of trees are integers: neither the order of trees nor the form of their nodes can be seen.
        exact = (
            {"nodes", "far_nodes", "roots", "leaves", "coded_features", "cuts"} if "forest" in name else set()
        )
        tables = {table.name: table.data.tobytes() for table in one.tables if table.name not in exact}
        kernels = [call.apply.function.split("__")[0] for phase in one.phases for call in phase.calls]
        literals.append((tables, [k for k in kernels if not k.startswith(TREE_KERNELS)]))
    assert literals[0] == literals[1] == literals[2]


def label_first(rows: int, cols: int) -> Graph:
    """The linear graph with the label asked for before the softmax, as exported models have it."""
    made = linear_graph(rows, cols)
    return replace(made, ops=(made.ops[0], made.ops[2], made.ops[1]))


def test_the_last_core_finds_the_label_while_the_others_go_on() -> None:
    made = plan(label_first(10, 64), "pulp-open", 8)
    (phase,) = [phase for phase in made.phases if "label" in phase.title]
    assert [call.who for call in phase.calls] == ["split", "last"]
    assert "if (core == LINEAR_CORES - 1u) {" in model_source(made)
    assert len(made.phases) == len(plan(linear_graph(10, 64), "pulp-open", 8).phases) - 1


def test_an_answer_that_the_next_phase_reads_is_waited_for() -> None:
    call = Call(Apply("ep_argmax_f32__ref", "ep/argmax.h", (Ref("s"), Unsigned(2))), "first", "label",
                stored_in=Result("index"))  # fmt: skip

    def later(argument: Argument) -> Phase:
        return Phase("later", (Call(Apply("f", "f.h", (argument,)), "split", "later", "row", 9),))

    asked = Phase("label", (call,))
    assert len(join_answers((asked, later(Ref("s"))))) == 1
    for argument in (Result("index"), Element(Result("index")), Apply("g", "g.h", (Result("index"),))):
        assert join_answers((asked, later(argument))) == (asked, later(argument))


def test_tables_that_fit_lie_in_l1_and_large_ones_in_l2() -> None:
    made = plan(linear_graph(20, 900), "pulp-open")
    levels = {table.name: table.level for table in made.tables}
    assert set(levels.values()) == {"l1", "l2"}
    small = plan(stump_graph(8), "pulp-open")
    assert {table.level for table in small.tables} == {"l1"}


FIT = [
    ("pulp-open", lambda: stump_graph(300, depth=8), "l2", "nodes"),
    ("gap8", lambda: stump_graph(300, depth=8), "l2", "nodes"),
    ("cortex-m4", lambda: stump_graph(600, depth=8), "flash", "nodes"),
    ("pulp-open", lambda: linear_graph(2, 17_000), "l1", "sample"),
]


@pytest.mark.parametrize(("target", "graph", "level", "largest"), FIT)
def test_what_does_not_fit_is_refused_by_name(target: str, graph, level: str, largest: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DoesNotFitError) as error:
        plan(graph(), target)
    text = str(error.value)
    assert f"on {target}: {level} needs" in text
    assert f"largest: {largest} of" in text
    assert "choose a target with more memory" in text
    assert error.value.exit_code == 9


THRESHOLDS = [
    (0.1, np.nextafter(np.float32(0.1), np.float32(0))),
    (0.5, np.float32(0.5)),
    (-0.1, np.float32(-0.1)),
    (1e300, np.float32(3.4028235e38)),
    (-1e300, np.float32(-np.inf)),
    (1e-60, np.float32(0.0)),
    (-1e-60, np.float32(-1e-45)),
    (16777217.0, np.float32(16777216.0)),
]


@pytest.mark.parametrize(("threshold", "expected"), THRESHOLDS)
def test_device_threshold_is_the_largest_float_not_above(threshold: float, expected: np.float32) -> None:
    found = device_thresholds(np.array([threshold]))[0]
    assert found == expected
    assert float(found) <= threshold
    with np.errstate(over="ignore"):
        above = float(np.nextafter(found, np.float32(np.inf)))
    assert above > threshold


def test_node_table_puts_left_children_next() -> None:
    op = stump_graph(3, depth=4).ops[0]
    nodes, roots = node_table(op, np.arange(3))  # type: ignore[arg-type]
    assert len(nodes) == 3 * 31
    assert roots.tolist() == [0, 31, 62]
    inner = nodes["right"] > 0
    assert inner.sum() == 3 * 15
    assert (np.flatnonzero(inner) + nodes["right"][inner] < len(nodes)).all()


def test_far_children_take_wide_nodes() -> None:
    op = stump_graph(1, depth=15).ops[0]
    nodes, _ = node_table(op, np.arange(3))  # type: ignore[arg-type]
    assert nodes.dtype.itemsize == 8
    nodes, _ = node_table(stump_graph(1, depth=16).ops[0], np.arange(3))  # type: ignore[arg-type]
    assert nodes.dtype.itemsize == 12


def one_tree(left: list[int], right: list[int]) -> Trees:
    """A tree of one feature and one kind of leaf, from its children."""
    n = len(left)
    leaf = np.where(np.array(left) < 0, 0, -1)
    return Trees(
        ("x",),
        "p",
        "shared",
        1,
        np.array([0]),
        np.zeros(n, dtype=np.int64),
        np.zeros(n),
        np.array(left),
        np.array(right),
        np.zeros(n, dtype=np.bool_),
        leaf,
        np.ones((1, 1)),
        np.zeros(1),
    )


def ladder(levels: int) -> Trees:
    """Level k has two nodes whose left child is the same node of level k + 1."""
    left, right = [], []
    for level in range(levels):
        left += [2 * level + 2, 2 * level + 2]
        right += [2 * level + 1, 2 * levels]
    return one_tree([*left, -1], [*right, -1])


def test_a_right_child_that_is_placed_behind_its_parent_is_not_copied() -> None:
    chain = one_tree([1, 2, 3, -1], [1, 2, 3, -1])
    nodes, _ = node_table(chain, np.arange(1))
    assert nodes["right"].tolist() == [1, 1, 1, 0]


def test_other_shared_nodes_stand_once_for_each_parent() -> None:
    nodes, _ = node_table(ladder(3), np.arange(1))
    inner = np.flatnonzero(nodes["right"])
    assert len(nodes) > 7
    assert (inner + nodes["right"][inner] < len(nodes)).all()
    assert (nodes["right"][inner] > 0).all()


def test_nested_sharing_is_refused_before_it_grows() -> None:
    with pytest.raises(UnsupportedModelError, match="give each node one parent"):
        node_table(ladder(60), np.arange(1))


def test_the_table_has_every_variant_that_is_there_and_no_other() -> None:
    root = data_folder("c_runtime") / "kernels"
    defined: dict[str, set[str]] = {}
    for path in root.glob("*/*.c"):
        for family, variant in re.findall(r"^\w[\w *]*\b(ep_\w+)__(\w+)\(", path.read_text(), re.MULTILINE):
            assert variant == path.stem
            defined.setdefault(family, set()).add(variant)
    for name, kernel in KERNELS.items():
        assert defined[name] == set(kernel.variants), name
        assert (root / kernel.folder / "ref.c").is_file()


@pytest.mark.parametrize(
    ("classes", "features", "target", "columns", "head_len"),
    [
        (10, 784, "pulp-open", [160, 624], 160),
        (10, 383, "pulp-open", [383], 0),
        (10, 384, "pulp-open", [80, 304], 80),
        (11, 400, "pulp-open", [400], 0),  # two blocks of rows
        (10, 820, "pulp-open", [820], 0),  # not surely in L1
        (10, 784, "cortex-m4", [784], 0),
        (10, 784, "gap8", [784], 0),
    ],
)
def test_work_begins_on_the_head_of_a_long_sample(
    classes: int, features: int, target: str, columns: list[int], head_len: int
) -> None:
    made = plan(linear_graph(classes, features), target)
    dense = [
        (phase, call)
        for phase in made.phases
        for call in phase.calls
        if call.apply.function.startswith(("ep_dense_f", "ep_dense_fma"))
    ]
    assert [call.apply.arguments[3] for _, call in dense] == [Unsigned(n) for n in columns]
    assert made.head_len == head_len
    assert [phase.whole_sample for phase, _ in dense] == [False, True][: len(dense)]
    assert ("ep_dma_wait(call->rest_copy);" in model_source(made)) == (head_len > 0)


def test_fused_builds_cut_a_long_sample_alike() -> None:
    """So that they give the same bits, whether it comes in parts or not."""
    host = get_target("host")
    graph = linear_graph(10, 784)
    made = make_plan(graph, host, host.build(isa="fused"), 1)
    batch = make_plan(graph, get_target("pulp-open"), get_target("pulp-open").build(), 8, 4, "units")
    for other in (made, batch):
        assert other.head_len == 0
        (phase,) = (phase for phase in other.phases if len(phase.calls) == 2)
        assert [call.apply.arguments[3] for call in phase.calls] == [Unsigned(160), Unsigned(624)]


def test_estimates_of_cycles_name_kernels_that_exist() -> None:
    for family in (*_COSTS, *_INTEGER):
        assert any(name.startswith(family) for name in KERNELS), family
