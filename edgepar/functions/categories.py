# SPDX-License-Identifier: Apache-2.0
"""Sets of categories. N rows, F features, Q categories of all features, S sets.

=============  =====================================================  ====================================
function       inputs                                                 output
=============  =====================================================  ====================================
CategoryFlags  x[N,F], columns[Q] (int64), categories[Q], sets[Q,S]   x and behind it the flags [N,S], 0 or 1
=============  =====================================================  ====================================

A flag is 1 where the number in a column is a category of the set. ``sets[q]`` says to which sets category q of its
column belongs; a set has categories of one column.
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "CategoryFlags": """ (x, columns, categories, sets) => (y) {
        numbers = Gather <axis = 1> (x, columns)
        equal = Equal (numbers, categories)
        hits = Cast <to = 11> (equal)
        flags = MatMul (hits, sets)
        y = Concat <axis = 1> (x, flags)
    }""",
}
