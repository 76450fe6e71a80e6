# SPDX-License-Identifier: Apache-2.0
"""What an ONNX file from a stranger may look like: checks of structure, made in Python before C++ code walks it.

Each check raises `Damaged` or `Refused` with the second half of a sentence; `edgepar.model_file` puts the file's name
before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from edgepar import functions

MAX_TENSOR_LEN = 1 << 28
MAX_INLINED_NODES = 100_000
MAX_TREE_DEPTH = 1 << 12  # onnxruntime walks a tree by recursion
MAX_RANK = 8

_ML_DOMAIN = "ai.onnx.ml"
_VERSIONS = {
    "": range(7, onnx.defs.onnx_opset_version() + 1),
    _ML_DOMAIN: range(1, 6),
    functions.DOMAIN: range(functions.VERSION, functions.VERSION + 1),
}
# Operators whose result is as large as a value says, or that answer differently each time.
_REFUSED_OPS = frozenset(
    (
        *("Loop", "If", "Scan", "SequenceMap"),
        *("ConstantOfShape", "Range", "Expand", "Tile", "Pad", "Resize", "Upsample", "OneHot", "EyeLike"),
        *(
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
        ),
    )
)
_TREE_OPS = ("TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor")
_INPUT_TYPES = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64)
_MAX_ID = (1 << 31) - 1


class Damaged(Exception):
    """The file is not what it claims to be."""


class Refused(Exception):
    """The file is valid but holds something that edgepar does not take."""


def check(proto: onnx.ModelProto) -> None:
    """All checks, cheapest first."""
    _check_graph(proto.graph)
    _check_versions(proto)
    for tensor in _tensors(proto):
        _check_tensor(tensor)
    for function in proto.functions:
        if function.domain == functions.DOMAIN:
            _check_own_function(function)
    _check_ops(proto)
    _check_inlined_size(proto)
    for node in proto.graph.node:
        if node.domain == _ML_DOMAIN and node.op_type in _TREE_OPS:
            _check_trees(node)
            _check_labels(node)


def check_shapes(proto: onnx.ModelProto) -> None:
    """No value of the graph has a static shape beyond what a machine holds."""
    inferred = onnx.shape_inference.infer_shapes(proto)
    for value in (*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output):
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim if dim.dim_value]
        if min(dims, default=0) < 0 or prod(dims) > MAX_TENSOR_LEN:
            raise Damaged(
                f"value {value.name!r} has shape {dims}, more than {MAX_TENSOR_LEN} elements are not allowed"
            )


def _check_graph(graph: onnx.GraphProto) -> None:
    if not graph.node or not graph.output:
        raise Damaged("holds no graph with nodes and outputs, so it is no ONNX model")
    if graph.sparse_initializer:
        raise Refused("holds sparse initializers, and only dense ones are supported")
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise Refused(
            f"has {len(inputs)} inputs, and a Model has one: export it with all features in one tensor"
        )
    tensor_type = inputs[0].type.tensor_type
    if not inputs[0].type.HasField("tensor_type") or not 2 <= len(tensor_type.shape.dim) <= MAX_RANK:
        raise Refused(
            f"has an input {inputs[0].name!r} that is no tensor of samples: 2 to {MAX_RANK} dimensions are allowed, "
            "the first counts samples"
        )
    if tensor_type.elem_type not in _INPUT_TYPES:
        raise Refused(
            f"has an input {inputs[0].name!r} of element type {tensor_type.elem_type}, and allowed are float, double, "
            "int32 and int64: export it with a float input"
        )


def _check_versions(proto: onnx.ModelProto) -> None:
    local = {function.domain for function in proto.functions}
    used = {node.domain for node in _nodes(proto)}
    for opset in proto.opset_import:
        domain = "" if opset.domain == "ai.onnx" else opset.domain
        allowed = _VERSIONS.get(domain)
        if allowed is None and domain in used - local:
            raise Refused(
                f"needs the operator domain {domain!r}, and known are ai.onnx, ai.onnx.ml, ai.edgepar and "
                "domains whose functions the file brings along"
            )
        if allowed is not None and opset.version not in allowed:
            raise Refused(
                f"needs version {opset.version} of {domain or 'ai.onnx'}, and known are "
                f"{allowed.start} to {allowed.stop - 1}: export it for one of them"
            )


def _nodes(proto: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    yield from proto.graph.node
    for function in proto.functions:
        yield from function.node


def _tensors(proto: onnx.ModelProto) -> Iterator[TensorProto]:
    yield from proto.graph.initializer
    for node in _nodes(proto):
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _check_tensor(tensor: TensorProto) -> None:
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise Refused(
            f"keeps tensor {tensor.name!r} in another file, and a Model is one file: save it without external data"
        )
    dims = list(tensor.dims)
    if min(dims, default=0) < 0 or prod(dims) > MAX_TENSOR_LEN or len(dims) > MAX_RANK:
        raise Damaged(f"tensor {tensor.name!r} has shape {dims}, which is negative or too large")
    try:
        found = numpy_helper.to_array(tensor).shape
    except Exception as error:  # noqa: BLE001 - the bytes may be anything
        raise Damaged(f"tensor {tensor.name!r} cannot be read ({_first_line(error)})") from None
    if list(found) != dims:
        raise Damaged(f"tensor {tensor.name!r} has shape {dims} but holds {prod(found)} elements")


def _check_ops(proto: onnx.ModelProto) -> None:
    # The bodies of edgepar's own functions are known to the letter by now.
    foreign = [function.node for function in proto.functions if function.domain != functions.DOMAIN]
    for node in chain(proto.graph.node, *foreign):
        if node.op_type in _REFUSED_OPS:
            raise Refused(
                f"holds operator {node.op_type}, and models with control flow, random numbers or sizes that are "
                "computed are not supported"
            )
        graphs = (AttributeProto.GRAPH, AttributeProto.GRAPHS)
        if any(attribute.type in graphs or attribute.HasField("g") for attribute in node.attribute):
            raise Refused(
                f"operator {node.op_type} holds a graph of its own, and control flow is not supported"
            )


def _check_inlined_size(proto: onnx.ModelProto) -> None:
    """Functions that call each other in a circle, or that grow without bound when they are inlined."""
    bodies = {(function.domain, function.name): function.node for function in proto.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(nodes: Iterable[onnx.NodeProto]) -> int:
        return sum(sizes.get((node.domain, node.op_type), 1) for node in nodes)

    # Without circles, every round settles at least the functions whose callees are settled.
    open_functions = set(bodies)
    while open_functions:
        ready = {
            key
            for key in open_functions
            if not any((node.domain, node.op_type) in open_functions for node in bodies[key])
        }
        if not ready:
            name = min(open_functions)[1]
            raise Damaged(f"function {name!r} calls itself, directly or through others")
        for key in ready:
            sizes[key] = size(bodies[key])
        open_functions -= ready
    if size(proto.graph.node) > MAX_INLINED_NODES:
        raise Damaged(f"its functions expand to more than {MAX_INLINED_NODES} nodes")


def _check_own_function(found: onnx.FunctionProto) -> None:
    """A body that says something else than the name would make compiler and onnxruntime disagree."""
    own = functions.FUNCTIONS.get(found.name)
    if own is None:
        raise Refused(
            f"holds a function {found.name!r} of {functions.DOMAIN} that version {functions.VERSION} does not have: "
            "export the model again"
        )
    if _meaning(found) != _meaning(own):
        raise Damaged(
            f"function {found.name} of {functions.DOMAIN} differs from version {functions.VERSION}: "
            "export the model again"
        )


def _meaning(function: onnx.FunctionProto) -> Any:
    nodes = [
        (
            node.domain,
            node.op_type,
            list(node.input),
            list(node.output),
            sorted((attribute.name, _attribute_value(attribute)) for attribute in node.attribute),
        )
        for node in function.node
    ]
    return (list(function.input), list(function.output), list(function.attribute), nodes)


def _attribute_value(attribute: AttributeProto) -> Any:
    if attribute.HasField("t"):
        array = numpy_helper.to_array(attribute.t)
        return (array.dtype.str, array.shape, array.tobytes())
    if attribute.ref_attr_name:
        return attribute.ref_attr_name
    return helper.get_attribute_value(attribute)


def _check_trees(node: onnx.NodeProto) -> None:
    """Node lists of equal length, children that exist, every tree a tree, none too deep."""
    attributes = {attribute.name: attribute for attribute in node.attribute}

    def ints(name: str) -> npt.NDArray[np.int64]:
        return np.array(attributes[name].ints if name in attributes else [], dtype=np.int64)

    true, false, features = ints("nodes_truenodeids"), ints("nodes_falsenodeids"), ints("nodes_featureids")
    if node.op_type == "TreeEnsemble":  # ai.onnx.ml 5: children are positions, leaves are another list
        columns = [true, false, features, ints("nodes_trueleafs"), ints("nodes_falseleafs")]
        keys = np.arange(len(true))
        inner = [np.flatnonzero(is_leaf == 0) for is_leaf in columns[3:]]
        tree_ids = np.zeros(len(true), dtype=np.int64)
    else:
        tree_ids, node_ids = ints("nodes_treeids"), ints("nodes_nodeids")
        modes = np.array(
            attributes["nodes_modes"].strings if "nodes_modes" in attributes else [], dtype=object
        )
        columns = [true, false, features, tree_ids, node_ids, modes]
        inner = [np.flatnonzero(modes != b"LEAF")] * 2
        keys = node_ids
    if len({len(column) for column in columns}) != 1 or not len(true):
        raise Damaged(f"{node.op_type} has node lists of different lengths or none at all")
    if any((column < 0).any() or (column > _MAX_ID).any() for column in (true, false, keys, tree_ids)):
        raise Damaged(f"{node.op_type} has a node number that is negative or too large")
    keys = (tree_ids << 31) | keys
    parents = np.concatenate(inner)
    children = np.concatenate(
        [tree_ids[rows] << 31 | side[rows] for rows, side in zip(inner, (true, false), strict=True)]
    )
    order = np.argsort(keys, kind="stable")
    if (np.diff(keys[order]) == 0).any():
        raise Damaged(f"{node.op_type} has two nodes with one number in one tree")
    places = np.minimum(np.searchsorted(keys[order], children), len(keys) - 1)
    below = order[places]
    if (keys[below] != children).any():
        raise Damaged(f"{node.op_type} has a node whose child does not exist")
    if len(np.unique(below)) != len(below):
        raise Damaged(f"{node.op_type} has a node with two parents, so it is no tree")
    _check_depth(node.op_type, len(keys), parents, below)


def _check_labels(node: onnx.NodeProto) -> None:
    """Two labels at least: onnxruntime looks for the second one, and a missing string ends the process."""
    labels = [a for a in node.attribute if a.name in ("classlabels_int64s", "classlabels_strings")]
    count = sum(len(attribute.ints) + len(attribute.strings) for attribute in labels)
    if node.op_type == "TreeEnsembleClassifier" and count < 2:
        raise Refused(f"{node.op_type} has {count} class labels, and a classifier needs 2 or more")


def _check_depth(
    op_type: str, n_nodes: int, parents: npt.NDArray[np.int64], children: npt.NDArray[np.int64]
) -> None:
    """Every node is reached from a root, in a bounded number of steps."""
    nobody = n_nodes
    ancestor = np.full(n_nodes + 1, nobody)
    ancestor[children] = parents
    for _ in range(MAX_TREE_DEPTH.bit_length() - 1):  # parent, grandparent, ... the 4096th
        ancestor = ancestor[ancestor]
    if (ancestor != nobody).any():
        raise Refused(
            f"{op_type} has nodes in a circle or a tree deeper than {MAX_TREE_DEPTH} levels: limit max_depth"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
