# SPDX-License-Identifier: Apache-2.0
"""Linear scores and their link. N rows, F features, K classes or targets.

=============  ===============================  =================================================
function       inputs                           output
=============  ===============================  =================================================
Linear         x[N,F], coef[K,F], intercept[K]  scores[N,K]; with coef[F], intercept[]: scores[N]
LogisticProba  decision[N]                      probabilities[N,2]
=============  ===============================  =================================================
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "Linear": """ (x, coef, intercept) => (scores) {
        columns = Transpose (coef)
        products = MatMul (x, columns)
        scores = Add (products, intercept)
    }""",
    # expit as 1 / (1 + exp(-x)): exp may become infinite, the quotient is then 0, as it should be.
    "LogisticProba": """ (decision) => (probabilities) {
        one = Constant <value = double {1.0}> ()
        axes = Constant <value_ints = [1]> ()
        negative = Neg (decision)
        odds = Exp (negative)
        denominator = Add (one, odds)
        positive = Div (one, denominator)
        rest = Sub (one, positive)
        second = Unsqueeze (positive, axes)
        first = Unsqueeze (rest, axes)
        probabilities = Concat <axis = 1> (first, second)
    }""",
}
