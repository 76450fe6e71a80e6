# SPDX-License-Identifier: Apache-2.0
"""The functions of domain ai.edgepar: one node, one operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import onnx

from edgepar.errors import UnsupportedModelError
from edgepar.functions import DOMAIN, FUNCTIONS
from edgepar.importer.arithmetic import linear_scores
from edgepar.importer.builder import Builder, label_table
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import GaussianNB, Normalize
from edgepar.ops.elementwise import Function
from edgepar.ops.normalize import Norm

Numbers = npt.NDArray[np.float64]

_NORMS: dict[str, Norm] = {"NormalizeL1": "l1", "NormalizeL2": "l2", "NormalizeMax": "max"}


def check_bodies(functions: Iterable[onnx.FunctionProto]) -> None:
    """Refuse a file whose ai.edgepar functions compute something else than the operations they stand for."""
    for function in functions:
        if function.domain != DOMAIN:
            continue
        known = FUNCTIONS.get(function.name)
        if known is None or _essence(known) != _essence(function):
            raise UnsupportedModelError(
                f"Function {DOMAIN}.{function.name}: its body is not the one that this version of edgepar knows; "
                "export the model again with this version."
            )


def _essence(function: onnx.FunctionProto) -> tuple[object, ...]:
    """What a function computes, without names of nodes and comments."""
    nodes = []
    for node in function.node:
        attributes = sorted(
            (a.name, onnx.helper.get_attribute_value(a)) for a in node.attribute if not a.HasField("t")
        )
        tensors = sorted(
            (a.name, onnx.numpy_helper.to_array(a.t).tolist()) for a in node.attribute if a.HasField("t")
        )
        nodes.append(
            (node.op_type, node.domain, tuple(node.input), tuple(node.output), str(attributes), str(tensors))
        )
    return (tuple(function.input), tuple(function.output), tuple(nodes))


def _vector(node: Node, index: int, x: Tensor) -> Numbers:
    array = node.numbers(index)
    if array.shape != (x.len,) or len(x.shape) != 1:
        raise node.damaged(
            f"input {index} has shape {list(array.shape)} for samples of shape {list(x.shape)}"
        )
    if not np.isfinite(array).all():
        raise node.unsupported(f"input {index} is not finite", "parameters are finite numbers")
    return array


def _double(node: Node) -> Tensor:
    x = node.tensor(0)
    if x.dtype != "float64":
        raise node.damaged("the input is float32, the function computes in float64")
    return x


def _scaled(builder: Builder, node: Node, first: Function, second: Function | None) -> Symbol:
    node.only_attributes("range_low", "range_high")
    x = _double(node)
    steps: list[tuple[Function, Numbers]] = [(first, _vector(node, 1, x))]
    if second is not None:
        steps.append((second, _vector(node, 2, x)))
    for function, operand in steps:
        if function == "div" and (operand == 0.0).any():
            raise node.unsupported("a scale is 0", "divide by other numbers")
    low, high = node.floats("range_low"), node.floats("range_high")
    ranges = None
    if len(low) or len(high):
        if len(low) != x.len or len(high) != x.len or not (low <= high).all():
            raise node.damaged("range_low and range_high do not fit each other or the features")
        ranges = (low, high)
    return builder.elementwise(node, x, tuple(steps), ranges)


def standard_scale(builder: Builder, node: Node) -> Symbol:
    """(x - mean) / scale."""
    return _scaled(builder, node, "sub", "div")


def min_max_scale(builder: Builder, node: Node) -> Symbol:
    """X * scale + min."""
    return _scaled(builder, node, "mul", "add")


def max_abs_scale(builder: Builder, node: Node) -> Symbol:
    """X / scale."""
    return _scaled(builder, node, "div", None)


def normalize(builder: Builder, node: Node) -> Symbol:
    """X / norm, small norms count as 1."""
    node.only_attributes()
    x = _double(node)
    smallest = node.numbers(1)
    if smallest.size != 1 or not 0.0 <= float(smallest.reshape(-1)[0]) < 1.0:
        raise node.unsupported("the smallest norm is no number from 0 to 1", "give one number below 1")
    size = float(smallest.reshape(-1)[0])
    op = Normalize((x.value,), builder.fresh(), node.where, _NORMS[node.op_type], size)
    return Tensor(builder.add(op), "float64", x.shape, False)


def linear(builder: Builder, node: Node) -> Symbol:
    """Scores; coefficients of one row as a vector give one number a sample."""
    node.only_attributes()
    x = _double(node)
    coef, intercept = node.numbers(1), node.numbers(2)
    if coef.ndim not in (1, 2) or intercept.shape != coef.shape[:-1] or coef.shape[-1] != x.len:
        raise node.damaged(
            f"coefficients {list(coef.shape)} and intercepts {list(intercept.shape)} for {x.len} features"
        )
    scores = linear_scores(builder, node, x, np.atleast_2d(coef), np.atleast_1d(intercept))
    return scores if coef.ndim == 2 else Tensor(scores.value, scores.dtype, (), False)


def logistic_proba(builder: Builder, node: Node) -> Symbol:
    """[1 - p, p] from one score."""
    node.only_attributes()
    x = _double(node)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    return builder.activation(node, x, "binary_logistic")


def gaussian_nb(builder: Builder, node: Node) -> Symbol:
    """Joint log likelihood."""
    node.only_attributes()
    x = _double(node)
    theta, var, log_prior = node.numbers(1), node.numbers(2), node.numbers(3)
    if (
        not (np.isfinite(theta).all() and np.isfinite(var).all())
        or np.isnan(log_prior).any()
        or (log_prior > 0).any()
    ):
        raise node.unsupported(
            "a parameter is not finite or a prior above 1", "give means, variances and log priors"
        )
    op = GaussianNB((x.value,), builder.fresh(), node.where, theta, var, log_prior)
    return Tensor(builder.add(op), "float64", log_prior.shape, False)


def posterior(builder: Builder, node: Node) -> Symbol:
    """Probabilities from joint log likelihoods: a softmax."""
    node.only_attributes()
    return builder.activation(node, _double(node), "softmax")


def arg_max_label(builder: Builder, node: Node) -> Symbol:
    """Label of the first highest score."""
    node.only_attributes()
    x = node.tensor(0)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score a class")
    return builder.label(node, builder.classify(node, x, "argmax"), label_table(node, node.constant(1)))


def sign_label(builder: Builder, node: Node) -> Symbol:
    """Second label where the score is above 0."""
    node.only_attributes()
    x = node.tensor(0)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    return builder.label(node, builder.classify(node, x, "positive"), label_table(node, node.constant(1)))


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "StandardScale": standard_scale,
    "MinMaxScale": min_max_scale,
    "MaxAbsScale": max_abs_scale,
    "NormalizeL1": normalize,
    "NormalizeL2": normalize,
    "NormalizeMax": normalize,
    "Linear": linear,
    "LogisticProba": logistic_proba,
    "GaussianNB": gaussian_nb,
    "Posterior": posterior,
    "ArgMaxLabel": arg_max_label,
    "SignLabel": sign_label,
}
"""Handlers of ai.edgepar by function name; a test holds them against the list of functions."""
