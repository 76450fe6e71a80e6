# SPDX-License-Identifier: Apache-2.0
"""SVMClassifier and SVMRegressor of ai.onnx.ml in every form, against onnxruntime; onnx brings no node test of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import edgepar
from edgepar.errors import EdgeparError
from edgepar.passes.canonicalize import canonicalize
from edgepar.run import Run
from tests.onnx_models import ML, assert_agrees, by_onnxruntime, imported, model

KERNELS = ("LINEAR", "POLY", "RBF", "SIGMOID")
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
X = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)


def parameters(kernel: str, n_vectors: int) -> dict[str, Any]:
    rng = np.random.default_rng(n_vectors)
    return {
        "kernel_type": kernel,
        "kernel_params": [0.3, 0.5, 3.0],
        "support_vectors": rng.normal(size=4 * n_vectors).astype(np.float32).tolist(),
    }


def classifier(kernel: str, n_classes: int, **changes: Any) -> onnx.ModelProto:
    """A few support vectors a class; attributes changed or (None) left out."""
    rng = np.random.default_rng(n_classes)
    per_class = rng.integers(2, 6, n_classes)
    n_vectors, n_pairs = int(per_class.sum()), n_classes * (n_classes - 1) // 2
    attributes = parameters(kernel, n_vectors) | {
        "vectors_per_class": per_class.tolist(),
        "coefficients": rng.normal(size=(n_classes - 1) * n_vectors).astype(np.float32).tolist(),
        "rho": rng.normal(size=n_pairs).astype(np.float32).tolist(),
        "classlabels_ints": list(range(3, 3 + n_classes)),
    }
    attributes |= changes
    attributes = {name: value for name, value in attributes.items() if value is not None}
    node = helper.make_node("SVMClassifier", ["X"], ["label", "scores"], domain=ML, **attributes)
    kind = STRING if "classlabels_strings" in attributes else INT64
    return model([node], [4], [("label", kind), ("scores", FLOAT)])


def probabilities(n_classes: int) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    n_pairs = n_classes * (n_classes - 1) // 2
    return {
        "prob_a": (-rng.uniform(0.5, 2, n_pairs)).astype(np.float32).tolist(),
        "prob_b": rng.normal(size=n_pairs).astype(np.float32).tolist(),
    }


def regressor(kernel: str, **changes: Any) -> onnx.ModelProto:
    rng = np.random.default_rng(9)
    attributes = parameters(kernel, 7) | {
        "n_supports": 7,
        "coefficients": rng.normal(size=7).astype(np.float32).tolist(),
        "rho": [0.25],
    }
    attributes |= changes
    attributes = {name: value for name, value in attributes.items() if value is not None}
    node = helper.make_node("SVMRegressor", ["X"], ["y"], domain=ML, **attributes)
    return model([node], [4], [("y", FLOAT)])


def run(proto: onnx.ModelProto, folder: Path, rows: np.ndarray, *shapes: list[int | None]) -> Run:
    """What the host answers to a file with outputs of these shapes."""
    for output, shape in zip(proto.graph.output, shapes, strict=True):
        kind = output.type.tensor_type.elem_type
        output.CopyFrom(helper.make_tensor_value_info(output.name, kind, shape))
    path = folder / "svm.onnx"
    onnx.save(proto, path)
    return edgepar.compile(edgepar.load(path), "host").run(rows)


def check(proto: onnx.ModelProto) -> None:
    graph = imported(proto)
    assert_agrees(graph, proto, X)
    assert_agrees(canonicalize(graph), proto, X)


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"])
@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_scores_of_pairs(n_classes: int, transform: str) -> None:
    check(classifier("RBF", n_classes, post_transform=transform))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n_classes", [2, 4])
def test_kernels_and_probabilities(kernel: str, n_classes: int) -> None:
    check(classifier(kernel, n_classes))
    check(classifier(kernel, n_classes, **probabilities(n_classes)))


@pytest.mark.parametrize("transform", ["LOGISTIC", "SOFTMAX"])
def test_transforms_of_probabilities(transform: str) -> None:
    check(classifier("RBF", 3, post_transform=transform, **probabilities(3)))


def test_labels_that_are_strings_and_coefficients_that_are_all_positive() -> None:
    check(classifier("RBF", 3, classlabels_ints=None, classlabels_strings=["b", "c", "a"]))
    proto = classifier("RBF", 2)
    coef = next(a for a in proto.graph.node[0].attribute if a.name == "coefficients")
    coef.floats[:] = [abs(v) for v in coef.floats]
    check(proto)


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX"])
def test_rows_of_coefficients_without_support_vectors(transform: str) -> None:
    rng = np.random.default_rng(1)
    check(
        classifier(
            "LINEAR", 3, support_vectors=None, vectors_per_class=None, rho=[0.5], post_transform=transform,
            coefficients=rng.normal(size=12).astype(np.float32).tolist(),
        )
    )  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("one_class", [0, 1])
def test_regressors(kernel: str, one_class: int) -> None:
    check(regressor(kernel, one_class=one_class))


def test_a_regressor_without_support_vectors() -> None:
    check(regressor("LINEAR", n_supports=0, support_vectors=None, coefficients=[1.0, -0.5, 0.25, 2.0]))


def test_the_sign_of_a_score_is_a_label(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["X", "w"], ["s"]),
        helper.make_node("Sign", ["s"], ["side"]),
        helper.make_node("Cast", ["side"], ["label"], to=INT64),
    ]
    proto = model(nodes, [4], [("label", INT64)], {"w": np.float32([[1], [0], [0], [0]])})
    rows = X.copy()
    rows[:3, 0] = [0.0, 1e-30, -1e-30]
    graph = imported(proto)
    assert graph.labels == (-1, 0, 1)
    found = run(proto, tmp_path, rows, [None, 1]).predict()
    np.testing.assert_array_equal(found, edgepar.load(tmp_path / "svm.onnx").predict(rows))
    np.testing.assert_array_equal(found, by_onnxruntime(proto, rows)["label"].reshape(-1))


def test_the_host_answers_as_onnxruntime(tmp_path: Path) -> None:
    proto = classifier("RBF", 4, **probabilities(4))
    found, wanted = run(proto, tmp_path, X, [None], [None, 4]), by_onnxruntime(proto, X)
    assert np.abs(found.predict_proba() - wanted["scores"]).max() < 1e-5
    np.testing.assert_array_equal(found.predict(), wanted["label"])


def test_the_host_tells_outliers_as_onnxruntime(tmp_path: Path) -> None:
    proto = regressor("RBF", one_class=1)
    found = run(proto, tmp_path, X, [None, 1]).predict()
    np.testing.assert_array_equal(found, by_onnxruntime(proto, X)["y"].reshape(-1))


BROKEN = {
    "one label": (classifier("RBF", 3, classlabels_ints=[1]), "1 class labels; a classifier has 2 or more"),
    "counts of another number of classes": (
        classifier("RBF", 3, classlabels_ints=[1, 2]), "vectors_per_class [5, 2, 2] for 2 class labels",
    ),
    "coefficients missing": (
        classifier("RBF", 3, coefficients=[1.0]), "1 coefficients and 3 rho for 9 support vectors of 3 classes",
    ),
    "support vectors missing": (
        classifier("RBF", 3, support_vectors=[1.0] * 8), "8 numbers for 9 support vectors of 4 features",
    ),
    "two kernel parameters": (
        classifier("RBF", 3, kernel_params=[1.0, 2.0]), "2 kernel_params, they are gamma, coef0 and degree",
    ),
    "a negative gamma": (classifier("RBF", 3, kernel_params=[-1.0, 0.0, 0.0]), "gamma is -1; it has to be 0 or more"),
    "a broken degree": (
        classifier("POLY", 3, kernel_params=[1.0, 0.0, 2.5]), "the degree is 2.5; it has to be a whole number",
    ),
    "another kernel": (classifier("COSINE", 3), "kernel_type is 'COSINE'; supported are LINEAR, POLY, RBF, SIGMOID"),
    "rho that is NaN": (classifier("RBF", 3, rho=[1.0, np.nan, 1.0]), "rho holds a number that is not finite"),
    "slopes alone": (classifier("RBF", 3, prob_a=[1.0] * 3), "3 prob_a and 0 prob_b for 3 pairs of classes"),
    "probit": (classifier("RBF", 3, post_transform="PROBIT"), "post_transform is PROBIT"),
    "two classes without support vectors": (
        classifier("LINEAR", 2, support_vectors=None, vectors_per_class=None, coefficients=[1.0] * 8),
        "two classes without support vectors, where onnxruntime answers with the second label",
    ),
    "slopes without support vectors": (
        classifier("LINEAR", 3, support_vectors=None, vectors_per_class=None, coefficients=[1.0] * 12, prob_a=[1.0]),
        "prob_a without support vectors; runtimes pass over it; leave it out",
    ),
    "rows of another length": (
        classifier("LINEAR", 3, support_vectors=None, vectors_per_class=None, coefficients=[1.0] * 8),
        "8 coefficients and 3 rho for 3 classes of 4 features",
    ),
    "a transform of a regressor": (
        regressor("RBF", post_transform="LOGISTIC"), "a post_transform; onnxruntime passes over it; leave it out",
    ),
    "terms missing": (regressor("RBF", coefficients=[1.0]), "1 coefficients and 1 rho for 7 terms"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_refused_is_named(what: str) -> None:
    proto, text = BROKEN[what]
    with pytest.raises(EdgeparError) as raised:
        imported(proto)
    assert text in str(raised.value)
