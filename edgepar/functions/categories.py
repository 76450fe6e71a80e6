# SPDX-License-Identifier: Apache-2.0
"""Categories. N rows, F features, Q categories of all features, S sets, K places of all codes.

==============  =====================================================  ==============================================
function        inputs                                                 output
==============  =====================================================  ==============================================
CategoryFlags   x[N,F], columns[Q] (int64), categories[Q], sets[Q,S]   x and behind it the flags [N,S], 0 or 1
CategoryCodes   x[N,F], columns[Q] (int64), categories[Q], codes[Q],   the code of the category that each feature is,
                unknown[F], missing[F]                                 `missing` for NaN, else `unknown`, [N,F]
PlaceFlags      codes[N,F], columns[K] (int64), places[K]              1 where the code of the column is the place,
                                                                       else 0, [N,K]
==============  =====================================================  ==============================================

Category q belongs to feature ``columns[q]``. A category NaN is no number, so that nothing equals it. Places of a column
are 0, 1, 2, ..., and columns ascend.

A flag is 1 where the number in a column is a category of the set. ``sets[q]`` says to which sets category q of its
column belongs; a set has categories of one column.
"""

from __future__ import annotations

from edgepar.functions.features import MEMBERS

BODIES: dict[str, str] = {
    "CategoryCodes": f""" (x, columns, categories, codes, unknown, missing) => (y) {{{MEMBERS}
        zero = Constant <value = double {{0.0}}> ()
        numbers = Gather <axis = 1> (x, columns)
        equal = Equal (numbers, categories)
        hits = Cast <to = 11> (equal)
        counts = MatMul (hits, members)
        known = Greater (counts, zero)
        weighted = Mul (hits, codes)
        coded = MatMul (weighted, members)
        seen = Where (known, coded, unknown)
        empty = IsNaN (x)
        y = Where (empty, missing, seen)
    }}""",
    "PlaceFlags": """ (codes, columns, places) => (y) {
        spread = Gather <axis = 1> (codes, columns)
        equal = Equal (spread, places)
        y = Cast <to = 11> (equal)
    }""",
    "CategoryFlags": """ (x, columns, categories, sets) => (y) {
        numbers = Gather <axis = 1> (x, columns)
        equal = Equal (numbers, categories)
        hits = Cast <to = 11> (equal)
        flags = MatMul (hits, sets)
        y = Concat <axis = 1> (x, flags)
    }""",
}
