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
PairwiseProba       scores[N,P], a[P], b[P]                                     of the first class of each pair, then of
                                                                                the second, [N,2P]
CoupledProba        pairwise[N,2P], first[P,K], second[P,K]                     probabilities[N,K]
==================  ==========================================================  ==================================

first and second have a 1 where the class is that of the pair; pairs are (0, 1), (0, 2), ..., (1, 2), ... Vectors stand
in the order of their classes `owner`; `coef` holds of each its coefficient in the pair of its class and the m-th other.

PairwiseProba is the sigmoid 1 / (1 + exp(a score + b)), from 1e-7 to 1 - 1e-7. CoupledProba is the second method of
Wu, Lin and Weng, Probability Estimates for Multi-class Classification by Pairwise Coupling (JMLR 5, 2004): from equal
shares on, sweeps over the classes, each of which is given the share that suits the others best, until the conditions of
the optimum hold within 0.005 / K (libsvm's tolerance, which leaves two digits or three), or for max(100, K) sweeps.
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
    "PairwiseProba": """ (scores, a, b) => (pairwise) {
        zero = Constant <value = double {0.0}> ()
        one = Constant <value = double {1.0}> ()
        least = Constant <value = double {1e-7}> ()
        most = Constant <value = double {0.9999999}> ()
        scaled = Mul (scores, a)
        exponent = Add (scaled, b)
        magnitude = Abs (exponent)
        opposite = Neg (magnitude)
        odds = Exp (opposite)
        denominator = Add (one, odds)
        larger = Div (one, denominator)
        smaller = Div (odds, denominator)
        negative = Less (exponent, zero)
        of_first = Where (negative, larger, smaller)
        clipped = Clip (of_first, least, most)
        of_second = Sub (one, clipped)
        pairwise = Concat <axis = 1> (clipped, of_second)
    }""",
    # Loops take what they need from outside; a sample whose sweeps have ended keeps its shares.
    "CoupledProba": """ (pairwise, first, second) => (probabilities) {
        one = Constant <value_ints = [1]> ()
        two = Constant <value_ints = [2]> ()
        column = Constant <value = int64 {1}> ()
        start = Constant <value = int64 {0}> ()
        yes = Constant <value = bool {1}> ()
        zero = Constant <value = double {0.0}> ()
        unit = Constant <value = double {1.0}> ()
        twice = Constant <value = double {2.0}> ()
        tolerance = Constant <value = double {0.005}> ()
        least_sweeps = Constant <value = int64 {100}> ()
        shape = Shape (first)
        n_classes = Gather (shape, column)
        classes = Cast <to = 11> (n_classes)
        epsilon = Div (tolerance, classes)
        share = Div (unit, classes)
        most_sweeps = Max (least_sweeps, n_classes)
        of_first, of_second = Split <axis = 1, num_outputs = 2> (pairwise)
        first_squares = Mul (of_first, of_first)
        second_squares = Mul (of_second, of_second)
        of_firsts = MatMul (second_squares, first)
        of_seconds = MatMul (first_squares, second)
        diagonal = Add (of_firsts, of_seconds)
        both = Mul (of_first, of_second)
        opposite = Neg (both)
        rows = Unsqueeze (first, two)
        columns = Unsqueeze (second, one)
        above = Mul (rows, columns)
        below = Transpose <perm = [0, 2, 1]> (above)
        places = Add (above, below)
        batch = Constant <value_ints = [0]> ()
        rest = Constant <value_ints = [-1]> ()
        flat_shape = Concat <axis = 0> (batch, rest)
        flat_places = Reshape (places, flat_shape)
        flat = MatMul (opposite, flat_places)
        classes_axis = Reshape (n_classes, one)
        square_shape = Concat <axis = 0> (batch, classes_axis, classes_axis)
        beside = Reshape (flat, square_shape)
        ordinals = Range (start, n_classes, column)
        ordinal_rows = Unsqueeze (ordinals, one)
        same = Equal (ordinal_rows, ordinals)
        identity = Cast <to = 11> (same)
        diagonals = Unsqueeze (diagonal, one)
        on_diagonal = Mul (diagonals, identity)
        q = Add (beside, on_diagonal)
        nothing = Mul (diagonal, zero)
        equal = Add (nothing, share)
        probabilities = Loop <body = sweep (int64 sweep_number, bool before, double[N, K] p)
            => (bool goes_on, double[N, K] p_new) {
            p_column = Unsqueeze (p, two)
            qp_column = MatMul (q, p_column)
            qp = Squeeze (qp_column, two)
            terms = Mul (p, qp)
            pqp = ReduceSum <keepdims = 1> (terms, one)
            off = Sub (qp, pqp)
            off_size = Abs (off)
            most_off = ReduceMax <keepdims = 1> (off_size, one)
            ended = Less (most_off, epsilon)
            active = Not (ended)
            p_swept, qp_swept, pqp_swept = Loop <body = step (
                int64 t, bool before_step, double[N, K] p_t, double[N, K] qp_t, double[N, L] pqp_t
            ) => (bool steps_on, double[N, K] p_next, double[N, K] qp_next, double[N, L] pqp_next) {
                steps_on = Identity (yes)
                chosen = Reshape (t, one)
                row_square = Gather <axis = 1> (q, chosen)
                row = Squeeze (row_square, one)
                own = Gather <axis = 1> (row, chosen)
                own_qp = Gather <axis = 1> (qp_t, chosen)
                excess = Sub (pqp_t, own_qp)
                difference = Div (excess, own)
                grown = Add (unit, difference)
                here = Gather <axis = 0> (identity, chosen)
                added = Mul (difference, here)
                raised = Add (p_t, added)
                p_next = Div (raised, grown)
                own_part = Mul (difference, own)
                double_qp = Mul (twice, own_qp)
                slope = Add (own_part, double_qp)
                gain = Mul (difference, slope)
                raised_pqp = Add (pqp_t, gain)
                halfway = Div (raised_pqp, grown)
                pqp_next = Div (halfway, grown)
                moved = Mul (difference, row)
                raised_qp = Add (qp_t, moved)
                qp_next = Div (raised_qp, grown)
            }> (n_classes, yes, p, qp, pqp)
            p_new = Where (active, p_swept, p)
            counted = Cast <to = 7> (active)
            n_active = ReduceSum <keepdims = 0> (counted)
            goes_on = Greater (n_active, start)
        }> (most_sweeps, yes, equal)
    }""",
}
