# SPDX-License-Identifier: Apache-2.0
"""Distances to centroids. N rows, F features, K centroids.

================  =======================================  ============================================
function          inputs                                   output
================  =======================================  ============================================
CentroidSquares   x[N,F], centroids[K,F]                   squared Euclidean distances[N,K]
CentroidDistance  squares[N,K]                             distances[N,K], their roots
NearestLabel      squares[N,K], classes[K] (int64)         label[N], the first of equal minima
================  =======================================  ============================================

scikit-learn's KMeans asks `|c|^2 - 2 x c` for the label and `|x|^2 - 2 x c + |c|^2` for the distance; the differences
here are the same numbers without the cancellation.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "CentroidSquares": """ (x, centroids) => (squares) {
        one = Constant <value_ints = [1]> ()
        two = Constant <value_ints = [2]> ()
        rows = Unsqueeze (x, one)
        offsets = Sub (rows, centroids)
        products = Mul (offsets, offsets)
        squares = ReduceSum <keepdims = 0> (products, two)
    }""",
    "CentroidDistance": """ (squares) => (distances) {
        distances = Sqrt (squares)
    }""",
    "NearestLabel": """ (squares, classes) => (label) {
        index = ArgMin <axis = 1, keepdims = 0> (squares)
        label = Gather (classes, index)
    }""",
}
