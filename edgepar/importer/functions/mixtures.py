# SPDX-License-Identifier: Apache-2.0
"""Gaussian components with covariances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.arithmetic import linear_scores
from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import LogSumExp, QuadraticScores


def quadratic_scores(builder: Builder, node: Node) -> Symbol:
    """Constants less half of the squared lengths of whitened differences to means."""
    node.only_attributes()
    x = double(node)
    means, factors, constants = node.numbers(1), node.numbers(2), node.numbers(3)
    components = len(constants) if constants.ndim == 1 else 0
    if (
        len(x.shape) != 1
        or components < 1
        or means.shape != (components, x.len)
        or factors.ndim != 3
        or factors.shape[:2] != means.shape
        or factors.shape[2] < 1
    ):
        raise node.damaged(
            f"means {list(means.shape)}, factors {list(factors.shape)} and constants {list(constants.shape)} for "
            f"samples of shape {list(x.shape)}"
        )
    if not all(np.isfinite(array).all() for array in (means, factors, constants)):
        raise node.unsupported("a parameter is not finite", "means, factors and constants are finite numbers")
    op = QuadraticScores((x.value,), builder.fresh(), node.where, means, factors, constants)
    return Tensor(builder.add(op), "float64", (components,), False)


def evidence(builder: Builder, node: Node) -> Symbol:
    """Log of the sum of exponentials."""
    node.only_attributes()
    x = double(node)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score a component")
    op = LogSumExp((x.value,), builder.fresh(), node.where)
    return Tensor(builder.add(op), "float64", (), False)


def score_margin(builder: Builder, node: Node) -> Symbol:
    """The second score less the first."""
    node.only_attributes()
    x = double(node)
    if x.shape != (2,):
        raise node.damaged(f"samples of shape {list(x.shape)}, not two scores")
    scores = linear_scores(builder, node, x, np.array([[-1.0, 1.0]]), np.zeros(1))
    return Tensor(scores.value, scores.dtype, (), False)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "QuadraticScores": quadratic_scores,
    "Evidence": evidence,
    "ScoreMargin": score_margin,
}
