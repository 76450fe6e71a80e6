# SPDX-License-Identifier: Apache-2.0
"""SVMClassifier and SVMRegressor of ai.onnx.ml, with the answers of onnxruntime."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from edgepar.importer.arithmetic import linear_scores
from edgepar.importer.builder import Builder
from edgepar.importer.linear_models import float_vector
from edgepar.importer.nodes import Node
from edgepar.importer.post_transforms import apply_transform, transform_by_name
from edgepar.importer.symbols import Label, Symbol, Tensor
from edgepar.importer.tree_ensembles import class_labels
from edgepar.ops import (
    CoupledProba,
    Distances,
    Linear,
    Op,
    PairwiseProba,
    Similarity,
    SupportScores,
    SupportVotes,
)

Floats = npt.NDArray[np.float64]

_KERNELS = ("LINEAR", "POLY", "RBF", "SIGMOID")
_LARGEST_DEGREE = 1024


def _row(builder: Builder, op: Op) -> Tensor:
    """What an operation makes of a sample, in float32."""
    name = builder.add(replace(op, arithmetic="float32"))
    return Tensor(name, "float32", builder.values[name].shape, True)


def _finite(node: Node, name: str) -> Floats:
    values = node.floats(name)
    if not np.isfinite(values).all():
        raise node.unsupported(f"{name} holds a number that is not finite", "give finite numbers")
    return values


def _similarities(builder: Builder, node: Node, x: Tensor, n_vectors: int) -> Tensor:
    """Of a sample to all support vectors."""
    flat = _finite(node, "support_vectors")
    if len(flat) != n_vectors * x.len:
        raise node.damaged(f"{len(flat)} numbers for {n_vectors} support vectors of {x.len} features")
    vectors = flat.reshape(n_vectors, x.len)
    kernel = node.one_of("kernel_type", "LINEAR", _KERNELS)
    parameters = _finite(node, "kernel_params")
    if len(parameters) != 3:
        raise node.damaged(f"{len(parameters)} kernel_params, they are gamma, coef0 and degree")
    gamma, coef0, degree = parameters.tolist()
    if kernel == "RBF":
        if gamma < 0.0:
            raise node.unsupported(f"gamma is {gamma:g}", "it has to be 0 or more")
        found = _row(builder, Distances((x.value,), builder.fresh(), node.where, vectors, "sqeuclidean"))
        return _row(builder, Similarity((found.value,), builder.fresh(), node.where, "rbf", gamma))
    found = _row(builder, Linear((x.value,), builder.fresh(), node.where, vectors, np.zeros(n_vectors)))
    if kernel == "LINEAR":
        return found
    if kernel == "SIGMOID":
        op = Similarity((found.value,), builder.fresh(), node.where, "sigmoid", gamma, coef0)
        return _row(builder, op)
    if degree != round(degree) or not 0 <= degree <= _LARGEST_DEGREE:
        raise node.unsupported(
            f"the degree is {degree:g}", f"it has to be a whole number from 0 to {_LARGEST_DEGREE}"
        )
    op = Similarity((found.value,), builder.fresh(), node.where, "polynomial", gamma, coef0, round(degree))
    return _row(builder, op)


def classifier(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """SVMClassifier: label by votes of the pairs of classes, and scores of the pairs or probabilities."""
    node.only_attributes(
        "classlabels_ints", "classlabels_strings", "coefficients", "kernel_params", "kernel_type", "post_transform",
        "prob_a", "prob_b", "rho", "support_vectors", "vectors_per_class",
    )  # fmt: skip
    x = float_vector(builder, node)
    labels = class_labels(node, "classlabels_ints")
    transform = transform_by_name(node)
    if len(labels) < 2:
        raise node.unsupported(f"{len(labels)} class labels", "a classifier has 2 or more")
    per_class = node.ints("vectors_per_class")
    if per_class.sum() == 0:
        return _without_vectors(builder, node, x, labels, transform)
    n_classes, n_pairs = len(labels), len(labels) * (len(labels) - 1) // 2
    coef, rho = _finite(node, "coefficients"), _finite(node, "rho")
    if len(per_class) != n_classes or (per_class < 0).any():
        raise node.damaged(f"vectors_per_class {per_class.tolist()[:4]} for {n_classes} class labels")
    n_vectors = int(per_class.sum())
    if len(coef) != (n_classes - 1) * n_vectors or len(rho) != n_pairs:
        raise node.damaged(
            f"{len(coef)} coefficients and {len(rho)} rho for {n_vectors} support vectors of {n_classes} classes"
        )
    found = _similarities(builder, node, x, n_vectors)
    owner = np.repeat(np.arange(n_classes), per_class)
    table = coef.reshape(n_classes - 1, n_vectors)
    scores = _row(builder, SupportScores((found.value,), builder.fresh(), node.where, table, rho, owner))
    votes = _row(builder, SupportVotes((scores.value,), builder.fresh(), node.where, n_classes))
    label = builder.label(node, builder.classify(node, votes, "argmax"), labels)
    a, b = _finite(node, "prob_a"), _finite(node, "prob_b")
    if len(a) or len(b):
        if len(a) != n_pairs or len(b) != n_pairs:
            raise node.damaged(f"{len(a)} prob_a and {len(b)} prob_b for {n_pairs} pairs of classes")
        pairs = _row(builder, PairwiseProba((scores.value,), builder.fresh(), node.where, a, b))
        shares = _row(builder, CoupledProba((pairs.value,), builder.fresh(), node.where, n_classes))
        return label, apply_transform(builder, node, shares, transform)
    if n_classes > 2:
        return label, apply_transform(builder, node, scores, transform)
    return label, _both_sides(builder, node, scores, transform)


def _both_sides(builder: Builder, node: Node, score: Tensor, transform: str) -> Tensor:
    """The two columns that onnxruntime makes of the score of two classes."""
    if transform == "LOGISTIC":
        return builder.activation(node, score, "binary_logistic")
    if transform != "NONE":
        return builder.activation(node, score, "complement")
    sides = np.array([[-1.0], [1.0]])
    return _row(builder, Linear((score.value,), builder.fresh(), node.where, sides, np.zeros(2)))


def _without_vectors(
    builder: Builder, node: Node, x: Tensor, labels: tuple[int, ...] | tuple[str, ...], transform: str
) -> tuple[Symbol, ...]:
    """The form of liblinear: a row of coefficients a class, and one rho for all."""
    if len(labels) == 2:
        raise node.unsupported(
            "two classes without support vectors, where onnxruntime answers with the second label whenever a score "
            "is above 0",
            "use a LinearClassifier",
        )
    if node.has("prob_a") or node.has("prob_b"):
        raise node.unsupported("prob_a without support vectors", "runtimes pass over it; leave it out")
    coef, rho = _finite(node, "coefficients"), _finite(node, "rho")
    if len(coef) != len(labels) * x.len or len(rho) < 1:
        raise node.damaged(
            f"{len(coef)} coefficients and {len(rho)} rho for {len(labels)} classes of {x.len} features"
        )
    intercept = np.full(len(labels), rho[0])
    scores = linear_scores(builder, node, x, coef.reshape(len(labels), x.len), intercept)
    label = builder.label(node, builder.classify(node, scores, "argmax"), labels)
    return label, apply_transform(builder, node, scores, transform)


def regressor(builder: Builder, node: Node) -> tuple[Symbol, ...]:
    """SVMRegressor: a sum over support vectors, or its sign where one_class is 1."""
    node.only_attributes(
        "coefficients", "kernel_params", "kernel_type", "n_supports", "one_class", "post_transform", "rho",
        "support_vectors",
    )  # fmt: skip
    x = float_vector(builder, node)
    if transform_by_name(node) != "NONE":
        raise node.unsupported("a post_transform", "onnxruntime passes over it; leave it out")
    n_vectors, coef, rho = node.int("n_supports", 0), _finite(node, "coefficients"), _finite(node, "rho")
    found = _similarities(builder, node, x, n_vectors) if n_vectors > 0 else x
    if len(coef) != found.len or len(rho) < 1:
        raise node.damaged(f"{len(coef)} coefficients and {len(rho)} rho for {found.len} terms")
    score = linear_scores(builder, node, found, coef.reshape(1, -1), rho[:1])
    if not node.int("one_class", 0):
        return (score,)
    index = builder.classify(node, score, "positive")
    return (replace(builder.label(node, index, (-1, 1)), shape=(1,)),)


def sign(builder: Builder, node: Node) -> Symbol:
    """Sign of one score as the label -1, 0 or 1."""
    node.only_attributes()
    x = node.tensor(0)
    if x.len != 1:
        raise node.unsupported(f"samples of shape {list(x.shape)}", "Sign takes one score a sample")
    # The least float32 in the middle: it is above both sides for a score of 0 alone.
    sides = Linear(
        (x.value,), builder.fresh(), node.where, np.array([[-1.0], [0.0], [1.0]]), np.array([0.0, 2.0**-149, 0.0]),
        arithmetic=x.dtype,
    )  # fmt: skip
    index = builder.classify(node, Tensor(builder.add(sides), x.dtype, (3,), x.held_as_float32), "argmax")
    return Label(index.value, (-1, 0, 1), x.shape)
