# SPDX-License-Identifier: Apache-2.0
"""Small hand-made graphs for tests of the plan and of the generated text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgepar.graph import Graph, GraphOutput
from edgepar.ops import Activation, Classify, GaussianNB, Linear, Op, Trees, Value


def graph(name: str, features: int, ops: Sequence[Op], outputs: Sequence[GraphOutput], classes: int) -> Graph:
    """A Graph with inferred values."""
    values = {"x": Value("x", (features,), "float32")}
    for op in ops:
        values[op.output] = op.infer(*(values[name] for name in op.inputs))
    return Graph(
        name, values["x"], values, tuple(ops), tuple(outputs), tuple(range(classes)), False, "0" * 64
    )


LABEL = GraphOutput("label", "index", "label", True)
PROBABILITIES = GraphOutput("probabilities", "p", "probabilities", False)


def linear_graph(classes: int, features: int) -> Graph:
    """Softmax regression with random weights."""
    rng = np.random.default_rng(classes * 1000 + features)
    ops = [
        Linear(("x",), "s", "linear", rng.normal(size=(classes, features)), rng.normal(size=classes)),
        Activation(("s",), "p", "softmax", "softmax"),
        Classify(("s",), "index", "label", "argmax"),
    ]
    return graph("linear", features, ops, [LABEL, PROBABILITIES], classes)


def bayes_graph(classes: int, features: int) -> Graph:
    """Gaussian naive Bayes with random parameters."""
    rng = np.random.default_rng(classes * 1000 + features)
    theta, var = rng.normal(size=(classes, features)), rng.uniform(0.5, 2, size=(classes, features))
    ops = [
        GaussianNB(("x",), "s", "bayes", theta, var, np.full(classes, -np.log(classes))),
        Activation(("s",), "p", "softmax", "softmax"),
        Classify(("s",), "index", "label", "argmax"),
    ]
    return graph("bayes", features, ops, [LABEL, PROBABILITIES], classes)


def stump_graph(trees: int, features: int = 4, classes: int = 3, depth: int = 1) -> Graph:
    """A forest of complete trees of one depth with one-hot leaves."""
    rng = np.random.default_rng(trees)
    nodes = 2 ** (depth + 1) - 1
    inner = 2**depth - 1
    number = np.arange(nodes)
    left = np.where(number < inner, 2 * number + 1, -1)
    right = np.where(number < inner, 2 * number + 2, -1)
    offset = np.repeat(np.arange(trees) * nodes, nodes)
    every_left = np.tile(left, trees)
    every_right = np.tile(right, trees)
    op = Trees(
        ("x",),
        "p",
        "forest",
        features,
        np.arange(trees) * nodes,
        rng.integers(0, features, trees * nodes),
        rng.normal(size=trees * nodes),
        np.where(every_left < 0, -1, every_left + offset),
        np.where(every_right < 0, -1, every_right + offset),
        np.zeros(trees * nodes, dtype=np.bool_),
        np.where(every_left < 0, rng.integers(0, classes, trees * nodes), -1),
        np.eye(classes),
        np.zeros(classes),
        float(trees),
    )
    ops = [op, Classify(("p",), "index", "label", "argmax")]
    return graph("forest", features, ops, [LABEL, PROBABILITIES], classes)
