# SPDX-License-Identifier: Apache-2.0
"""Damaged, hostile and unsupported models: each a clear error at once, never a crash, a hang or a wrong answer."""

from __future__ import annotations

import time

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgepar.errors import EdgeparError, ModelFileError, UnsupportedModelError
from edgepar.importer import import_model
from edgepar.importer.table import HANDLERS
from tests.onnx_models import ML, by_graph, imported, model

F = TensorProto.FLOAT


def trees(**changes) -> onnx.ModelProto:
    """A regressor of one tree with two leaves, some attributes changed or (None) left out."""
    attributes = {
        "n_targets": 1, "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [1, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0], "target_treeids": [0, 0],
        "target_nodeids": [1, 2], "target_ids": [0, 0], "target_weights": [1.0, 2.0],
    }  # fmt: skip
    attributes |= changes
    attributes = {name: value for name, value in attributes.items() if value is not None}
    node = helper.make_node("TreeEnsembleRegressor", ["X"], ["y"], domain=ML, **attributes)
    return model([node], [2], [("y", F)])


def chain(depth: int, close: bool) -> onnx.ModelProto:
    """A tree that goes right ``depth`` times; the last node leads to a leaf, or back to the second one."""
    n = 2 * depth + 1
    modes = ["BRANCH_LEQ"] * depth + ["LEAF"] * (depth + 1)
    yes = [*range(depth, 2 * depth), *[0] * (depth + 1)]
    no = [*range(1, depth), 1 if close else 2 * depth, *[0] * (depth + 1)]
    leaves = list(range(depth, n))
    return trees(
        nodes_treeids=[0] * n, nodes_nodeids=list(range(n)), nodes_featureids=[0] * n, nodes_modes=modes,
        nodes_values=[float(i) for i in range(n)], nodes_truenodeids=yes, nodes_falsenodeids=no,
        target_treeids=[0] * len(leaves), target_nodeids=leaves, target_ids=[0] * len(leaves),
        target_weights=[1.0] * len(leaves),
    )  # fmt: skip


def detached_cycle() -> onnx.ModelProto:
    """A sound tree, and two nodes beside it that are each other's only parent."""
    return trees(
        nodes_treeids=[0] * 7, nodes_nodeids=list(range(7)), nodes_featureids=[0] * 7,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values=[0.0] * 7, nodes_truenodeids=[1, 0, 0, 4, 3, 0, 0], nodes_falsenodeids=[2, 0, 0, 5, 6, 0, 0],
        target_treeids=[0] * 4, target_nodeids=[1, 2, 5, 6], target_ids=[0] * 4, target_weights=[1.0] * 4,
    )  # fmt: skip


DAMAGED_TREES = {
    "a child that points back": (trees(nodes_truenodeids=[0, 0, 0]), "child of another node|more than one parent"),
    "a child that does not exist": (trees(nodes_falsenodeids=[7, 0, 0]), "node 7 of tree 0, which does not exist"),
    "a child below 0": (trees(nodes_truenodeids=[-1, 0, 0]), "node -1 of tree 0, which does not exist"),
    "a shared child": (trees(nodes_falsenodeids=[1, 0, 0]), "more than one parent"),
    "a NaN threshold": (trees(nodes_values=[float("nan"), 0.0, 0.0]), "a threshold is NaN"),
    "a short column": (trees(nodes_values=[0.5]), "nodes_values has 1 entries, nodes_treeids has 3"),
    "a missing column": (trees(nodes_featureids=None), "nodes_featureids has 0 entries"),
    "no nodes at all": (
        trees(**dict.fromkeys(("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
              "nodes_truenodeids", "nodes_falsenodeids"))), "there is no tree"),
    "two nodes of one number": (trees(nodes_nodeids=[0, 1, 1]), "two nodes of one number"),
    "a feature that does not exist": (trees(nodes_featureids=[2, 0, 0]), "feature 2, the input has features 0 to 1"),
    "a feature below 0": (trees(nodes_featureids=[-1, 0, 0]), "feature -1"),
    "a weight of no leaf": (trees(target_nodeids=[1, 9]), "node 9 of tree 0, which does not exist"),
    "a weight of an inner node": (trees(target_nodeids=[1, 0]), "no leaf"),
    "a weight of no target": (trees(target_ids=[0, 4]), "target 0 to 4, there are 1"),
    "an infinite weight": (trees(target_weights=[1.0, float("inf")]), "a leaf value is not finite"),
    "two weights of one leaf": (trees(target_nodeids=[1, 1]), "two weights for one target"),
    "targets beyond all memory": (trees(n_targets=2**40), "leaf values fit"),
    "no targets": (trees(n_targets=0), "0 targets"),
    "an unknown mode": (trees(nodes_modes=["BRANCH_MAYBE", "LEAF", "LEAF"]), "the node mode 'BRANCH_MAYBE'"),
    "thresholds twice": (
        trees(nodes_values_as_tensor=numpy_helper.from_array(np.zeros(3))), "nodes_values_as_tensor are both given"),
    "an unknown attribute": (trees(nodes_colour=[1, 2, 3]), "the attribute nodes_colour is not known"),
    "an attribute of another type": (trees(nodes_treeids=[0.5, 0.5, 0.5]), "attribute nodes_treeids has type FLOATS"),
    "a node that is nobody's child": (
        trees(nodes_modes=["LEAF", "LEAF", "LEAF"], target_treeids=[0] * 3, target_nodeids=[0, 1, 2],
              target_ids=[0] * 3, target_weights=[1.0] * 3), "belongs to no tree"),
    "a cycle at the end of a chain": (chain(1000, close=True), "more than one parent"),
    "a cycle beside the tree": (detached_cycle(), "a cycle"),
    "trees that are mixed": (trees(nodes_treeids=[0, 1, 0]), "do not stand together"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED_TREES)
def test_damaged_trees_are_named(case):
    proto, text = DAMAGED_TREES[case]
    with pytest.raises((ModelFileError, UnsupportedModelError), match=text) as caught:
        imported(proto)
    assert "TreeEnsembleRegressor" in str(caught.value)


def test_a_very_deep_tree_is_no_recursion():
    start = time.monotonic()
    graph = imported(chain(100_000, close=False))
    assert by_graph(graph, np.array([[50.0, 0.0]]))["y"].reference.tolist() == [[1.0]]
    assert time.monotonic() - start < 30


def broken(change) -> onnx.ModelProto:
    """A linear model that something is done to."""
    nodes = [
        helper.make_node("MatMul", ["X", "w"], ["s"], name="product"),
        helper.make_node("Add", ["s", "b"], ["y"]),
    ]
    constants = {"w": np.ones((2, 3), dtype=np.float32), "b": np.ones(3, dtype=np.float32)}
    proto = model(nodes, [2], [("y", F)], constants)
    change(proto.graph)
    return proto


def _external(graph):
    graph.initializer[0].data_location = TensorProto.EXTERNAL
    graph.initializer[0].external_data.add(key="location", value="../../etc/passwd")


def _set(**fields):
    def change(graph):
        for name, value in fields.items():
            setattr(graph.node[0], name, value)

    return change


DAMAGED_GRAPHS = {
    "an input that nobody makes": (lambda g: g.node[0].input.__setitem__(0, "Z"), ModelFileError, "input Z is not"),
    "a value before it is made": (
        lambda g: g.node[0].input.__setitem__(0, "y"), ModelFileError, "input y is not defined before it"),
    "a name twice": (lambda g: g.node[1].output.__setitem__(0, "s"), ModelFileError, "the name s is defined twice"),
    "an initializer twice": (
        lambda g: g.initializer.append(g.initializer[0]), ModelFileError, "the name w is defined twice"),
    "an output that nobody makes": (
        lambda g: setattr(g.output[0], "name", "q"), ModelFileError, "no node makes its output q"),
    "no output": (lambda g: g.ClearField("output"), ModelFileError, "it has no outputs"),
    "the same output twice": (lambda g: g.output.append(g.output[0]), ModelFileError, "two outputs y"),
    "two inputs": (
        lambda g: g.input.append(helper.make_tensor_value_info("V", F, [1, 2])), UnsupportedModelError, "2 inputs"),
    "no input": (lambda g: g.ClearField("input"), UnsupportedModelError, "0 inputs"),
    "an input of integers": (
        lambda g: setattr(g.input[0].type.tensor_type, "elem_type", TensorProto.INT64), UnsupportedModelError,
        "input X has type INT64; it must be a tensor of FLOAT or DOUBLE"),
    "an input without length": (
        lambda g: g.input[0].type.tensor_type.shape.dim[1].ClearField("dim_value"), UnsupportedModelError,
        "input X has shape \\[-1, -1\\]"),
    "an input of one axis": (
        lambda g: g.input[0].type.tensor_type.shape.dim.pop(), UnsupportedModelError, "input X has shape"),
    "an input beyond all memory": (
        lambda g: setattr(g.input[0].type.tensor_type.shape.dim[1], "dim_value", 2**60), UnsupportedModelError,
        "at most"),
    "a tensor that is too short": (
        lambda g: setattr(g.initializer[0], "raw_data", b"abcd"), ModelFileError, "Initializer w: the tensor is"),
    "a tensor with a huge shape": (
        lambda g: g.initializer[0].dims.__setitem__(0, 2**62), ModelFileError, "Initializer w: the tensor is"),
    "data in another file": (_external, ModelFileError, "the data lies in another file"),
    "an unknown operator": (
        _set(op_type="Einsum"), UnsupportedModelError,
        "Node Einsum product: the operator Einsum of ai.onnx is not supported; supported are ai.onnx: Add, ArgMax"),
    "an unknown domain": (_set(domain="com.example"), UnsupportedModelError, "MatMul of com.example is not supported"),
    "an output that is a constant": (
        lambda g: setattr(g.output[0], "name", "w"), UnsupportedModelError, "output w is a constant"),
    "coefficients that do not fit": (
        lambda g: g.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((4, 3), np.float32), "w")),
        UnsupportedModelError, "coefficients of shape \\[4, 3\\]"),
    "coefficients that are computed": (
        lambda g: g.node[0].input.__setitem__(1, "X"), UnsupportedModelError, "has to be an initializer"),
    "a coefficient that is NaN": (
        lambda g: g.initializer[0].CopyFrom(numpy_helper.from_array(np.full((2, 3), np.nan, np.float32), "w")),
        UnsupportedModelError, "a coefficient is not finite"),
    "a missing operand": (lambda g: g.node[0].input.pop(), ModelFileError, "input 1 is missing"),
    "more outputs than the operator has": (
        lambda g: g.node[0].output.append("more"), ModelFileError, "names 2 outputs, the operator has 1"),
    "an attribute twice": (
        lambda g: g.node[0].attribute.extend([helper.make_attribute("a", 1)] * 2), ModelFileError, "given twice"),
    "a sparse initializer": (
        lambda g: g.sparse_initializer.add(), UnsupportedModelError, "it has sparse initializers"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED_GRAPHS)
def test_damaged_graphs_are_named(case):
    change, kind, text = DAMAGED_GRAPHS[case]
    with pytest.raises(kind, match=text):
        imported(broken(change))


def test_a_function_with_another_body_is_refused():
    from sklearn.naive_bayes import GaussianNB

    from edgepar.export import export

    X = np.random.default_rng(0).normal(size=(20, 2))
    proto = export(GaussianNB().fit(X, X[:, 0] > 0), X[:1]).proto
    copy = onnx.ModelProto.FromString(proto.SerializeToString())
    body = next(f for f in copy.functions if f.name == "Posterior")
    body.node[2].op_type = "Sub"
    assert imported(proto)
    body.node[-1].op_type = "Sqrt"
    with pytest.raises(
        UnsupportedModelError, match=r"Function ai\.edgepar\.Posterior: its body is not the one"
    ):
        imported(copy)


def test_bytes_from_strangers_never_end_in_a_traceback():
    """Every operator of the table, with inputs and attributes drawn at random."""
    rng = np.random.default_rng(5)
    pieces = ["X", "c", "t", "", "i"]
    constants = {"c": np.ones(2, np.float32), "t": np.array(["a", "b"]), "i": np.array([0, -1], np.int64)}
    values = [1, -3, 2**40, 0.5, "MAX", "SOFTMAX", [1, 2], [0.5, float("nan")], ["LEAF", "b"], [2**62]]
    seen = 0
    for (domain, op_type), handler in sorted(HANDLERS.items(), key=lambda item: item[0]):
        names = [n for n in handler.__code__.co_consts if isinstance(n, str) and n.isidentifier()]
        for _ in range(60):
            chosen = {n: values[rng.integers(len(values))] for n in names if rng.random() < 0.6}
            inputs = [pieces[rng.integers(len(pieces))] for _ in range(rng.integers(0, 5))]
            node = helper.make_node(op_type, inputs, ["y"], domain=domain, **chosen)
            try:
                import_model(model([node], [2], [("y", F)], constants), "made", "0" * 64)
            except EdgeparError:
                seen += 1
    assert seen > 100
