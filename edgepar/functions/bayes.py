# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes. N rows, F features, K classes or targets.

=============  ==========================================  ===========================================
function       inputs                                      output
=============  ==========================================  ===========================================
GaussianNB     x[N,F], theta[K,F], var[K,F], log_prior[K]  joint log likelihood[N,K]
CategoricalNB  x[N,F], columns[Q] (int64), categories[Q],  joint log likelihood[N,K]; Q is the number of
               log_prob[Q,K], log_prior[K]                 categories of all features
Posterior      joint log likelihood[N,K]                   probabilities[N,K]
=============  ==========================================  ===========================================

The category of a feature is its number without fraction. One that is negative, or above those of its column, adds
nothing to any class: the other features decide.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
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
    "CategoricalNB": """ (x, columns, categories, log_prob, log_prior) => (joint) {
        numbers = Gather <axis = 1> (x, columns)
        magnitude = Abs (numbers)
        whole = Floor (magnitude)
        side = Sign (numbers)
        category = Mul (whole, side)
        equal = Equal (category, categories)
        hits = Cast <to = 11> (equal)
        sums = MatMul (hits, log_prob)
        joint = Add (sums, log_prior)
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
}
