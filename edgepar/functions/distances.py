# SPDX-License-Identifier: Apache-2.0
"""Distances of samples to the rows of a table. N rows of x, F features, M rows of the table.

==================  ========================  =============================================================
function            inputs                    output
==================  ========================  =============================================================
SquaredDistances    x[N,F], rows[M,F]         sum of (x - row)^2: [N,M]
ManhattanDistances  x[N,F], rows[M,F]         sum of |x - row|
ChebyshevDistances  x[N,F], rows[M,F]         largest |x - row|
PowerDistances      x[N,F], rows[M,F], p[]    sum of |x - row|^p
Products            x[N,F], rows[M,F]         x times row
CosineDistances     x[N,F], rows[M,F]         max(1 - x times row, 0), both of length 1 already
==================  ========================  =============================================================

The sums run over the features one after another, so that no array is larger than the result.
"""

from __future__ import annotations


def _over_features(inputs: str, term: str, combine: str = "Add") -> str:
    return f""" ({inputs}) => (distances) {{
        features = Transpose (x)
        columns = Transpose (rows)
        zero = Constant <value = double {{0.0}}> ()
        samples = Shape <start = 0, end = 1> (x)
        table = Shape <start = 0, end = 1> (rows)
        shape = Concat <axis = 0> (samples, table)
        nothing = Expand (zero, shape)
        distances = Scan <num_scan_inputs = 2, body = feature
            (double[N, M] before, double[N] value, double[M] column) => (double[N, M] after) {{
            axis = Constant <value_ints = [1]> ()
            one_a_row = Unsqueeze (value, axis)
            offset = Sub (one_a_row, column)
            {term}
            after = {combine} (before, part)
        }}> (nothing, features, columns)
    }}"""


BODIES: dict[str, str] = {
    "SquaredDistances": _over_features("x, rows", "part = Mul (offset, offset)"),
    "ManhattanDistances": _over_features("x, rows", "part = Abs (offset)"),
    "ChebyshevDistances": _over_features("x, rows", "part = Abs (offset)", "Max"),
    "PowerDistances": _over_features(
        "x, rows, p",
        """magnitude = Abs (offset)
            part = Pow (magnitude, p)""",
    ),
    "Products": """ (x, rows) => (products) {
        columns = Transpose (rows)
        products = MatMul (x, columns)
    }""",
    "CosineDistances": """ (x, rows) => (distances) {
        one = Constant <value = double {1.0}> ()
        zero = Constant <value = double {0.0}> ()
        columns = Transpose (rows)
        products = MatMul (x, columns)
        raw = Sub (one, products)
        distances = Max (raw, zero)
    }""",
}
