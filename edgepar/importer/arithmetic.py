# SPDX-License-Identifier: Apache-2.0
"""Arithmetic with constants, and the activations of standard ONNX."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Constant, Symbol, Tensor, kind_of
from edgepar.ops import Linear
from edgepar.ops.elementwise import Function

_BINARY: dict[str, Function] = {
    "Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Min": "min", "Max": "max",
}  # fmt: skip
_SYMMETRIC = ("Add", "Mul", "Min", "Max")
_FOLDED = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Min": np.minimum, "Max": np.maximum,
}  # fmt: skip


def binary(builder: Builder, node: Node) -> Symbol:
    """Add, Sub, Mul, Div, Min or Max of computed numbers and a constant."""
    node.only_attributes()
    if node.n_inputs != 2:
        raise node.unsupported(
            f"{node.n_inputs} inputs", f"{node.op_type} takes computed numbers and a constant"
        )
    first, second = node.symbol(0), node.symbol(1)
    if isinstance(first, Constant) and isinstance(second, Constant):
        return _of_constants(node, first, second)
    if isinstance(first, Tensor) and isinstance(second, Constant):
        return builder.elementwise(node, first, ((_BINARY[node.op_type], _operand(node, first, 1)),))
    if isinstance(first, Constant) and isinstance(second, Tensor):
        operand = _operand(node, second, 0)
        if node.op_type in _SYMMETRIC:
            return builder.elementwise(node, second, ((_BINARY[node.op_type], operand),))
        if node.op_type == "Sub":
            # c - x is (-x) + c without another rounding.
            return builder.elementwise(node, second, (("mul", np.array([-1.0])), ("add", operand)))
    raise node.unsupported(
        f"the inputs are {kind_of(first)} and {kind_of(second)}",
        f"{node.op_type} takes computed numbers and a constant"
        + (", the constant as divisor" if node.op_type == "Div" else ""),
    )


def _of_constants(node: Node, first: Constant, second: Constant) -> Constant:
    if first.array.dtype != second.array.dtype or first.array.dtype.kind not in "f":
        raise node.unsupported(
            f"constants of type {first.array.dtype} and {second.array.dtype}",
            "both have to be float or double",
        )
    try:
        with np.errstate(all="ignore"):
            return Constant(np.asarray(_FOLDED[node.op_type](first.array, second.array)))
    except ValueError:
        raise node.damaged(
            f"shapes {list(first.array.shape)} and {list(second.array.shape)} do not fit"
        ) from None


def _operand(node: Node, x: Tensor, index: int) -> npt.NDArray[np.float64]:
    array = node.constant(index)
    if array.dtype != np.dtype(x.dtype):
        raise node.damaged(f"{kind_of(x)} meets a constant of type {array.dtype}")
    if np.isnan(array).any():
        raise node.unsupported("a constant is NaN", "constants are numbers")
    if node.op_type in ("Add", "Sub", "Mul", "Div") and np.isinf(array).any():
        raise node.unsupported("a constant is infinite", f"{node.op_type} takes finite constants")
    if node.op_type == "Div" and index == 1 and (array == 0.0).any():
        raise node.unsupported("a divisor is 0", "divide by other numbers")
    return np.asarray(array, dtype=np.float64)


def negative(builder: Builder, node: Node) -> Symbol:
    """Neg as a product with -1, which rounds nothing."""
    node.only_attributes()
    return builder.elementwise(node, node.tensor(0), (("mul", np.array([-1.0])),))


def clip(builder: Builder, node: Node) -> Symbol:
    """Clip with constant limits."""
    node.only_attributes("min", "max")
    x = node.tensor(0)
    if node.opset < 11:
        limits = [np.array([node.float(name, 0.0)]) if node.has(name) else None for name in ("min", "max")]
    else:
        limits = [None if node.optional(i) is None else _operand(node, x, i) for i in (1, 2)]
    steps: list[tuple[Function, npt.NDArray[np.float64]]] = []
    functions: tuple[Function, Function] = ("max", "min")
    for function, limit in zip(functions, limits, strict=True):
        if limit is not None:
            if limit.size != 1:
                raise node.unsupported(f"a limit has {limit.size} numbers", "limits are one number each")
            steps.append((function, limit.reshape(1)))
    return builder.elementwise(node, x, tuple(steps)) if steps else x


def softmax(builder: Builder, node: Node) -> Symbol:
    """Softmax over the one axis of a sample."""
    node.only_attributes("axis")
    x = node.tensor(0)
    axis = node.int("axis", -1 if node.opset >= 13 else 1)
    if len(x.shape) != 1 or axis not in (1, -1):
        raise node.unsupported(
            f"axis {axis} of samples of shape {list(x.shape)}", "Softmax goes over axis 1 of [N, classes]"
        )
    return builder.activation(node, x, "softmax")


def sigmoid(builder: Builder, node: Node) -> Symbol:
    """Sigmoid of each score."""
    node.only_attributes()
    x = node.tensor(0)
    y = builder.activation(node, x, "logistic")
    return Tensor(y.value, y.dtype, x.shape, y.held_as_float32)


def exponential(builder: Builder, node: Node) -> Symbol:
    """Exp of each number."""
    node.only_attributes()
    x = node.tensor(0)
    y = builder.activation(node, x, "exponential")
    return Tensor(y.value, y.dtype, x.shape, y.held_as_float32)


def matmul(builder: Builder, node: Node) -> Symbol:
    """MatMul with constant columns."""
    node.only_attributes()
    x, columns = node.tensor(0), node.numbers(1)
    _check_matrix(node, x, columns)
    return _linear(builder, node, x, columns.T, np.zeros(columns.shape[1]))


def gemm(builder: Builder, node: Node) -> Symbol:
    """Gemm with constant coefficients and intercept."""
    node.only_attributes("alpha", "beta", "transA", "transB")
    x, coef = node.tensor(0), node.numbers(1)
    if node.int("transA", 0):
        raise node.unsupported("transA is 1", "the samples are the rows of the first input")
    if node.int("transB", 0) == 0:
        coef = coef.T
    _check_matrix(node, x, coef.T)
    alpha, beta = node.float("alpha", 1.0), node.float("beta", 1.0)
    intercept = node.numbers(2) * beta if node.optional(2) is not None else np.zeros(1)
    if (
        intercept.size not in (1, len(coef))
        or (intercept.ndim == 2 and intercept.shape[0] != 1)
        or intercept.ndim > 2
    ):
        raise node.unsupported(
            f"an intercept of shape {list(intercept.shape)}", f"give 1 or {len(coef)} numbers"
        )
    return _linear(
        builder, node, x, coef * alpha, np.broadcast_to(intercept.reshape(-1), (len(coef),)).copy()
    )


def _check_matrix(node: Node, x: Tensor, columns: npt.NDArray[np.float64]) -> None:
    if len(x.shape) != 1 or columns.ndim != 2 or columns.shape[0] != x.len or columns.shape[1] == 0:
        raise node.unsupported(
            f"samples of shape {list(x.shape)} meet coefficients of shape {list(columns.shape)}",
            "the product takes samples [N, features] and a constant [features, outputs]",
        )


def _linear(
    builder: Builder, node: Node, x: Tensor, coef: npt.NDArray[np.float64], intercept: npt.NDArray[np.float64]
) -> Tensor:
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise node.unsupported("a coefficient is not finite", "coefficients are finite numbers")
    op = Linear((x.value,), builder.fresh(), node.where, coef.copy(), intercept, arithmetic=x.dtype)
    return Tensor(builder.add(op), x.dtype, (len(coef),), x.dtype == "float32")


linear_scores = _linear
