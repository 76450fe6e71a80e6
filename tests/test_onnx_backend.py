# SPDX-License-Identifier: Apache-2.0
"""The node tests that come with onnx, for every operator of the importer's table.

A node test hands over everything as an input. Here the first input stays one, the others are parameters and become
initializers, which is the form that the importer takes. What is refused is listed with its reason, and a test that is
in neither list fails, so that a new onnx cannot add one unseen.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgepar.errors import UnsupportedModelError
from edgepar.importer import import_model
from edgepar.importer.table import HANDLERS

SUPPORTED = (
    "test_add_bcast", "test_ai_onnx_ml_array_feature_extractor",
    "test_ai_onnx_ml_tree_ensemble_set_membership", "test_ai_onnx_ml_tree_ensemble_single_tree",
    "test_argmax_keepdims_example", "test_argmax_negative_axis_keepdims_example", "test_argmax_no_keepdims_example",
    "test_cast_DOUBLE_to_FLOAT", "test_cast_FLOAT_to_DOUBLE", "test_castlike_DOUBLE_to_FLOAT_expanded",
    "test_castlike_FLOAT_to_DOUBLE_expanded", "test_clip",
    "test_clip_default_max", "test_clip_default_min", "test_div_bcast",
    "test_exp", "test_flatten_axis1", "test_flatten_default_axis", "test_flatten_negative_axis3", "test_gemm_alpha",
    "test_gemm_beta", "test_gemm_default_no_bias", "test_gemm_default_scalar_bias",
    "test_gemm_default_single_elem_vector_bias", "test_gemm_default_vector_bias", "test_gemm_default_zero_bias",
    "test_gemm_transposeB", "test_identity", "test_matmul_2d", "test_mul_bcast", "test_neg", "test_sigmoid",
    "test_softmax_example", "test_softmax_large_number", "test_squeeze_negative_axes", "test_sub_bcast",
    "test_unsqueeze_axis_1", "test_unsqueeze_axis_2", "test_unsqueeze_negative_axes", "test_unsqueeze_three_axes",
    "test_unsqueeze_two_axes", "test_unsqueeze_unsorted_axes",
)  # fmt: skip

# (pattern of test names, what the error says). The first pattern that matches counts.
REFUSED: tuple[tuple[str, str], ...] = (
    # Devices compute on float32; Models in float32 or float64.
    (
        r"cast\w*_(B?FLOAT16|FLOAT8\w*|FLOAT4\w*|U?INT[24])_to_\w*",
        "has type (B?FLOAT16|FLOAT8|FLOAT4|U?INT[24])",
    ),
    (r"cast\w*_to_(B?FLOAT16|FLOAT8\w*|FLOAT4\w*|U?INT[24])(_expanded)?", "is cast to"),
    (
        r"(add|sub|mul|div|min|max|greater)_u?int\d+\w*",
        r"has type U?INT\d+; it must be a tensor of FLOAT or DOUBLE",
    ),
    (r"(min|max)_float16", "has type FLOAT16"),
    (r"clip_default_int8_\w*", "has type INT8"),
    (r"identity_(sequence|opt)", "has type (sequence|optional)_type"),
    # The first axis is the batch, so there have to be two.
    (r"(add|sub|mul|div|neg|exp|sigmoid|min|max)_example", r"has shape \[\d\]"),
    (r"(min|max)_(one_input|two_inputs|float32|float64)", r"has shape \[3\]"),
    (
        r"clip_(min_greater_than_max|default_inbounds\w*|example|inbounds|outbounds|splitbounds)",
        r"has shape \[3\]",
    ),
    (r"matmul_1d_\dd|gather_negative_indices", r"has shape \[\d+\]"),
    (r"constant", "it has 0 inputs"),
    # Parameters are the same for every sample.
    (r"add|sub|mul|div", r"a constant of shape \[3, 4, 5\] meets samples of shape \[4, 5\]"),
    (r"matmul_(3d|4d|bcast|4d_1d)", "takes samples \\[N, features\\]"),
    (r"gemm_default_matrix_bias", "an intercept of shape"),
    (r"gemm_(transposeA|all_attributes)", "transA is 1"),
    # Samples stay apart.
    (r"reshape_\w*", "the first axis has to stay the batch"),
    (r"flatten_\w*", "the batch axis is kept, so axis must be 1"),
    (r"squeeze|unsqueeze_axis_0", "behind the batch axis"),
    # Scores of a sample are one vector.
    (r"argmax_\w*example_select_last_index", "select_last_index is 1|goes over axis 1"),
    (r"argmax_\w*", r"ArgMax goes over axis 1 of \[N, classes\]"),
    (r"softmax_\w*", r"Softmax goes over axis 1 of \[N, classes\]"),
    (r"greater\w*", "one score a sample and one finite constant"),
    (r"sign", "Sign takes one score a sample|has shape"),
    # Vectors of samples are joined along their own axis, and the second input is no parameter.
    (r"concat_\w*", "has shape|join vectors|it has to be computed numbers"),
    # Tables of labels and columns of numbers only.
    (r"gather_\w*", "columns are gathered along axis 1|columns that exist are taken"),
)


@cache
def node_tests() -> dict[str, Any]:
    """Tests all of whose nodes are operators of the table."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = load_model_tests(kind="node")
    return {
        test.name: test for test in found if {_key(node) for node in test.model.graph.node} <= set(HANDLERS)
    }


def _key(node: onnx.NodeProto) -> tuple[str, str]:
    return ("" if node.domain == "ai.onnx" else node.domain, node.op_type)


def bound(test: Any) -> tuple[onnx.ModelProto, np.ndarray, list[np.ndarray]]:
    """The model with parameters bound, its input and the outputs wanted."""
    inputs, outputs = test.data_sets[0]
    model = onnx.ModelProto.FromString(test.model.SerializeToString())
    for declared, value in list(zip(model.graph.input, inputs, strict=False))[1:]:
        if isinstance(value, onnx.TensorProto):
            model.graph.initializer.append(value)
            model.graph.initializer[-1].name = declared.name
        elif not isinstance(value, list):
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), declared.name))
    return model, _array(inputs[0]) if inputs else None, [_array(output) for output in outputs]


def _array(value: Any) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


@pytest.mark.parametrize("name", SUPPORTED)
def test_answers_are_those_of_the_node_test(name):
    test = node_tests()[name]
    model, x, outputs = bound(test)
    graph = import_model(model, "node", "0" * 64)
    # Not `evaluate` of edgepar.exactness, which rounds the input to float32 as a device does: some tests take doubles.
    values = {graph.input.name: np.asarray(x, dtype=np.float64)}
    for op in graph.ops:
        values[op.output] = op.evaluate(*(values[key] for key in op.inputs))
    assert len(graph.outputs) == len(outputs)
    for output, wanted in zip(graph.outputs, outputs, strict=True):
        found = values[output.value].reshape(np.shape(wanted))
        np.testing.assert_allclose(found, wanted, rtol=test.rtol, atol=test.atol)


def test_every_other_test_is_refused_for_a_reviewed_reason():
    others = sorted(set(node_tests()) - set(SUPPORTED))
    assert len(others) > 100
    used, found, wanted = set(), {}, {}
    for name in others:
        rows = [row for row in REFUSED if re.fullmatch(row[0], name.removeprefix("test_"))]
        assert rows, f"{name} is in neither list"
        pattern, text = rows[0]
        used.add(pattern)
        try:
            import_model(bound(node_tests()[name])[0], "node", "0" * 64)
        except UnsupportedModelError as error:
            found[name] = str(error)
        else:
            found[name] = "no error"
        wanted[name] = text
    wrong = {name: text for name, text in found.items() if not re.search(wanted[name], text)}
    assert not wrong
    assert used == {pattern for pattern, _ in REFUSED}
