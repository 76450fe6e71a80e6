# SPDX-License-Identifier: Apache-2.0
"""A ModelProto to a Graph: walk the nodes, then decide what the outputs mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx

from edgepar.errors import ModelFileError, UnsupportedModelError
from edgepar.graph import Graph, GraphOutput, Role
from edgepar.importer.builder import Builder
from edgepar.importer.functions.bodies import check_bodies
from edgepar.importer.nodes import Node, read_tensor
from edgepar.importer.symbols import Constant, Index, Label, Labels, ScoreMap, Symbol, Tensor, kind_of
from edgepar.importer.table import HANDLERS, ML_DOMAIN, supported_operators
from edgepar.ops import (
    Activation,
    CategoryCodes,
    Concat,
    CoupledProba,
    Elementwise,
    Fill,
    MissingFlags,
    Op,
    Select,
    Trees,
    Value,
)

_ELEMENT_TYPES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.DOUBLE: "float64"}
#: Roles that an output has by its name, in models of edgepar.export.
_NAMED_ROLES: tuple[Role, ...] = ("probabilities", "decision", "transformed", "score")
_MOST_FEATURES = 2**24


def import_model(model_proto: onnx.ModelProto, name: str, sha256: str) -> Graph:
    """Read an ONNX model as a graph.

    Parameters
    ----------
    model_proto
        The model; only its nodes, initializers, attributes and functions are read, never its metadata.
    name
        Name of the model, a C identifier.
    sha256
        Hash of the file, kept for the generated code.

    Raises
    ------
    UnsupportedModelError
        An operator or a form of one that edgepar does not know.
    ModelFileError
        A model that no runtime could execute.
    """
    graph = model_proto.graph
    check_bodies(model_proto.functions)
    opsets = {("" if o.domain == "ai.onnx" else o.domain): o.version for o in model_proto.opset_import}
    symbols: dict[str, Symbol] = {}
    if graph.sparse_initializer:
        raise UnsupportedModelError(f"Model {name}: it has sparse initializers; save it with dense ones.")
    for tensor in graph.initializer:
        _define(name, symbols, tensor.name, Constant(read_tensor(tensor, f"Initializer {tensor.name}")))
    source = _input(name, graph, symbols)
    builder = Builder(Value(source.value, source.shape, "float32"))
    _define(name, symbols, source.value, source)
    for proto in graph.node:
        _walk(name, builder, symbols, proto, opsets)
    outputs, labels = _outputs(name, graph, builder, symbols)
    ops = _alive(builder.ops, outputs)
    kept = {source.value, *(op.output for op in ops)}
    return Graph(
        name=name,
        input=builder.values[source.value],
        values={key: value for key, value in builder.values.items() if key in kept},
        ops=ops,
        outputs=outputs,
        labels=labels,
        accepts_nan=_accepts_nan(ops, builder.values, source.value, outputs),
        sha256=sha256,
    )


def _define(name: str, symbols: dict[str, Symbol], key: str, symbol: Symbol) -> None:
    if key in symbols:
        raise ModelFileError(f"Model {name}: the name {key} is defined twice; export the model again.")
    symbols[key] = symbol


def _input(name: str, graph: onnx.GraphProto, symbols: dict[str, Symbol]) -> Tensor:
    """The one input that is no initializer."""
    inputs = [i for i in graph.input if i.name not in symbols]
    if len(inputs) != 1:
        raise UnsupportedModelError(
            f"Model {name}: it has {len(inputs)} inputs; one is supported: features [N, n] or samples of one shape."
        )
    (found,) = inputs
    kind = found.type.WhichOneof("value")
    element = found.type.tensor_type.elem_type
    if kind != "tensor_type" or element not in _ELEMENT_TYPES:
        known = element in onnx.TensorProto.DataType.values()
        what = onnx.TensorProto.DataType.Name(element) if kind == "tensor_type" and known else str(kind)
        raise UnsupportedModelError(
            f"Model {name}: input {found.name} has type {what}; it must be a tensor of FLOAT or DOUBLE."
        )
    dims = [
        d.dim_value if d.WhichOneof("value") == "dim_value" else -1 for d in found.type.tensor_type.shape.dim
    ]
    if not found.type.tensor_type.HasField("shape") or len(dims) < 2 or any(d < 1 for d in dims[1:]):
        raise UnsupportedModelError(
            f"Model {name}: input {found.name} has shape {dims} (-1 stands for unknown); "
            "the first axis is the batch and all others need a fixed length of 1 or more."
        )
    shape = tuple(int(d) for d in dims[1:])
    if float(np.prod([float(d) for d in shape])) > _MOST_FEATURES:
        raise UnsupportedModelError(
            f"Model {name}: input {found.name} has samples of shape {list(shape)}; at most {_MOST_FEATURES} fit."
        )
    dtype = _ELEMENT_TYPES[element]
    return Tensor(found.name, "float32" if dtype == "float32" else "float64", shape, True)


def _walk(
    name: str, builder: Builder, symbols: dict[str, Symbol], proto: onnx.NodeProto, opsets: dict[str, int]
) -> None:
    """One node: look its inputs and its handler up, name what comes out."""
    domain = "" if proto.domain == "ai.onnx" else proto.domain
    where = f"{proto.op_type} {proto.name or '-> ' + ', '.join(proto.output)}"
    inputs: list[Symbol | None] = []
    for key in proto.input:
        if key and key not in symbols:
            raise ModelFileError(
                f"Node {where}: its input {key} is not defined before it; export the model again."
            )
        inputs.append(symbols[key] if key else None)
    handler = HANDLERS.get((domain, proto.op_type))
    if handler is None:
        raise UnsupportedModelError(
            f"Node {where}: the operator {proto.op_type} of {domain or 'ai.onnx'} is not supported; "
            f"supported are {supported_operators()}."
        )
    node = Node(proto, inputs, opsets.get(domain, 1))
    builder.begin(node)
    made = handler(builder, node)
    made = made if isinstance(made, tuple) else (made,)
    if len(proto.output) > len(made):
        raise node.damaged(f"it names {len(proto.output)} outputs, the operator has {len(made)}")
    for key, symbol in zip(proto.output, made, strict=False):
        if key:
            _define(name, symbols, key, symbol)


def _outputs(
    name: str, graph: onnx.GraphProto, builder: Builder, symbols: dict[str, Symbol]
) -> tuple[tuple[GraphOutput, ...], Labels]:
    """The model's outputs with their roles, and the labels."""
    if not graph.output:
        raise ModelFileError(f"Model {name}: it has no outputs; export the model again.")
    found: list[tuple[str, Symbol]] = []
    for output in graph.output:
        if output.name not in symbols:
            raise ModelFileError(
                f"Model {name}: no node makes its output {output.name}; export the model again."
            )
        if output.name in [key for key, _ in found]:
            raise ModelFileError(f"Model {name}: it has two outputs {output.name}; export the model again.")
        found.append((output.name, symbols[output.name]))
    labels: Labels = ()
    for key, symbol in found:
        table = _labels_of(symbol)
        if table and labels and table != labels:
            raise UnsupportedModelError(
                f"Model {name}: output {key} has other class labels than the outputs before it; they have to agree."
            )
        labels = table or labels
    classifier = any(isinstance(symbol, (Label, Index)) for _, symbol in found)
    outputs = []
    for key, symbol in found:
        if isinstance(symbol, (Label, Index)):
            outputs.append(GraphOutput(key, symbol.value, "label", symbol.shape == ()))
            continue
        tensor = symbol.scores if isinstance(symbol, ScoreMap) else symbol
        if not isinstance(tensor, Tensor):
            raise UnsupportedModelError(
                f"Model {name}: output {key} is {kind_of(symbol)}; outputs have to depend on the input."
            )
        role = _role(key, tensor, builder, classifier)
        outputs.append(GraphOutput(key, tensor.value, role, tensor.shape == ()))
    return tuple(outputs), labels if classifier else ()


def _labels_of(symbol: Symbol) -> Labels:
    if isinstance(symbol, (Label, ScoreMap)):
        return symbol.labels
    return tuple(range(symbol.classes)) if isinstance(symbol, Index) else ()


def _role(key: str, tensor: Tensor, builder: Builder, classifier: bool) -> Role:
    """What a numeric output means: by its name where that is one of ours, else by what computes it."""
    if not classifier:
        return "value"
    for role in _NAMED_ROLES:
        if key == role:
            return role
    op = builder.producer(tensor)
    if isinstance(op, (Activation, CoupledProba)) or "prob" in key.lower():
        return "probabilities"
    if isinstance(op, Trees) and (op.leaf_values >= 0).all():
        return "probabilities"
    return "decision"


def _alive(ops: Sequence[Op], outputs: Sequence[GraphOutput]) -> tuple[Op, ...]:
    """Operations that an output needs."""
    needed = {output.value for output in outputs}
    kept: list[Op] = []
    for op in reversed(ops):
        if op.output in needed:
            kept.append(op)
            needed.update(op.inputs)
    return tuple(reversed(kept))


def _accepts_nan(
    ops: Sequence[Op], values: Mapping[str, Value], source: str, outputs: Sequence[GraphOutput]
) -> bool | tuple[int, ...]:
    """Whether NaN has a meaning, in all features or in some: each of its ways ends where missing values are looked at.

    The elements of values that lie on such a way have an origin, the feature they come from, or -1 where they never are
    NaN.
    """
    features = values[source].len
    origins = {source: np.arange(features)}
    refused = np.zeros(features, dtype=np.bool_)
    for op in ops:
        found = [origins.get(name, np.full(values[name].len, -1)) for name in op.inputs]
        if isinstance(op, Elementwise):
            origins[op.output] = found[0]
        elif isinstance(op, Select):
            origins[op.output] = found[0][op.columns]
        elif isinstance(op, Concat):
            origins[op.output] = np.concatenate(found)
        elif isinstance(op, CategoryCodes):
            origins[op.output] = np.where(np.isnan(op.missing), found[0], -1)
        elif not isinstance(op, Trees) and not (
            isinstance(op, (Fill, MissingFlags)) and np.isnan(op.missing)
        ):
            for at in found:
                refused[at[at >= 0]] = True
    for output in outputs:
        at = origins.get(output.value, np.zeros(0, dtype=np.int64))
        refused[at[at >= 0]] = True
    if refused.all() or not refused.any():
        return not refused.any()
    return tuple(np.flatnonzero(~refused).tolist())


__all__ = ["ML_DOMAIN", "import_model"]
