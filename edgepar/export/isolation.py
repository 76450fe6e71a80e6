# SPDX-License-Identifier: Apache-2.0
"""IsolationForest: the depths at which the trees isolate a sample, and 2 to the power of their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edgepar.export.emitter import Emitter
from edgepar.export.tree_nodes import Floats, write_sums
from edgepar.export.trees import nodes_of


def isolation_forest(emitter: Emitter, estimator: Any, classes: npt.NDArray[Any]) -> None:
    """Label, decision and score; every sample whose decision is not below 0 is an inlier."""
    trees = [
        nodes_of(member.tree_, _path_lengths(member.tree_)[:, None], (0,), np.asarray(features))
        for member, features in zip(estimator.estimators_, estimator.estimators_features_, strict=True)
    ]
    depths = write_sums(emitter, emitter.x_rounded(), trees, 1)
    depths = emitter.op("Squeeze", [depths, emitter.axes(1)], stem="depths")
    longest = len(trees) * float(_average_path_length(np.array([estimator.max_samples_]))[0])
    if longest == 0.0:
        # Trees of one sample: scikit-learn takes 1 for the quotient.
        depths = emitter.op("Mul", [depths, emitter.parameter("nothing", 0.0)])
        depths = emitter.op("Add", [depths, emitter.parameter("one", 1.0)])
    exponent = emitter.op(
        "Mul", [depths, emitter.parameter("factor", -np.log(2.0) / (longest or 1.0))], stem="exponent"
    )
    power = emitter.op("Exp", [exponent], stem="anomaly")
    score = emitter.op("Neg", [power], emitter.output("score") or "", stem="score")
    decision = emitter.op(
        "Sub",
        [score, emitter.parameter("offset", float(estimator.offset_))],
        emitter.output("decision") or "",
        stem="decision",
    )
    emitter.call("NonNegativeLabel", [decision, emitter.classes(classes)], emitter.output("label") or "")


def _path_lengths(tree: Any) -> Floats:
    """What each leaf counts: its depth, and how deep a tree of its own samples would be on average."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # children stand behind their parents
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    return np.asarray(depth + _average_path_length(tree.n_node_samples), dtype=np.float64)


def _average_path_length(samples: npt.NDArray[Any]) -> Floats:
    """Mean depth of an unsuccessful search in a binary tree of so many samples (Liu, Ting, Zhou 2008, equation 1)."""
    n = np.maximum(np.asarray(samples, dtype=np.float64), 2.0)
    with np.errstate(divide="ignore"):
        length = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.where(np.asarray(samples) <= 1, 0.0, np.where(np.asarray(samples) == 2, 1.0, length))
