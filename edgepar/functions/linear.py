# SPDX-License-Identifier: Apache-2.0
"""Linear scores and their link. N rows, F features, K classes or targets.

===================  ===============================  =========================================================
function             inputs                           output
===================  ===============================  =========================================================
Linear               x[N,F], coef[K,F], intercept[K]  scores[N,K]; with coef[F], intercept[]: scores[N]
LogisticProba        decision[N]                      probabilities[N,2]
OneVsRestProba       decision[N,K], equal[]           logistic of each, as shares of their sum; `equal` for sums of 0
ModifiedHuberProba   decision[N]                      probabilities[N,2], (decision + 1) / 2 from 0 to 1
ModifiedHuberShares  decision[N,K], equal[]           the same of each, as shares of their sum; `equal` for sums of 0
===================  ===============================  =========================================================
"""

from __future__ import annotations

_HALF_OPEN = """
        unit = Constant <value = double {1.0}> ()
        least = Constant <value = double {-1.0}> ()
        two = Constant <value = double {2.0}> ()
        clipped = Clip (decision, least, unit)
        raised = Add (clipped, unit)
        p = Div (raised, two)"""

_SHARES = """
        zero = Constant <value = double {0.0}> ()
        one = Constant <value_ints = [1]> ()
        total = ReduceSum <keepdims = 1> (p, one)
        nothing = Equal (total, zero)
        divisor = Where (nothing, unit, total)
        shares = Div (p, divisor)
        probabilities = Where (nothing, equal, shares)"""

BODIES: dict[str, str] = {
    "Linear": """ (x, coef, intercept) => (scores) {
        columns = Transpose (coef)
        products = MatMul (x, columns)
        scores = Add (products, intercept)
    }""",
    "OneVsRestProba": f""" (decision, equal) => (probabilities) {{
        unit = Constant <value = double {{1.0}}> ()
        negative = Neg (decision)
        odds = Exp (negative)
        denominator = Add (unit, odds)
        p = Div (unit, denominator){_SHARES}
    }}""",
    "ModifiedHuberProba": f""" (decision) => (probabilities) {{{_HALF_OPEN}
        axes = Constant <value_ints = [1]> ()
        rest = Sub (unit, p)
        second = Unsqueeze (p, axes)
        first = Unsqueeze (rest, axes)
        probabilities = Concat <axis = 1> (first, second)
    }}""",
    "ModifiedHuberShares": f""" (decision, equal) => (probabilities) {{{_HALF_OPEN}{_SHARES}
    }}""",
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
