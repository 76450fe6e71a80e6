# SPDX-License-Identifier: Apache-2.0
"""Linear scores and their link."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgepar.importer.arithmetic import linear_scores
from edgepar.importer.builder import Builder
from edgepar.importer.functions.arguments import double
from edgepar.importer.nodes import Node
from edgepar.importer.symbols import Symbol, Tensor


def linear(builder: Builder, node: Node) -> Symbol:
    """Scores; coefficients of one row as a vector give one number a sample."""
    node.only_attributes()
    x = double(node)
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
    x = double(node)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    return builder.activation(node, x, "binary_logistic")


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "Linear": linear,
    "LogisticProba": logistic_proba,
}
