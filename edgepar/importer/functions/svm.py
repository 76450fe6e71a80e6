# SPDX-License-Identifier: Apache-2.0
"""Support vector machines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double, vector
from edgepar.importer.functions.distances import number
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import CoupledProba, Op, PairVotes, PairwiseProba, Similarity, SupportScores, SupportVotes
from edgepar.ops.support import pairs

_LARGEST_DEGREE = 1024


def _similarity(builder: Builder, node: Node, op: Similarity, shape: tuple[int, ...]) -> Tensor:
    if not np.isfinite([op.gamma, op.coef0]).all():
        raise node.unsupported("gamma or coef0 is not finite", "parameters are finite numbers")
    return Tensor(builder.add(op), "float64", shape, False)


def rbf_kernel(builder: Builder, node: Node) -> Symbol:
    """exp(-gamma distance)."""
    node.only_attributes()
    x, gamma = double(node), number(node, 1)
    if gamma < 0.0:
        raise node.unsupported(f"gamma is {gamma:g}", "it has to be 0 or more")
    return _similarity(
        builder, node, Similarity((x.value,), builder.fresh(), node.where, "rbf", gamma), x.shape
    )


def polynomial_kernel(builder: Builder, node: Node) -> Symbol:
    """(gamma product + coef0)^degree."""
    node.only_attributes()
    x, gamma, coef0, degree = double(node), number(node, 1), number(node, 2), number(node, 3)
    if degree != round(degree) or not 0 <= degree <= _LARGEST_DEGREE:
        raise node.unsupported(
            f"the degree is {degree:g}", f"it has to be a whole number from 0 to {_LARGEST_DEGREE}"
        )
    op = Similarity((x.value,), builder.fresh(), node.where, "polynomial", gamma, coef0, round(degree))
    return _similarity(builder, node, op, x.shape)


def sigmoid_kernel(builder: Builder, node: Node) -> Symbol:
    """tanh(gamma product + coef0)."""
    node.only_attributes()
    x, gamma, coef0 = double(node), number(node, 1), number(node, 2)
    op = Similarity((x.value,), builder.fresh(), node.where, "sigmoid", gamma, coef0)
    return _similarity(builder, node, op, x.shape)


def _classes(node: Node, n_pairs: int, at: int) -> int:
    """Number of classes, from the two matrices that say which classes a pair has."""
    first, second = node.numbers(at), node.numbers(at + 1)
    n_classes = first.shape[1] if first.ndim == 2 else 0
    if n_classes < 2 or n_classes * (n_classes - 1) // 2 != n_pairs:
        raise node.damaged(f"{n_pairs} scores for the pairs of {n_classes} classes")
    unit = np.eye(n_classes)
    for found, index in zip((first, second), pairs(n_classes), strict=True):
        if not np.array_equal(found, unit[index]):
            raise node.unsupported(
                "the classes of the pairs stand in another order",
                "the order is (0, 1), (0, 2), ..., (1, 2), ...",
            )
    return n_classes


def pair_scores(builder: Builder, node: Node) -> Symbol:
    """Scores of the pairs of classes from similarities to support vectors."""
    node.only_attributes()
    x = double(node)
    coef, intercept, owner = node.numbers(1), node.numbers(2), np.array(node.integers(3), dtype=np.int64)
    n_classes = _classes(node, intercept.size, 4)
    if (
        x.shape != (len(owner),)
        or coef.shape != (n_classes - 1, x.len)
        or intercept.ndim != 1
        or (np.diff(owner) < 0).any()
        or owner.min(initial=0) < 0
        or owner.max(initial=0) >= n_classes
    ):
        raise node.damaged(
            f"coefficients {list(coef.shape)} and classes of {len(owner)} support vectors for samples of shape "
            f"{list(x.shape)} and {n_classes} classes"
        )
    if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
        raise node.unsupported("a coefficient is not finite", "parameters are finite numbers")
    op = SupportScores((x.value,), builder.fresh(), node.where, coef, intercept, owner)
    return Tensor(builder.add(op), "float64", intercept.shape, False)


def pair_votes(builder: Builder, node: Node) -> Symbol:
    """Pairs that each class wins, with or without how clearly."""
    node.only_attributes()
    x = double(node)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score a pair")
    n_classes = _classes(node, x.len, 1)
    op: Op = SupportVotes((x.value,), builder.fresh(), node.where, n_classes)
    if node.op_type == "SupportConfidences":
        op = PairVotes((x.value,), op.output, node.where, n_classes)
    return Tensor(builder.add(op), "float64", (n_classes,), False)


def pairwise_proba(builder: Builder, node: Node) -> Symbol:
    """Probabilities of both classes of each pair."""
    node.only_attributes()
    x = double(node)
    op = PairwiseProba((x.value,), builder.fresh(), node.where, vector(node, 1, x), vector(node, 2, x))
    return Tensor(builder.add(op), "float64", (2 * x.len,), False)


def coupled_proba(builder: Builder, node: Node) -> Symbol:
    """Probabilities of the classes from those of the pairs."""
    node.only_attributes()
    x = double(node)
    if len(x.shape) != 1 or x.len % 2:
        raise node.damaged(f"samples of shape {list(x.shape)}, not two probabilities a pair")
    n_classes = _classes(node, x.len // 2, 1)
    op = CoupledProba((x.value,), builder.fresh(), node.where, n_classes)
    return Tensor(builder.add(op), "float64", (n_classes,), False)


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "RbfKernel": rbf_kernel,
    "PolynomialKernel": polynomial_kernel,
    "SigmoidKernel": sigmoid_kernel,
    "SupportScores": pair_scores,
    "SupportVotes": pair_votes,
    "SupportConfidences": pair_votes,
    "PairwiseProba": pairwise_proba,
    "CoupledProba": coupled_proba,
}
