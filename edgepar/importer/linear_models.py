# SPDX-License-Identifier: Apache-2.0
"""LinearClassifier, LinearRegressor, Scaler and Normalizer of ai.onnx.ml, with the answers of onnxruntime."""

from __future__ import annotations

import numpy as np

from edgepar.importer.arithmetic import linear_scores
from edgepar.importer.builder import Builder
from edgepar.importer.nodes import Node
from edgepar.importer.post_transforms import apply_transform, transform_by_name
from edgepar.importer.symbols import Symbol, Tensor
from edgepar.importer.tree_ensembles import class_labels
from edgepar.ops import Normalize
from edgepar.ops.elementwise import Function


def float_vector(builder: Builder, node: Node) -> Tensor:
    """The input as the float32 vector that these operators compute with."""
    x = node.tensor(0)
    if len(x.shape) != 1:
        raise node.unsupported(
            f"samples of shape {list(x.shape)}", f"{node.op_type} takes samples [N, features]"
        )
    return builder.rounded(x)


def _scores(builder: Builder, node: Node, outputs: int, x: Tensor) -> Tensor:
    coef, intercept = node.floats("coefficients"), node.floats("intercepts")
    if outputs < 1 or len(coef) != outputs * x.len:
        raise node.damaged(f"{len(coef)} coefficients for {outputs} outputs of {x.len} features")
    if len(intercept) == 0:
        intercept = np.zeros(outputs)
    if len(intercept) != outputs:
        raise node.damaged(f"{len(intercept)} intercepts for {outputs} outputs")
    return linear_scores(builder, node, x, coef.reshape(outputs, x.len), intercept)


def classifier(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """LinearClassifier: label and scores; one row of coefficients decides between two classes."""
    node.only_attributes(
        "coefficients",
        "intercepts",
        "multi_class",
        "post_transform",
        "classlabels_ints",
        "classlabels_strings",
    )
    x = float_vector(builder, node)
    labels = class_labels(node, "classlabels_ints")
    rows = len(node.floats("intercepts"))
    if rows == 0:
        raise node.unsupported(
            "there are no intercepts", "onnxruntime counts the classes by them; give one a class"
        )
    transform = transform_by_name(node)
    scores = _scores(builder, node, rows, x)
    if rows > 1:
        if len(labels) != rows:
            raise node.damaged(f"{len(labels)} class labels for {rows} rows of coefficients")
        label = builder.label(node, builder.classify(node, scores, "argmax"), labels)
        return label, apply_transform(builder, node, scores, transform)
    if len(labels) != 2:
        raise node.unsupported(
            f"{len(labels)} class labels for one row of coefficients", "one row decides between 2"
        )
    label = builder.label(node, builder.classify(node, scores, "positive"), labels)
    kind = "binary_logistic" if transform == "LOGISTIC" else "complement"
    return label, builder.activation(
        node, scores, "binary_logistic" if kind == "binary_logistic" else "complement"
    )


def regressor(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """LinearRegressor: one number a target."""
    node.only_attributes("coefficients", "intercepts", "targets", "post_transform")
    x = float_vector(builder, node)
    targets = node.int("targets", 1)
    transform = transform_by_name(node)
    if targets == 1 and transform != "NONE":
        raise node.unsupported(
            f"post_transform {transform} of one target", "onnxruntime ignores it; leave it out"
        )
    return (apply_transform(builder, node, _scores(builder, node, targets, x), transform),)


def scaler(builder: Builder, node: Node) -> Symbol:
    """Scaler: (x - offset) * scale in float32."""
    node.only_attributes("offset", "scale")
    x = float_vector(builder, node)
    offset, scale = node.floats("offset"), node.floats("scale")
    if len(offset) != len(scale) or len(scale) not in (1, x.len):
        raise node.damaged(f"{len(offset)} offsets and {len(scale)} scales for {x.len} features")
    if not (np.isfinite(offset).all() and np.isfinite(scale).all()):
        raise node.unsupported("an offset or a scale is not finite", "give finite numbers")
    steps: tuple[tuple[Function, np.ndarray], ...] = (("sub", offset), ("mul", scale))
    return builder.elementwise(node, x, steps)


def normalizer(builder: Builder, node: Node) -> Symbol:
    """Normalizer by the sum of magnitudes or by length."""
    node.only_attributes("norm")
    x = float_vector(builder, node)
    norm = node.one_of("norm", "MAX", ("MAX", "L1", "L2"))
    if norm == "MAX":
        raise node.unsupported(
            "norm MAX divides by the largest number, not by the largest magnitude", "supported are L1 and L2"
        )
    op = Normalize((x.value,), builder.fresh(), node.where, "l1" if norm == "L1" else "l2", arithmetic="float32",
                   rounds=True)  # fmt: skip
    return Tensor(builder.add(op), "float32", x.shape, True)
