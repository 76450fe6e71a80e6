# SPDX-License-Identifier: Apache-2.0
"""Hand-made ONNX models for tests of the importer, and their answers by onnxruntime and by the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from edgepar.exactness import Bounded, evaluate
from edgepar.graph import Graph
from edgepar.importer import import_model

ML = "ai.onnx.ml"


def model(
    nodes: Sequence[onnx.NodeProto],
    features: Sequence[int],
    outputs: Sequence[tuple[str, int]],
    constants: dict[str, np.ndarray] | None = None,
    *,
    element: int = TensorProto.FLOAT,
    ml_version: int = 3,
) -> onnx.ModelProto:
    """A model with input X of shape [N, *features] and outputs of (name, element type)."""
    made = {
        "X": helper.make_tensor_value_info("X", element, [None, *features]),
        "outputs": [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs],
        "constants": [_tensor(name, array) for name, array in (constants or {}).items()],
    }
    graph = helper.make_graph(list(nodes), "made", [made["X"]], made["outputs"], made["constants"])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(ML, ml_version)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def _tensor(name: str, array: np.ndarray) -> onnx.TensorProto:
    if array.dtype.kind in "US":
        return helper.make_tensor(name, TensorProto.STRING, array.shape, [s.encode() for s in array.tolist()])
    return numpy_helper.from_array(array, name)


def by_onnxruntime(proto: onnx.ModelProto, X: np.ndarray) -> dict[str, Any]:
    """All outputs; those of a ZipMap as columns in the order of the keys."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    double = session.get_inputs()[0].type == "tensor(double)"
    results = session.run(
        None, {session.get_inputs()[0].name: X.astype(np.float64 if double else np.float32)}
    )
    return {
        name: np.array([list(row.values()) for row in found]) if isinstance(found, list) else found
        for name, found in zip(names, results, strict=True)
    }


def by_graph(graph: Graph, X: np.ndarray) -> dict[str, Bounded]:
    """All outputs with their bounds, in the shapes of ONNX; labels as class indices."""
    values = evaluate(graph, X)
    found = {}
    for output in graph.outputs:
        value = values[output.value]
        one = output.flat or output.role == "label"
        found[output.name] = Bounded(*(a[:, 0] if one else a for a in (value.reference, value.bound)))
    return found


def assert_agrees(graph: Graph, proto: onnx.ModelProto, X: np.ndarray) -> None:
    """Every row and output: labels equal outside near ties, numbers within the derived bound."""
    wanted = by_onnxruntime(proto, X)
    found = by_graph(graph, X)
    assert set(found) == set(wanted)
    for output in graph.outputs:
        reference, bound = found[output.name].reference, found[output.name].bound
        if output.role == "label":
            label = np.array(graph.labels)[reference.astype(np.int64)]
            sure = np.isfinite(bound)
            assert sure.any() or len(X) < 20, f"all rows of {output.name} are near ties"
            np.testing.assert_array_equal(label[sure], wanted[output.name].reshape(-1)[sure])
        else:
            assert reference.shape == wanted[output.name].shape, output.name
            # Where the Model computes in float64, the order of its additions is not ours: 2**-48 of the largest.
            slack = 2.0**-48 * np.abs(wanted[output.name]).max(initial=1.0)
            assert not np.isnan(bound).any()
            off = np.abs(reference - wanted[output.name])
            assert (off <= bound + slack).all(), f"{output.name}: off by {off.max()}, bound {bound.max()}"


def imported(proto: onnx.ModelProto) -> Graph:
    """The graph of a model made here."""
    return import_model(proto, "made", "0" * 64)
