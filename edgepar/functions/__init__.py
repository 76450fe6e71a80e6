# SPDX-License-Identifier: Apache-2.0
"""The functions of domain `ai.edgepar`, version 1: one per kernel, with a body in standard ONNX operators.

A model calls each as a single node, so that the compiler sees the intent and every other runtime can inline the
body. Parameters are inputs, float64 unless said otherwise. One file a family; the head of each lists its functions.

Bodies are in the ONNX text syntax, without the domain and opset lines that all have in common. The operations and
their order are scikit-learn's: StandardScaler.transform, GaussianNB._joint_log_likelihood, and so on.
"""

from __future__ import annotations

import onnx
from onnx import helper, parser

from edgepar.functions import (
    bayes,
    categories,
    clusters,
    composition,
    distances,
    features,
    labels,
    linear,
    missing,
    mixtures,
    neighbours,
    scalers,
    svm,
)

DOMAIN = "ai.edgepar"
VERSION = 1
OPSET = 18
RANGE_ATTRIBUTES = ("range_low", "range_high")

#: The families, each a file.
FAMILIES = (
    scalers,
    features,
    missing,
    linear,
    bayes,
    categories,
    labels,
    clusters,
    mixtures,
    composition,
    distances,
    neighbours,
    svm,
)


def _parse(name: str, body: str) -> onnx.FunctionProto:
    header = f'<domain: "{DOMAIN}", opset_import: ["" : {OPSET}]>'
    return parser.parse_function(f"{header} {name} {body}")


def _build() -> dict[str, onnx.FunctionProto]:
    functions = {name: _parse(name, body) for family in FAMILIES for name, body in family.BODIES.items()}
    for name in scalers.WITH_RANGE:
        defaults = [
            helper.make_attribute(attribute, [], attr_type=onnx.AttributeProto.FLOATS)
            for attribute in RANGE_ATTRIBUTES
        ]
        functions[name].attribute_proto.extend(defaults)
    return functions


FUNCTIONS = _build()
"""Name -> FunctionProto of every function of the domain; treat the protos as read-only."""
