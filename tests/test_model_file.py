# SPDX-License-Identifier: Apache-2.0
"""Files from strangers: damaged, oversized and hostile ones end in one sentence, never in a traceback or a crash."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgepar import errors, model_file
from edgepar.export import export
from edgepar.model import Model
from tests.estimators import CASES

BY_NAME = {case.name: case for case in CASES}


@cache
def good_bytes(name: str = "iris_tree") -> bytes:
    fitted = BY_NAME[name].fit()
    return export(fitted.estimator, fitted.X_test[:1]).to_bytes()


def changed(change: Callable[[onnx.ModelProto], Any], name: str = "iris_tree") -> bytes:
    proto = onnx.ModelProto.FromString(good_bytes(name))
    change(proto)
    return proto.SerializeToString()


def one_label(proto: onnx.ModelProto) -> None:
    """All leaves vote for the only label."""
    forest = next(node for node in proto.graph.node if node.op_type == "TreeEnsembleClassifier")
    for attribute in forest.attribute:
        if attribute.name == "classlabels_strings":
            del attribute.strings[1:]
        if attribute.name == "class_ids":
            attribute.ints[:] = [0] * len(attribute.ints)


def model(nodes: list[onnx.NodeProto], **options: Any) -> bytes:
    """A model X[N, 2] -> Y of these nodes."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None, None])],
        options.pop("initializer", []),
    )
    opsets = options.pop("opsets", {"": 18, "ai.onnx.ml": 3} | ({"f": 1} if "functions" in options else {}))
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=8, **options).SerializeToString()


def function(name: str, calls: list[str]) -> onnx.FunctionProto:
    """A function of domain f that calls others of it one after the other."""
    steps = ["x", *(f"t{index}" for index in range(len(calls) - 1)), "y"]
    nodes = [
        helper.make_node(call, [steps[i]], [steps[i + 1]], domain="" if call == "Neg" else "f")
        for i, call in enumerate(calls)
    ]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("f", 1)]
    return helper.make_function("f", name, ["x"], ["y"], nodes, opsets)


def call(name: str) -> list[onnx.NodeProto]:
    return [helper.make_node(name, ["X"], ["Y"], domain="f")]


def tree(**changes: Any) -> bytes:
    """One split and two leaves, with changes to its attributes."""
    attributes = {
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [0, 0, 0],
        "nodes_values": [0.5, 0.0, 0.0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0],
        "target_nodeids": [1, 2],
        "target_ids": [0, 0],
        "target_weights": [1.0, 2.0],
        "n_targets": 1,
    } | changes
    return model([helper.make_node("TreeEnsembleRegressor", ["X"], ["Y"], domain="ai.onnx.ml", **attributes)])


def chain(depth: int) -> bytes:
    """A tree that goes down on one side only."""
    n = 2 * depth + 1
    inner = np.arange(n) % 2 == 0
    inner[-1] = False
    leaves = np.flatnonzero(~inner).tolist()
    return tree(
        nodes_treeids=[0] * n,
        nodes_nodeids=list(range(n)),
        nodes_featureids=[0] * n,
        nodes_values=[0.5] * n,
        nodes_modes=["BRANCH_LEQ" if branch else "LEAF" for branch in inner],
        nodes_truenodeids=np.where(inner, np.arange(n) + 1, 0).tolist(),
        nodes_falsenodeids=np.where(inner, np.arange(n) + 2, 0).tolist(),
        target_treeids=[0] * len(leaves),
        target_nodeids=leaves,
        target_ids=[0] * len(leaves),
        target_weights=[1.0] * len(leaves),
    )


def tree_5(**changes: Any) -> bytes:
    """The same split and leaves as the operator of ai.onnx.ml 5, with changes to its attributes."""
    attributes = {
        "nodes_splits": numpy_helper.from_array(np.array([0.5], dtype=np.float32)),
        "nodes_modes": numpy_helper.from_array(np.array([0], dtype=np.uint8)),
        "nodes_featureids": [0],
        "nodes_truenodeids": [0],
        "nodes_trueleafs": [1],
        "nodes_falsenodeids": [1],
        "nodes_falseleafs": [1],
        "leaf_targetids": [0, 0],
        "leaf_weights": numpy_helper.from_array(np.array([1.0, 2.0], dtype=np.float32)),
        "tree_roots": [0],
        "n_targets": 1,
    } | changes
    node = helper.make_node("TreeEnsemble", ["X"], ["Y"], domain="ai.onnx.ml", **attributes)
    return model([node], opsets={"": 18, "ai.onnx.ml": 5})


def external(proto: onnx.ModelProto) -> None:
    tensor = proto.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def other_body(proto: onnx.ModelProto) -> None:
    body = next(function for function in proto.functions if function.name == "GaussianNB").node
    next(node for node in body if node.op_type == "ReduceSum").op_type = "ReduceMean"


def huge_initializer(dims: list[int]) -> bytes:
    tensor = TensorProto(name="T", data_type=TensorProto.FLOAT, dims=dims, raw_data=b"\0" * 16)
    return model([helper.make_node("Add", ["X", "T"], ["Y"])], initializer=[tensor])


def outer_product() -> bytes:
    column = numpy_helper.from_array(np.ones((1 << 16, 1), dtype=np.float32), "T")
    row = numpy_helper.from_array(np.ones((1, 1 << 16), dtype=np.float32), "R")
    return model(
        [helper.make_node("MatMul", ["T", "R"], ["P"]), helper.make_node("Identity", ["P"], ["Y"])],
        initializer=[column, row],
    )


def loop_model() -> bytes:
    body = helper.make_graph([], "body", [], [])
    node = helper.make_node("If", ["X"], ["Y"], then_branch=body, else_branch=body)
    return model([node])


def deep_nesting(levels: int) -> bytes:
    """Graphs in attributes of nodes in graphs, deeper than protobuf parses."""
    data = b""
    # AttributeProto.g, NodeProto.attribute, GraphProto.node, and at last ModelProto.graph
    for tag in [b"\x32", b"\x2a", b"\x0a"] * levels + [b"\x3a"]:
        length, rest = bytearray(), len(data)
        while rest > 127:
            length.append(rest & 127 | 128)
            rest >>= 7
        length.append(rest)
        data = tag + bytes(length) + data
    return data


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "holds no graph with nodes and outputs"),
    "random bytes": (lambda: random.Random(0).randbytes(5000), "is no ONNX file, or a damaged one"),
    "text": (lambda: b"import os\n" * 50, "is no ONNX file, or a damaged one"),
    "half a file": (lambda: good_bytes()[: len(good_bytes()) // 2], "is no ONNX file, or a damaged one"),
    "nested graphs": (lambda: deep_nesting(2000), "is no ONNX file, or a damaged one"),
    "unknown operator": (
        lambda: model([helper.make_node("Frobnicate", ["X"], ["Y"])]),
        "is no valid ONNX model (No Op registered for Frobnicate",
    ),
    "value that nothing produces": (
        lambda: model([helper.make_node("Neg", ["Z"], ["Y"])]),
        "is no valid ONNX model (Nodes in a graph must be topologically sorted",
    ),
    "huge dims": (lambda: huge_initializer([1 << 40, 1 << 40]), "tensor 'T' has shape [1099511627776, "),
    "negative dims": (lambda: huge_initializer([-1, 2]), "tensor 'T' has shape [-1, 2], which is negative"),
    "dims that the data do not fill": (lambda: huge_initializer([3, 3]), "tensor 'T' cannot be read"),
    "outer product": (outer_product, "value 'P' has shape [65536, 65536]"),
    "function that calls itself": (
        lambda: model(call("F"), functions=[function("F", ["F"])]),
        "function 'F' calls itself, directly or through others.",
    ),
    "functions in a circle": (
        lambda: model(call("F"), functions=[function("F", ["G"]), function("G", ["Neg", "F"])]),
        "function 'F' calls itself, directly or through others.",
    ),
    "functions that double": (
        lambda: model(
            call("F0"),
            functions=[function(f"F{i}", [f"F{i + 1}"] * 2) for i in range(40)] + [function("F40", ["Neg"])],
        ),
        "its functions expand to more than 100000 nodes.",
    ),
    "another body under our name": (
        lambda: changed(other_body, "iris_gaussian_nb"),
        "function GaussianNB of ai.edgepar differs from version 1: export the model again.",
    ),
    "short modes": (
        lambda: tree(nodes_modes=["LEAF"]),
        "TreeEnsembleRegressor has node lists of different lengths",
    ),
    "short children": (
        lambda: tree(nodes_truenodeids=[1]),
        "TreeEnsembleRegressor has node lists of different",
    ),
    "child that is missing": (
        lambda: tree(nodes_falsenodeids=[9, 0, 0]),
        "TreeEnsembleRegressor has a node whose child does not exist.",
    ),
    "child that is huge": (
        lambda: tree(nodes_falsenodeids=[1 << 60, 0, 0]),
        "TreeEnsembleRegressor has a node number that is negative or too large.",
    ),
    "negative child": (
        lambda: tree(nodes_falsenodeids=[-5, 0, 0]),
        "TreeEnsembleRegressor has a node number that is negative or too large.",
    ),
    "two parents": (
        lambda: tree(nodes_falsenodeids=[1, 0, 0]),
        "TreeEnsembleRegressor has a node with two parents, so it is no tree.",
    ),
    "equal nodes": (
        lambda: tree(nodes_nodeids=[0, 1, 1]),
        "TreeEnsembleRegressor has two nodes with one number in one tree.",
    ),
}

UNSUPPORTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "version 5 tree in a circle": (
        lambda: tree_5(nodes_trueleafs=[0]),
        "TreeEnsemble has nodes in a circle or a tree deeper than 4096 levels: limit max_depth.",
    ),
    "tree in a circle": (
        lambda: tree(nodes_truenodeids=[0, 0, 0]),
        "TreeEnsembleRegressor has nodes in a circle or a tree deeper than 4096 levels: limit max_depth.",
    ),
    "tree too deep": (
        lambda: chain(100_000),
        "TreeEnsembleRegressor has nodes in a circle or a tree deeper than 4096 levels: limit max_depth.",
    ),
    "data in another file": (
        lambda: changed(external, "iris_gaussian_nb"),
        "keeps tensor 'theta' in another file, and a Model is one file: save it without external data.",
    ),
    "control flow": (loop_model, "holds operator If, and models with control flow"),
    "random numbers": (
        lambda: model([helper.make_node("RandomNormalLike", ["X"], ["Y"])]),
        "holds operator RandomNormalLike, and models with control flow, random numbers",
    ),
    "unknown domain": (
        lambda: model(
            [helper.make_node("F", ["X"], ["Y"], domain="com.acme")], opsets={"": 18, "com.acme": 1}
        ),
        "needs the operator domain 'com.acme', and known are ai.onnx, ai.onnx.ml, ai.edgepar and domains whose",
    ),
    "opset from the future": (
        lambda: model([helper.make_node("Neg", ["X"], ["Y"])], opsets={"": 999}),
        "needs version 999 of ai.onnx, and known are 7 to ",
    ),
    "our domain from the future": (
        lambda: changed(
            lambda proto: setattr(
                next(o for o in proto.opset_import if o.domain == "ai.edgepar"), "version", 2
            ),
            "iris_gaussian_nb",
        ),
        "needs version 2 of ai.edgepar, and known are 1 to 1: export it for one of them.",
    ),
    "function that version 1 does not have": (
        lambda: changed(lambda proto: setattr(proto.functions[0], "name", "KMeans"), "iris_gaussian_nb"),
        "holds a function 'KMeans' of ai.edgepar that version 1 does not have: export the model again.",
    ),
    "a classifier of one class": (
        lambda: changed(one_label, "string_labels_forest"),
        "TreeEnsembleClassifier has 1 class labels, and a classifier needs 2 or more",
    ),
    "two inputs": (
        lambda: changed(
            lambda proto: proto.graph.input.append(
                helper.make_tensor_value_info("Z", TensorProto.FLOAT, [None, 1])
            )
        ),
        "has 2 inputs, and a Model has one: export it with all features in one tensor.",
    ),
    "input of strings": (
        lambda: changed(
            lambda proto: setattr(proto.graph.input[0].type.tensor_type, "elem_type", TensorProto.STRING)
        ),
        "has an input 'X' of element type 8, and allowed are float, double, int32 and int64",
    ),
    "input without dimensions": (
        lambda: changed(lambda proto: proto.graph.input[0].type.tensor_type.ClearField("shape")),
        "has an input 'X' that is no tensor of samples: 2 to 8 dimensions are allowed, the first counts samples.",
    ),
}


@pytest.mark.parametrize(
    ("error", "build", "text"),
    [
        *(pytest.param(errors.ModelFileError, *row, id=name) for name, row in DAMAGED.items()),
        *(pytest.param(errors.UnsupportedModelError, *row, id=name) for name, row in UNSUPPORTED.items()),
    ],
)
def test_bad_file_is_described(
    error: type[errors.EdgeparError], build: Callable[[], bytes], text: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(build())
    with pytest.raises(error) as caught:
        Model.load(path)
    assert type(caught.value) is error
    message = str(caught.value)
    assert message.startswith(f"{path}: {text}")
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 600


def test_exit_codes_part_damaged_from_unsupported() -> None:
    assert (errors.ModelFileError.exit_code, errors.UnsupportedModelError.exit_code) == (5, 6)


def test_missing_file_and_folder_are_described(tmp_path: Path) -> None:
    for path, text in ((tmp_path / "none.onnx", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(errors.ModelFileError) as caught:
            Model.load(path)
        assert str(caught.value) == f"{path}: cannot be read ({text}); check the path."


def test_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.onnx"
    with path.open("wb") as file:
        file.truncate(model_file.MAX_FILE_BYTES + 1)
    with pytest.raises(
        errors.ModelFileError, match="has 1073741825 bytes, more than the 1073741824 that are read"
    ):
        Model.load(path)


def test_model_that_cannot_be_written_is_described(tmp_path: Path) -> None:
    path = tmp_path / "none" / "m.onnx"
    with pytest.raises(errors.ModelFileError) as caught:
        Model(onnx.ModelProto.FromString(good_bytes())).save(path)
    assert str(caught.value) == (
        f"{path}: cannot be written (No such file or directory); choose another path."
    )


def test_small_trees_of_both_versions_are_run() -> None:
    for data in (tree(), tree_5()):
        found = Model(model_file.parse(data, "tree")).predict([[0.5, 0.0], [0.6, 0.0]])
        assert found.tolist() == [1.0, 2.0]


def test_trees_as_deep_as_allowed_are_run() -> None:
    deep = Model(model_file.parse(chain(4000), "deep"))
    assert deep.predict(np.ones((1, 2))).tolist() == [1.0]


def test_what_onnxruntime_refuses_is_described() -> None:
    """A class index beyond the targets passes the checker, and onnxruntime notices when it opens the file."""
    loaded = Model(model_file.parse(tree(target_ids=[0, 7]), "m"))
    with pytest.raises(
        errors.ModelFileError, match=r"^Model g: onnxruntime cannot load it \(.*\); export it again\.$"
    ):
        loaded.predict(np.zeros((1, 2)))


def test_feature_beyond_the_input_is_described() -> None:
    loaded = Model(model_file.parse(tree(nodes_featureids=[1_000_000_000, 0, 0]), "m"))
    with pytest.raises(
        errors.ModelFileError, match=r"^Model g: onnxruntime fails to run it \(.*\); export it again\.$"
    ):
        loaded.predict(np.zeros((1, 2)))


@pytest.mark.parametrize(
    "name", ["iris_tree", "prior_gaussian_nb", "clipped_forest", "string_labels_logistic"]
)
def test_mutated_files_end_in_an_answer_or_a_sentence(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Cut, flipped, removed and reversed bytes; a crash would end the whole test run."""
    rng = random.Random(name)
    X = BY_NAME[name].fit().X_test[:3]
    outcomes = set()
    for _ in range(150):
        data = bytearray(good_bytes(name))
        first, last = sorted(rng.sample(range(len(data)), 2))
        match rng.randrange(4):
            case 0:
                del data[first:]
            case 1:
                del data[first:last]
            case 2:
                data[first:last] = data[first:last][::-1]
            case _:
                for _ in range(rng.randrange(1, 5)):
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            loaded = Model(model_file.parse(bytes(data), "mutant"))
            repr(loaded)
            loaded.predict(X)
            outcomes.add("answer")
        except errors.EdgeparError as error:
            outcomes.add("several lines" if "\n" in str(error) else "sentence")
    assert outcomes == {"answer", "sentence"}
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""


@pytest.mark.parametrize(("axes", "shape"), [([0, 1], "()"), ([0], "(2,)")])
def test_an_output_without_a_row_for_each_sample_is_described(axes: list[int], shape: str) -> None:
    node = helper.make_node("ReduceSum", ["X", "axes"], ["Y"], keepdims=0)
    proto = onnx.ModelProto.FromString(
        model([node], initializer=[numpy_helper.from_array(np.array(axes, np.int64), "axes")])
    )
    del proto.graph.output[0].type.tensor_type.shape.dim[2 - len(axes) :]
    loaded = Model(model_file.parse(proto.SerializeToString(), "m"))
    text = f"Model g: the output Y has shape {shape} for 3 samples; each output has one row a sample."
    with pytest.raises(errors.UnsupportedModelError, match=f"^{re.escape(text)}$"):
        loaded.predict(np.ones((3, 2)))
