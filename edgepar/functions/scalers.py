# SPDX-License-Identifier: Apache-2.0
"""Scalers and norms. N rows, F features, K classes or targets.

====================  =========================  ======================================================
function              inputs                     output
====================  =========================  ======================================================
StandardScale         x[N,F], mean[F], scale[F]  (x - mean) / scale
MinMaxScale           x[N,F], scale[F], min[F]   x * scale + min
MaxAbsScale           x[N,F], scale[F]           x / scale
NormalizeL1, L2, Max  x[N,F], smallest[]         x / norm of the row, norms below `smallest` count as 1
====================  =========================  ======================================================

The scale functions carry two attributes that their body does not read, `range_low` and `range_high` (floats, one per
feature or none): bounds of the training data in the units of x, rounded outwards, for passes that reason about ranges.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
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


BODIES |= {name: _normalize_body(reduce) for name, reduce in _NORMS.items()}

#: Functions that carry the training range as attributes.
WITH_RANGE = ("StandardScale", "MinMaxScale", "MaxAbsScale")
