# SPDX-License-Identifier: Apache-2.0
"""Answers of several estimators made into one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import Numbers, double, vector
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Label, Symbol, Tensor, kind_of
from edgepar.ops import Interpolate, OneVote, Op, PairVotes, Shares, WeightedMedian, WeightedSum
from edgepar.ops.pair_votes import pair_sides

_MOST_CLASSES = 4096


def _row(builder: Builder, op: Op) -> Tensor:
    name = builder.add(op)
    return Tensor(name, "float64", builder.values[name].shape, False)


def _finite(node: Node, index: int) -> Numbers:
    array = node.numbers(index)
    if not np.isfinite(array).all():
        raise node.unsupported(f"input {index} is not finite", "parameters are finite numbers")
    return array


def _weights(node: Node, x: Tensor) -> Numbers:
    node.only_attributes()
    weights = _finite(node, 1)
    if weights.ndim != 1 or not len(weights) or len(x.shape) != 1 or x.len % len(weights):
        raise node.damaged(f"{list(weights.shape)} weights for samples of shape {list(x.shape)}")
    return weights


def weighted_sum(builder: Builder, node: Node) -> Symbol:
    """Sum over the members."""
    x = double(node)
    return _row(builder, WeightedSum((x.value,), builder.fresh(), node.where, _weights(node, x)))


def weighted_mean(builder: Builder, node: Node) -> Symbol:
    """Sum over the members by the sum of the weights."""
    x = double(node)
    weights = _weights(node, x)
    total = float(weights.sum())
    if total == 0.0 or not np.isfinite(total):
        raise node.unsupported(f"the weights add up to {total}", "give weights whose sum is not 0")
    return _row(builder, WeightedSum((x.value,), builder.fresh(), node.where, weights, total))


def weighted_median(builder: Builder, node: Node) -> Symbol:
    """Median of the members."""
    node.only_attributes()
    x, weights = double(node), _finite(node, 1)
    if len(x.shape) != 1 or weights.shape != (x.len,):
        raise node.damaged(f"{list(weights.shape)} weights for samples of shape {list(x.shape)}")
    if (weights < 0.0).any():
        raise node.unsupported("a weight is below 0", "weights are 0 or more")
    op = WeightedMedian((x.value,), builder.fresh(), node.where, weights)
    return Tensor(builder.add(op), "float64", (), False)


def one_vote(builder: Builder, node: Node) -> Symbol:
    """A label as a vote for its class."""
    node.only_attributes()
    label, classes = node.symbol(0), node.integers(1)
    if not isinstance(label, Label) or label.shape != ():
        raise node.unsupported(f"input 0 is {kind_of(label)}", "it has to be a class label a sample")
    if tuple(classes) != tuple(label.labels):
        raise node.unsupported(
            f"classes {classes[:4]} for labels {list(label.labels[:4])}", "give the labels in their order"
        )
    return _row(builder, OneVote((label.value,), builder.fresh(), node.where, len(classes)))


def _shares(builder: Builder, node: Node, of_nothing: float) -> Symbol:
    node.only_attributes()
    x = double(node)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one number a class")
    return _row(builder, Shares((x.value,), builder.fresh(), node.where, of_nothing))


def shares(builder: Builder, node: Node) -> Symbol:
    """X by its sum."""
    return _shares(builder, node, 0.0)


def shares_or_uniform(builder: Builder, node: Node) -> Symbol:
    """X by its sum, or what each gets when that is 0."""
    uniform = _finite(node, 1)
    if uniform.size != 1:
        raise node.damaged(f"{uniform.size} numbers for the uniform share")
    return _shares(builder, node, float(uniform.reshape(-1)[0]))


def sigmoid_calibration(builder: Builder, node: Node) -> Symbol:
    """1 / (1 + exp(a x + b)): a scale, a shift and the logistic function."""
    node.only_attributes()
    x = double(node)
    a, b = vector(node, 1, x), vector(node, 2, x)
    scores = builder.elementwise(node, x, (("mul", -a), ("sub", b)))
    return builder.activation(node, scores, "logistic")


def interpolate(builder: Builder, node: Node) -> Symbol:
    """Broken lines."""
    node.only_attributes()
    x = double(node)
    knots, values = _finite(node, 1), _finite(node, 2)
    if knots.ndim != 2 or knots.shape[0] != x.len or knots.shape[1] < 2 or values.shape != knots.shape:
        raise node.damaged(f"knots {list(knots.shape)} and values {list(values.shape)} for {x.len} columns")
    if (np.diff(knots, axis=1) < 0).any():
        raise node.unsupported("the knots of a line do not ascend", "sort them")
    return _row(builder, Interpolate((x.value,), builder.fresh(), node.where, knots, values))


def pair_votes(builder: Builder, node: Node) -> Symbol:
    """One-vs-one scores."""
    node.only_attributes()
    predictions, confidences, sides = double(node), node.tensor(1), node.numbers(2)
    classes = sides.shape[-1] if sides.ndim == 2 else 0
    if not 2 <= classes <= _MOST_CLASSES or not np.array_equal(sides, pair_sides(classes)):
        raise node.unsupported(
            f"sides of shape {list(sides.shape)}", "pairs are in the order (0, 1), (0, 2), ..., (1, 2), ..."
        )
    if confidences.dtype != "float64" or any(v.len != len(sides) for v in (predictions, confidences)):
        raise node.damaged(f"answers of shape {list(predictions.shape)} for {len(sides)} pairs")
    op = PairVotes((predictions.value, confidences.value), builder.fresh(), node.where, classes)
    return _row(builder, op)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "WeightedSum": weighted_sum,
    "WeightedMean": weighted_mean,
    "WeightedMedian": weighted_median,
    "OneVote": one_vote,
    "Shares": shares,
    "SharesOrUniform": shares_or_uniform,
    "SigmoidCalibration": sigmoid_calibration,
    "Interpolate": interpolate,
    "PairVotes": pair_votes,
}
