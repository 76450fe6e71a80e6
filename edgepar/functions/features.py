# SPDX-License-Identifier: Apache-2.0
"""Features made of features. N rows, F features, K terms of at most D factors, Q edges of all features.

===============  ============================================  ======================================================
function         inputs                                        output
===============  ============================================  ======================================================
Binarize         x[N,F], threshold[]                           1 where x > threshold, else 0, [N,F]
CountEdges       x[N,F], columns[Q], edges[Q]                  how many of its edges each feature reaches, [N,F]
PolynomialTerms  x[N,F], factors[K,D]                          the product of the features of each row of `factors`
                                                               (int64), in order; F stands for the factor 1, [N,K]
===============  ============================================  ======================================================

Edge q belongs to feature ``columns[q]`` (int64); those of a feature ascend.
"""

from __future__ import annotations

#: members[Q,F] is 1 where ``columns`` says that q belongs to the feature, else 0.
MEMBERS = """
        none = Constant <value = int64 {0}> ()
        one = Constant <value = int64 {1}> ()
        first_axis = Constant <value_ints = [0]> ()
        last_axis = Constant <value_ints = [1]> ()
        width = Shape <start = 1> (x)
        features = Squeeze (width, first_axis)
        positions = Range (none, features, one)
        owners = Unsqueeze (columns, last_axis)
        own = Equal (owners, positions)
        members = Cast <to = 11> (own)"""

BODIES: dict[str, str] = {
    "Binarize": """ (x, threshold) => (y) {
        above = Greater (x, threshold)
        y = Cast <to = 11> (above)
    }""",
    "CountEdges": f""" (x, columns, edges) => (y) {{{MEMBERS}
        numbers = Gather <axis = 1> (x, columns)
        reached = GreaterOrEqual (numbers, edges)
        hits = Cast <to = 11> (reached)
        y = MatMul (hits, members)
    }}""",
    "PolynomialTerms": """ (x, factors) => (y) {
        begin = Constant <value_ints = [0]> ()
        end = Constant <value_ints = [1]> ()
        column = Slice (x, begin, end, end)
        itself = Equal (column, column)
        ones = Cast <to = 11> (itself)
        padded = Concat <axis = 1> (x, ones)
        taken = Gather <axis = 1> (padded, factors)
        behind = Constant <value_ints = [2]> ()
        y = ReduceProd <keepdims = 0> (taken, behind)
    }""",
}
