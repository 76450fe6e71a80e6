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
from edgepar.ops.activation import Kind

_OF_ONE_SCORE: dict[str, Kind] = {
    "LogisticProba": "binary_logistic",
    "ModifiedHuberProba": "binary_modified_huber",
}
_SHARES: dict[str, Kind] = {"OneVsRestProba": "one_vs_rest", "ModifiedHuberShares": "modified_huber"}


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


def of_one_score(builder: Builder, node: Node) -> Symbol:
    """[1 - p, p] from one score."""
    node.only_attributes()
    x = double(node)
    if x.shape != ():
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score each")
    return builder.activation(node, x, _OF_ONE_SCORE[node.op_type])


def shares(builder: Builder, node: Node) -> Symbol:
    """A probability of each score, as shares of their sum."""
    node.only_attributes()
    x = double(node)
    if len(x.shape) != 1:
        raise node.damaged(f"samples of shape {list(x.shape)}, not one score a class")
    equal = node.numbers(1)
    if equal.shape != () or float(equal) != 1.0 / x.len:
        raise node.unsupported(f"equal is not 1 / {x.len}", "where all are 0 each class has the same share")
    return builder.activation(node, x, _SHARES[node.op_type])


HANDLERS: dict[str, Callable[[Builder, Node], Symbol]] = {
    "Linear": linear,
    **dict.fromkeys(_OF_ONE_SCORE, of_one_score),
    **dict.fromkeys(_SHARES, shares),
}
