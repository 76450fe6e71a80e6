# SPDX-License-Identifier: Apache-2.0
"""The functions of domain `ai.edgepar`, version 1: one per kernel, with a body in standard ONNX operators.

A model calls each as a single node, so that the compiler sees the intent and every other runtime can inline the
body. Parameters are inputs, float64 unless said otherwise; N rows, F features, K classes or targets.

====================  =====================================  ====================================================
function              inputs                                 output
====================  =====================================  ====================================================
StandardScale         x[N,F], mean[F], scale[F]              (x - mean) / scale
MinMaxScale           x[N,F], scale[F], min[F]               x * scale + min
MaxAbsScale           x[N,F], scale[F]                       x / scale
NormalizeL1, L2, Max  x[N,F], smallest[]                     x / norm of the row, norms below `smallest` count as 1
Linear                x[N,F], coef[K,F], intercept[K]        scores[N,K]; with coef[F], intercept[]: scores[N]
LogisticProba         decision[N]                            probabilities[N,2]
GaussianNB            x[N,F], theta[K,F], var[K,F],          joint log likelihood[N,K]
                      log_prior[K]
Posterior             joint log likelihood[N,K]              probabilities[N,K]
ArgMaxLabel           scores[N,K], classes[K] (int64 or      label[N], the first of equal maxima
                      string)
SignLabel             decision[N], classes[2]                label[N]: classes[1] where decision > 0
====================  =====================================  ====================================================

The scale functions carry two attributes that their body does not read, `range_low` and `range_high` (floats, one per
feature or none): bounds of the training data in the units of x, rounded outwards, for passes that reason about ranges.
"""

from __future__ import annotations

import onnx
from onnx import helper, parser

DOMAIN = "ai.edgepar"
VERSION = 1
OPSET = 18
RANGE_ATTRIBUTES = ("range_low", "range_high")

# Bodies in the ONNX text syntax, without the domain and opset lines that all have in common. The operations and their
# order are scikit-learn's: StandardScaler.transform, GaussianNB._joint_log_likelihood, and so on.
_BODIES = {
    "StandardScale": """ (x, mean, scale) => (y) {
        centred = Sub (x, mean)
        y = Div (centred, scale)
    }""",
    "MinMaxScale": """ (x, scale, min) => (y) {
        scaled = Mul (x, scale)
        y = Add (scaled, min)
    }""",
    "MaxAbsScale": """ (x, scale) => (y) {
        y = Div (x, scale)
    }""",
    "Linear": """ (x, coef, intercept) => (scores) {
        columns = Transpose (coef)
        products = MatMul (x, columns)
        scores = Add (products, intercept)
    }""",
    # expit as 1 / (1 + exp(-x)): exp may become infinite, the quotient is then 0, as it should be.
    "LogisticProba": """ (decision) => (probabilities) {
        one = Constant <value = double {1.0}> ()
        axes = Constant <value_ints = [1]> ()
        negative = Neg (decision)
        odds = Exp (negative)
        denominator = Add (one, odds)
        positive = Div (one, denominator)
        rest = Sub (one, positive)
        second = Unsqueeze (positive, axes)
        first = Unsqueeze (rest, axes)
        probabilities = Concat <axis = 1> (first, second)
    }""",
    "GaussianNB": """ (x, theta, var, log_prior) => (joint) {
        half = Constant <value = double {-0.5}> ()
        two_pi = Constant <value = double {6.283185307179586}> ()
        one = Constant <value_ints = [1]> ()
        two = Constant <value_ints = [2]> ()
        scaled_var = Mul (two_pi, var)
        log_var = Log (scaled_var)
        log_det = ReduceSum <keepdims = 0> (log_var, one)
        constant = Mul (half, log_det)
        rows = Unsqueeze (x, one)
        offsets = Sub (rows, theta)
        squares = Mul (offsets, offsets)
        weighted = Div (squares, var)
        distance = ReduceSum <keepdims = 0> (weighted, two)
        exponent = Mul (half, distance)
        likelihood = Add (constant, exponent)
        joint = Add (log_prior, likelihood)
    }""",
    "Posterior": """ (joint) => (probabilities) {
        one = Constant <value_ints = [1]> ()
        highest = ReduceMax <keepdims = 1> (joint, one)
        shifted = Sub (joint, highest)
        weights = Exp (shifted)
        total = ReduceSum <keepdims = 1> (weights, one)
        log_total = Log (total)
        evidence = Add (log_total, highest)
        log_probabilities = Sub (joint, evidence)
        probabilities = Exp (log_probabilities)
    }""",
    "ArgMaxLabel": """ (scores, classes) => (label) {
        index = ArgMax <axis = 1, keepdims = 0> (scores)
        label = Gather (classes, index)
    }""",
    "SignLabel": """ (decision, classes) => (label) {
        zero = Constant <value = double {0.0}> ()
        positive = Greater (decision, zero)
        index = Cast <to = 7> (positive)
        label = Gather (classes, index)
    }""",
}

_NORMS = {"NormalizeL1": "ReduceL1", "NormalizeL2": "ReduceL2", "NormalizeMax": "ReduceMax"}


def _normalize_body(reduce: str) -> str:
    magnitude = "magnitude = Abs (x)" if reduce == "ReduceMax" else "magnitude = Identity (x)"
    return f""" (x, smallest) => (y) {{
        axes = Constant <value_ints = [1]> ()
        unit = Constant <value = double {{1.0}}> ()
        {magnitude}
        norm = {reduce} <keepdims = 1> (magnitude, axes)
        tiny = Less (norm, smallest)
        divisor = Where (tiny, unit, norm)
        y = Div (x, divisor)
    }}"""


def _parse(name: str, body: str) -> onnx.FunctionProto:
    header = f'<domain: "{DOMAIN}", opset_import: ["" : {OPSET}]>'
    return parser.parse_function(f"{header} {name} {body}")


def _build() -> dict[str, onnx.FunctionProto]:
    bodies = _BODIES | {name: _normalize_body(reduce) for name, reduce in _NORMS.items()}
    functions = {name: _parse(name, body) for name, body in bodies.items()}
    for name in ("StandardScale", "MinMaxScale", "MaxAbsScale"):
        defaults = [
            helper.make_attribute(attribute, [], attr_type=onnx.AttributeProto.FLOATS)
            for attribute in RANGE_ATTRIBUTES
        ]
        functions[name].attribute_proto.extend(defaults)
    return functions


FUNCTIONS = _build()
"""Name -> FunctionProto of every function of the domain; treat the protos as read-only."""
