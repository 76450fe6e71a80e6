# SPDX-License-Identifier: Apache-2.0
"""Features made of features. N rows, F features, K terms of at most D factors, Q edges of all features.

===============  ============================================  ======================================================
function         inputs                                        output
===============  ============================================  ======================================================
Binarize         x[N,F], threshold[]                           1 where x > threshold, else 0, [N,F]
CountEdges       x[N,F], columns[Q], edges[Q], members[Q,F]    how many of its edges each feature reaches, [N,F]
PolynomialTerms  x[N,F], factors[K,D]                          the product of the features of each row of `factors`
                                                               (int64), in order; F stands for the factor 1, [N,K]
===============  ============================================  ======================================================

Edge q belongs to feature ``columns[q]`` (int64), which ``members[q]`` says once more, by a 1. Those of each ascend.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "Binarize": """ (x, threshold) => (y) {
        above = Greater (x, threshold)
        y = Cast <to = 11> (above)
    }""",
    "CountEdges": """ (x, columns, edges, members) => (y) {
        numbers = Gather <axis = 1> (x, columns)
        reached = GreaterOrEqual (numbers, edges)
        hits = Cast <to = 11> (reached)
        y = MatMul (hits, members)
    }""",
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
