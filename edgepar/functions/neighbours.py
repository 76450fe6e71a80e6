# SPDX-License-Identifier: Apache-2.0
"""What the nearest rows of a table say. N samples, M rows, O targets (classes as one 1 a row), k neighbours.

=============  =======================================================  ====================================
function       inputs                                                   output
=============  =======================================================  ====================================
NeighbourSum   distances[N,M], targets[M,O], k[1] (int64)               sum of the targets of the k nearest
NeighbourMean  distances[N,M], targets[M,O], k[1] (int64), exponent[]   their mean, weights distance^-exponent
OutlierFactor  distances[N,M], reach[M], density[M], k[1] (int64),      negative local outlier factor [N]
               exponent[]
=============  =======================================================  ====================================

Equal distances go in the order of the rows. Where a distance is 0, rows at 0 weigh 1 and the others nothing.

OutlierFactor takes distances whose power ``exponent`` is the distance d. ``reach`` is the distance of each row to its
own k-th neighbour, ``density`` the inverse of its mean max(d, reach) + 1e-10; the factor is the mean density of the k
nearest by the sample's own.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "NeighbourSum": """ (distances, targets, k) => (sums) {
        axis = Constant <value_ints = [1]> ()
        near, index = TopK <axis = 1, largest = 0, sorted = 1> (distances, k)
        said = Gather (targets, index)
        sums = ReduceSum <keepdims = 0> (said, axis)
    }""",
    "NeighbourMean": """ (distances, targets, k, exponent) => (means) {
        axis = Constant <value_ints = [1]> ()
        last = Constant <value_ints = [2]> ()
        zero = Constant <value = double {0.0}> ()
        near, index = TopK <axis = 1, largest = 0, sorted = 1> (distances, k)
        said = Gather (targets, index)
        least = ReduceMin <keepdims = 1> (near, axis)
        ratio = Div (least, near)
        by_distance = Pow (ratio, exponent)
        is_zero = Equal (near, zero)
        by_zero = Cast <to = 11> (is_zero)
        at_zero = Equal (least, zero)
        weights = Where (at_zero, by_zero, by_distance)
        columns = Unsqueeze (weights, last)
        weighted = Mul (columns, said)
        sums = ReduceSum <keepdims = 0> (weighted, axis)
        total = ReduceSum <keepdims = 1> (weights, axis)
        means = Div (sums, total)
    }""",
    "OutlierFactor": """ (distances, reach, density, k, exponent) => (score) {
        axis = Constant <value_ints = [1]> ()
        one = Constant <value = double {1.0}> ()
        least = Constant <value = double {1e-10}> ()
        near, index = TopK <axis = 1, largest = 0, sorted = 1> (distances, k)
        distance = Pow (near, exponent)
        reach_there = Gather (reach, index)
        reached = Max (distance, reach_there)
        mean = ReduceMean <keepdims = 1> (reached, axis)
        above_zero = Add (mean, least)
        own = Div (one, above_zero)
        others = Gather (density, index)
        ratios = Div (others, own)
        factor = ReduceMean <keepdims = 0> (ratios, axis)
        score = Neg (factor)
    }""",
}
