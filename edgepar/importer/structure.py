# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG001 - every handler of the table takes the builder
"""Operators that move or retype values without computing: Cast, Identity, Reshape and their kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Constant, Index, Label, ScoreMap, Symbol, Tensor, kind_of
from edgepar.ops import Concat

_FLOATS = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.DOUBLE: "float64"}
_INTEGERS = (onnx.TensorProto.INT64, onnx.TensorProto.INT32)


def constant(builder: Builder, node: Node) -> Symbol:
    """Constant in the forms that hold numbers or strings."""
    node.only_attributes("value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
                         "value_strings")  # fmt: skip
    value = node.tensor_attribute("value")
    if value is not None:
        return Constant(value)
    if node.has("value_float"):
        return Constant(np.asarray(node.float("value_float", 0.0), dtype=np.float32))
    if node.has("value_int"):
        return Constant(np.asarray(node.int("value_int", 0), dtype=np.int64))
    if node.has("value_string"):
        return Constant(np.asarray(node.text("value_string", ""), dtype=object))
    if node.has("value_floats"):
        return Constant(node.floats("value_floats").astype(np.float32))
    if node.has("value_ints"):
        return Constant(node.ints("value_ints"))
    if node.has("value_strings"):
        return Constant(np.asarray(node.texts("value_strings"), dtype=object))
    raise node.damaged("no attribute holds a value")


def identity(builder: Builder, node: Node) -> Symbol:
    """Identity of anything."""
    node.only_attributes()
    return node.symbol(0)


def cast(builder: Builder, node: Node) -> Symbol:
    """Cast: float32 and float64 of computed numbers, integers of labels, anything numeric of constants."""
    node.only_attributes("to", "saturate", "round_mode")
    to = node.int("to", 0)
    x = node.symbol(0)
    allowed = "computed numbers may become FLOAT or DOUBLE, labels INT64, INT32 or STRING as they are"
    if isinstance(x, Constant):
        if x.array.dtype.kind in "fiub" and (to in _FLOATS or to in _INTEGERS):
            with np.errstate(all="ignore"):
                return Constant(x.array.astype(onnx.helper.tensor_dtype_to_np_dtype(to)))
        if x.array.dtype.kind in "OU" and to == onnx.TensorProto.STRING:
            return x
    elif isinstance(x, Tensor):
        if to == onnx.TensorProto.FLOAT:
            return builder.rounded(x)
        if to == onnx.TensorProto.DOUBLE:
            return replace(x, dtype="float64")
    elif isinstance(x, Label):
        strings = isinstance(x.labels[0], str)
        fits = to == onnx.TensorProto.INT64 or all(
            abs(int(label)) < 2**31 for label in x.labels if not strings
        )
        if (strings and to == onnx.TensorProto.STRING) or (not strings and to in _INTEGERS and fits):
            return x
    elif isinstance(x, Index) and to in _INTEGERS:
        return x
    name = onnx.TensorProto.DataType.Name(to) if to in onnx.TensorProto.DataType.values() else str(to)
    raise node.unsupported(f"{kind_of(x)} is cast to {name}", allowed)


def zip_map(builder: Builder, node: Node) -> Symbol:
    """ZipMap: scores that answer by label; the graph keeps the scores and checks the labels."""
    node.only_attributes("classlabels_int64s", "classlabels_strings")
    scores = node.tensor(0)
    labels: tuple[int, ...] | tuple[str, ...] = tuple(int(v) for v in node.ints("classlabels_int64s"))
    if not labels:
        labels = tuple(node.texts("classlabels_strings"))
    if len(scores.shape) != 1 or len(labels) != scores.len:
        raise node.damaged(f"{len(labels)} labels for scores of shape {list(scores.shape)}")
    return ScoreMap(scores, labels)


def reshape(builder: Builder, node: Node) -> Symbol:
    """Reshape, where it keeps the samples apart."""
    node.only_attributes("allowzero")
    target = node.integers(1)
    x = node.symbol(0)
    if isinstance(x, Constant):
        return _reshaped_constant(node, x, target)
    x = _movable(node)
    shape = x.shape
    size = int(np.prod(shape, dtype=np.int64))
    rest = target[1:]
    if node.int("allowzero", 0) == 0:
        rest = [shape[i] if v == 0 and i < len(shape) else v for i, v in enumerate(rest)]
    keeps_batch = bool(target) and target[0] in (-1, 0)
    if keeps_batch and target[0] == 0 and rest.count(-1) == 1:
        known = int(np.prod([v for v in rest if v != -1], dtype=np.int64))
        if known > 0 and size % known == 0:
            rest = [size // known if v == -1 else v for v in rest]
    if not keeps_batch or any(v < 0 for v in rest) or int(np.prod(rest, dtype=np.int64)) != size:
        raise node.unsupported(
            f"samples of shape {list(shape)} are reshaped to {target}",
            "the first axis has to stay the batch (-1 or 0) and the others have to hold one sample",
        )
    return replace(x, shape=tuple(rest))


def concat(builder: Builder, node: Node) -> Symbol:
    """Concat of computed vectors along their one axis behind the batch."""
    node.only_attributes("axis")
    inputs = [node.tensor(index) for index in range(node.n_inputs)]
    axis = node.int("axis", 0)
    if not inputs or axis not in (1, -1) or any(len(x.shape) != 1 for x in inputs):
        shapes = ", ".join(str(list(x.shape)) for x in inputs)
        raise node.unsupported(
            f"samples of shape {shapes} are joined along axis {axis}", "join vectors [N, n] along axis 1"
        )
    if any(x.dtype != inputs[0].dtype for x in inputs):
        raise node.damaged("the inputs have different types")
    if len(inputs) == 1:
        return inputs[0]
    op = Concat(tuple(x.value for x in inputs), builder.fresh(), node.where, arithmetic=inputs[0].dtype)
    held = all(x.held_as_float32 for x in inputs)
    return Tensor(builder.add(op), inputs[0].dtype, (sum(x.len for x in inputs),), held)


def flatten(builder: Builder, node: Node) -> Symbol:
    """Flatten at the batch axis."""
    node.only_attributes("axis")
    x = node.tensor(0)
    axis = node.int("axis", 1)
    if axis not in (1, -len(x.shape)):
        raise node.unsupported(f"axis is {axis}", "the batch axis is kept, so axis must be 1")
    return replace(x, shape=(x.len,))


def squeeze(builder: Builder, node: Node) -> Symbol:
    """Squeeze of axes behind the batch axis."""
    axes = _axes(node)
    x = node.symbol(0)
    if isinstance(x, Constant):
        try:
            return Constant(np.squeeze(x.array, tuple(axes) if axes else None))
        except ValueError:
            raise node.damaged(
                f"axes {axes} of a constant of shape {list(x.array.shape)} cannot be squeezed"
            ) from None
    x = _movable(node)
    shape = x.shape
    rank = len(shape) + 1
    axes = sorted(a + rank if a < 0 else a for a in axes)
    if not axes or any(not 0 < a < rank or shape[a - 1] != 1 for a in axes):
        raise node.unsupported(
            f"axes {axes} of samples of shape {list(shape)} are squeezed",
            "name axes of length 1 behind the batch axis",
        )
    return replace(x, shape=tuple(n for i, n in enumerate(shape) if i + 1 not in axes))


def unsqueeze(builder: Builder, node: Node) -> Symbol:
    """Unsqueeze of axes behind the batch axis."""
    axes = _axes(node)
    x = node.symbol(0)
    if isinstance(x, Constant):
        try:
            return Constant(np.expand_dims(x.array, tuple(axes)))
        except ValueError:
            raise node.damaged(
                f"axes {axes} cannot be added to a constant of shape {list(x.array.shape)}"
            ) from None
    x = _movable(node)
    shape = x.shape
    rank = len(shape) + 1 + len(axes)
    axes = sorted(a + rank if a < 0 else a for a in axes)
    if not axes or len(set(axes)) != len(axes) or any(not 0 < a < rank for a in axes):
        raise node.unsupported(f"axes {axes} are added", "name distinct axes behind the batch axis")
    new = list(shape)
    for axis in axes:
        new.insert(axis - 1, 1)
    return replace(x, shape=tuple(new))


def _axes(node: Node) -> list[int]:
    node.only_attributes("axes")
    if node.has("axes"):
        return [int(v) for v in node.ints("axes")]
    return node.integers(1) if node.n_inputs > 1 else []


def _movable(node: Node) -> Tensor | Index | Label:
    x = node.symbol(0)
    if isinstance(x, (Tensor, Index, Label)):
        return x
    raise node.unsupported(f"the input is {kind_of(x)}", "it has to be computed numbers or labels")


def _reshaped_constant(node: Node, x: Constant, target: list[int]) -> Symbol:
    try:
        shape = [x.array.shape[i] if v == 0 else v for i, v in enumerate(target)]
        return Constant(x.array.reshape(shape))
    except (ValueError, IndexError):
        raise node.damaged(
            f"a constant of shape {list(x.array.shape)} cannot be reshaped to {target}"
        ) from None
