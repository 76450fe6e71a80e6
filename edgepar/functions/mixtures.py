# SPDX-License-Identifier: Apache-2.0
"""Gaussian components with covariances. N rows, F features, K components, R columns of a factor.

===============  ===================================================  ==============================================
function         inputs                                               output
===============  ===================================================  ==============================================
QuadraticScores  x[N,F], means[K,F], factors[K,F,R], constants[K]     constants - |(x - mean) @ factor|^2 / 2 [N,K]
Evidence         joint log likelihood[N,K]                            log of the sum of their exponentials[N]
ScoreMargin      scores[N,2]                                          second score less the first[N]
===============  ===================================================  ==============================================
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "QuadraticScores": """ (x, means, factors, constants) => (scores) {
        half = Constant <value = double {0.5}> ()
        one = Constant <value_ints = [1]> ()
        two = Constant <value_ints = [2]> ()
        rows = Unsqueeze (x, one)
        offsets = Sub (rows, means)
        components = Transpose <perm = [1, 0, 2]> (offsets)
        whitened = MatMul (components, factors)
        squares = Mul (whitened, whitened)
        by_component = ReduceSum <keepdims = 0> (squares, two)
        distances = Transpose (by_component)
        halves = Mul (half, distances)
        scores = Sub (constants, halves)
    }""",
    "Evidence": """ (joint) => (evidence) {
        one = Constant <value_ints = [1]> ()
        highest = ReduceMax <keepdims = 1> (joint, one)
        shifted = Sub (joint, highest)
        weights = Exp (shifted)
        total = ReduceSum <keepdims = 1> (weights, one)
        log_total = Log (total)
        sum = Add (log_total, highest)
        evidence = Squeeze (sum, one)
    }""",
    "ScoreMargin": """ (scores) => (decision) {
        first_column = Constant <value_int = 0> ()
        second_column = Constant <value_int = 1> ()
        first = Gather <axis = 1> (scores, first_column)
        second = Gather <axis = 1> (scores, second_column)
        decision = Sub (second, first)
    }""",
}
