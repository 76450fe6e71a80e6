# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.ops import GaussianNB


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


def posterior(builder: Builder, node: Node) -> Symbol:
    """Probabilities from joint log likelihoods: a softmax."""
    node.only_attributes()
    return builder.activation(node, double(node), "softmax")


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "GaussianNB": gaussian_nb,
    "Posterior": posterior,
}
