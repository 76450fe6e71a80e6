# SPDX-License-Identifier: Apache-2.0
"""Missing values, which are NaN or one certain number. N rows, F features.

===============  ==================================  ==================================================
function         inputs                              output
===============  ==================================  ==================================================
FillNaN          x[N,F], fill[F]                     x, and `fill` where x is NaN, [N,F]
FillNumber       x[N,F], missing[], fill[F]          x, and `fill` where x is the number `missing`, [N,F]
NaNFlags         x[N,F]                              1 where x is NaN, else 0, [N,F]
NumberFlags      x[N,F], missing[]                   1 where x is the number `missing`, else 0, [N,F]
===============  ==================================  ==================================================
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "FillNaN": """ (x, fill) => (y) {
        empty = IsNaN (x)
        y = Where (empty, fill, x)
    }""",
    "FillNumber": """ (x, missing, fill) => (y) {
        empty = Equal (x, missing)
        y = Where (empty, fill, x)
    }""",
    "NaNFlags": """ (x) => (y) {
        empty = IsNaN (x)
        y = Cast <to = 11> (empty)
    }""",
    "NumberFlags": """ (x, missing) => (y) {
        empty = Equal (x, missing)
        y = Cast <to = 11> (empty)
    }""",
}
