# SPDX-License-Identifier: Apache-2.0
"""Support vector machines. N samples, M support vectors, K classes, P = K (K - 1) / 2 pairs of classes.

==================  ==========================================================  ==================================
function            inputs                                                      output
==================  ==========================================================  ==================================
RbfKernel           distances[N,M] (squared), gamma[]                           exp(-gamma distance)
PolynomialKernel    products[N,M], gamma[], coef0[], degree[]                   (gamma product + coef0)^degree
SigmoidKernel       products[N,M], gamma[], coef0[]                             tanh(gamma product + coef0)
SupportScores       kernel[N,M], coef[K-1,M], intercept[P], owner[M] (int64),   scores[N,P]; above 0 speaks for
                    first[P,K], second[P,K]                                     the first class of the pair
SupportVotes        scores[N,P], first[P,K], second[P,K]                        pairs won[N,K]; 0 is the second's
SupportConfidences  scores[N,P], first[P,K], second[P,K]                        decision_function of shape "ovr"
==================  ==========================================================  ==================================

first and second have a 1 where the class is that of the pair; pairs are (0, 1), (0, 2), ..., (1, 2), ... Vectors stand
in the order of their classes `owner`; `coef` holds of each its coefficient in the pair of its class and the m-th other.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "RbfKernel": """ (distances, gamma) => (kernel) {
        scaled = Mul (distances, gamma)
        exponent = Neg (scaled)
        kernel = Exp (exponent)
    }""",
    "PolynomialKernel": """ (products, gamma, coef0, degree) => (kernel) {
        scaled = Mul (products, gamma)
        base = Add (scaled, coef0)
        kernel = Pow (base, degree)
    }""",
    "SigmoidKernel": """ (products, gamma, coef0) => (kernel) {
        scaled = Mul (products, gamma)
        argument = Add (scaled, coef0)
        kernel = Tanh (argument)
    }""",
    "SupportScores": """ (kernel, coef, intercept, owner, first, second) => (scores) {
        zero = Constant <value = double {0.0}> ()
        one = Constant <value_ints = [1]> ()
        first_class = ArgMax <axis = 1, keepdims = 0> (first)
        second_class = ArgMax <axis = 1, keepdims = 0> (second)
        second_row = Sub (second_class, one)
        of_first = Gather (coef, second_row)
        of_second = Gather (coef, first_class)
        first_column = Unsqueeze (first_class, one)
        second_column = Unsqueeze (second_class, one)
        is_first = Equal (first_column, owner)
        is_second = Equal (second_column, owner)
        rest = Where (is_second, of_second, zero)
        matrix = Where (is_first, of_first, rest)
        columns = Transpose (matrix)
        sums = MatMul (kernel, columns)
        scores = Add (sums, intercept)
    }""",
    "SupportVotes": """ (scores, first, second) => (votes) {
        zero = Constant <value = double {0.0}> ()
        one = Constant <value = double {1.0}> ()
        positive = Greater (scores, zero)
        wins = Cast <to = 11> (positive)
        losses = Sub (one, wins)
        of_first = MatMul (wins, first)
        of_second = MatMul (losses, second)
        votes = Add (of_first, of_second)
    }""",
    "SupportConfidences": """ (scores, first, second) => (confidences) {
        zero = Constant <value = double {0.0}> ()
        one = Constant <value = double {1.0}> ()
        three = Constant <value = double {3.0}> ()
        negative = Less (scores, zero)
        losses = Cast <to = 11> (negative)
        wins = Sub (one, losses)
        won_first = MatMul (wins, first)
        won_second = MatMul (losses, second)
        votes = Add (won_first, won_second)
        for_first = MatMul (scores, first)
        for_second = MatMul (scores, second)
        sums = Sub (for_first, for_second)
        magnitude = Abs (sums)
        larger = Add (magnitude, one)
        divisor = Mul (three, larger)
        share = Div (sums, divisor)
        confidences = Add (votes, share)
    }""",
}
