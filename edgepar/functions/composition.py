# SPDX-License-Identifier: Apache-2.0
"""Answers of several estimators made into one. N rows, M members, K outputs of each, P pairs of K classes.

==================  ===================================  ==========================================================
function            inputs                               output
==================  ===================================  ==========================================================
WeightedSum         x[N,M*K], weights[M]                 sum over the members of weight times x, [N,K]
WeightedMean        x[N,M*K], weights[M]                 the same, divided by the sum of the weights, [N,K]
WeightedMedian      x[N,M], weights[M]                   the least x that, with those not above it, has half of
                                                         the weights, [N]
OneVote             label[N], classes[K] (int64)         1 for the class that is the label, else 0, [N,K]
Shares              x[N,K]                               x / sum of the row; a row whose sum is 0 stays, [N,K]
SharesOrUniform     x[N,K], uniform[]                    the same; a row whose sum is 0 becomes `uniform`, [N,K]
SigmoidCalibration  x[N,K], a[K], b[K]                   1 / (1 + exp(a x + b)), [N,K]
Interpolate         x[N,K], knots[K,T], values[K,T]      the broken line of each column at x, level outside, [N,K]
PairVotes           predictions[N,P], confidences[N,P],  votes + s / (3 (|s| + 1)), s the sum of the signed
                    sides[P,K]                           confidences in a class, [N,K]
==================  ===================================  ==========================================================

Rows of `knots` ascend and have two entries at least; equal ones at the end fill a row up. `sides` says for each pair
which class is its first (-1) and which its second (1); pairs are in the order (0, 1), (0, 2), ..., (1, 2), ...
"""

from __future__ import annotations

_MEMBERS = """
        one = Constant <value_ints = [1]> ()
        batch = Constant <value_ints = [0]> ()
        rest = Constant <value_ints = [-1]> ()
        count = Shape (weights)
        apart = Concat <axis = 0> (batch, count, rest)
        members = Reshape (x, apart)
        column = Unsqueeze (weights, one)
        weighted = Mul (members, column)"""

_SUMS = """
        one = Constant <value_ints = [1]> ()
        zero = Constant <value = double {0.0}> ()
        unit = Constant <value = double {1.0}> ()
        total = ReduceSum <keepdims = 1> (x, one)
        empty = Equal (total, zero)
        divisor = Where (empty, unit, total)
        share = Div (x, divisor)"""

BODIES: dict[str, str] = {
    "WeightedSum": f""" (x, weights) => (y) {{{_MEMBERS}
        y = ReduceSum <keepdims = 0> (weighted, one)
    }}""",
    "WeightedMean": f""" (x, weights) => (y) {{{_MEMBERS}
        total = ReduceSum <keepdims = 0> (weighted, one)
        divisor = ReduceSum <keepdims = 0> (weights)
        y = Div (total, divisor)
    }}""",
    "WeightedMedian": """ (x, weights) => (median) {
        axis = Constant <value = int64 {1}> ()
        column = Constant <value_ints = [1]> ()
        last = Constant <value_ints = [-1]> ()
        share = Constant <value = double {0.5}> ()
        count = Shape (weights)
        ordered, index = TopK <axis = 1, largest = 0, sorted = 1> (x, count)
        by_order = Gather (weights, index)
        reached = CumSum (by_order, axis)
        total = Gather <axis = 1> (reached, last)
        half = Mul (share, total)
        enough = GreaterOrEqual (reached, half)
        flags = Cast <to = 7> (enough)
        first = ArgMax <axis = 1, keepdims = 1> (flags)
        found = GatherElements <axis = 1> (ordered, first)
        median = Squeeze (found, column)
    }""",
    "OneVote": """ (label, classes) => (votes) {
        one = Constant <value_ints = [1]> ()
        rows = Unsqueeze (label, one)
        chosen = Equal (rows, classes)
        votes = Cast <to = 11> (chosen)
    }""",
    "Shares": f""" (x) => (y) {{{_SUMS}
        y = Identity (share)
    }}""",
    "SharesOrUniform": f""" (x, uniform) => (y) {{{_SUMS}
        y = Where (empty, uniform, share)
    }}""",
    # expit(-(a x + b)), as 1 / (1 + exp(...)): exp may become infinite, the quotient is then 0, as it should be.
    "SigmoidCalibration": """ (x, a, b) => (y) {
        one = Constant <value = double {1.0}> ()
        product = Mul (x, a)
        exponent = Add (product, b)
        odds = Exp (exponent)
        denominator = Add (one, odds)
        y = Div (one, denominator)
    }""",
    "Interpolate": """ (x, knots, values) => (y) {
        one = Constant <value = int64 {1}> ()
        none = Constant <value = int64 {0}> ()
        two = Constant <value = int64 {2}> ()
        unit = Constant <value = double {1.0}> ()
        zero = Constant <value = double {0.0}> ()
        last_axis = Constant <value_ints = [2]> ()
        first = Constant <value_ints = [0]> ()
        end = Constant <value_ints = [-1]> ()
        columns = Constant <value_ints = [1]> ()
        least = ReduceMin <keepdims = 0> (knots, columns)
        most = ReduceMax <keepdims = 0> (knots, columns)
        above = Max (x, least)
        inside = Min (above, most)
        spread = Unsqueeze (inside, last_axis)
        passed = GreaterOrEqual (spread, knots)
        counts = Cast <to = 7> (passed)
        count = ReduceSum <keepdims = 0> (counts, last_axis)
        shape = Shape (knots)
        len_vector = Gather (shape, end)
        len = Squeeze (len_vector, first)
        behind = Sub (count, one)
        highest = Sub (len, two)
        bounded = Min (behind, highest)
        low = Max (bounded, none)
        high = Add (low, one)
        itself = Equal (knots, knots)
        ones = Cast <to = 7> (itself)
        across = Constant <value = int64 {1}> ()
        ordinals = CumSum (ones, across)
        positions = Sub (ordinals, one)
        low_spread = Unsqueeze (low, last_axis)
        high_spread = Unsqueeze (high, last_axis)
        low_here = Equal (low_spread, positions)
        high_here = Equal (high_spread, positions)
        low_mask = Cast <to = 11> (low_here)
        high_mask = Cast <to = 11> (high_here)
        low_knots = Mul (low_mask, knots)
        high_knots = Mul (high_mask, knots)
        low_values = Mul (low_mask, values)
        high_values = Mul (high_mask, values)
        x0 = ReduceSum <keepdims = 0> (low_knots, last_axis)
        x1 = ReduceSum <keepdims = 0> (high_knots, last_axis)
        y0 = ReduceSum <keepdims = 0> (low_values, last_axis)
        y1 = ReduceSum <keepdims = 0> (high_values, last_axis)
        width = Sub (x1, x0)
        level = Equal (width, zero)
        divisor = Where (level, unit, width)
        rise = Sub (y1, y0)
        slope = Div (rise, divisor)
        way = Sub (inside, x0)
        climb = Mul (slope, way)
        y = Add (y0, climb)
    }""",
    "PairVotes": """ (predictions, confidences, sides) => (scores) {
        one = Constant <value = double {1.0}> ()
        zero = Constant <value = double {0.0}> ()
        three = Constant <value = double {3.0}> ()
        is_second = Max (sides, zero)
        opposite = Neg (sides)
        is_first = Max (opposite, zero)
        not_second = Sub (one, predictions)
        for_first = MatMul (not_second, is_first)
        for_second = MatMul (predictions, is_second)
        votes = Add (for_first, for_second)
        confidence = MatMul (confidences, sides)
        size = Abs (confidence)
        larger = Add (size, one)
        divisor = Mul (larger, three)
        bounded = Div (confidence, divisor)
        scores = Add (votes, bounded)
    }""",
}
