# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import CategoricalNB, GaussianNB


def gaussian_nb(builder: Builder, node: Node) -> Symbol:
    """Joint log likelihood."""
    node.only_attributes()
    x = double(node)
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


def categorical_nb(builder: Builder, node: Node) -> Symbol:
    """Joint log likelihood of categories."""
    node.only_attributes()
    x = double(node)
    columns, categories = np.array(node.integers(1), dtype=np.int64), node.numbers(2)
    log_prob, log_prior = node.numbers(3), node.numbers(4)
    if (
        len(x.shape) != 1
        or columns.shape != categories.shape
        or log_prior.ndim != 1
        or log_prob.shape != (len(columns), len(log_prior))
    ):
        raise node.damaged(
            f"{len(columns)} columns, categories {list(categories.shape)}, logarithms {list(log_prob.shape)} and "
            f"priors {list(log_prior.shape)} for samples of shape {list(x.shape)}"
        )
    counts = np.bincount(columns[columns >= 0], minlength=x.len)
    expected = np.concatenate([np.arange(count) for count in counts])
    if not (np.array_equal(columns, np.repeat(np.arange(len(counts)), counts)) and len(counts) == x.len):
        raise node.unsupported("the columns stand in another order", "they ascend from the first to the last")
    if not (counts.min() > 0 and np.array_equal(categories, expected)):
        raise node.unsupported("the categories of a column are others", "they are 0, 1, 2 and so on")
    if not (np.isfinite(log_prob).all() and np.isfinite(log_prior).all()):
        raise node.unsupported("a logarithm is not finite", "parameters are finite numbers")
    op = CategoricalNB((x.value,), builder.fresh(), node.where, counts, log_prob, log_prior)
    return Tensor(builder.add(op), "float64", log_prior.shape, False)


def posterior(builder: Builder, node: Node) -> Symbol:
    """Probabilities from joint log likelihoods: a softmax."""
    node.only_attributes()
    return builder.activation(node, double(node), "softmax")


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "GaussianNB": gaussian_nb,
    "CategoricalNB": categorical_nb,
    "Posterior": posterior,
}
