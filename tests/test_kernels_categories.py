# SPDX-License-Identifier: Apache-2.0
"""Rows of a table by category, against numpy's float32 operations one by one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.kernel_library import assert_same_bits, call, ranges

F = np.float32
#: Categories at both ends, with a fraction, and none at all.
NUMBERS = np.array([0, 1, 2, 3, 2.999, -0.0, -0.75, -1, 4, 1e30, -1e30, np.inf, -np.inf, np.nan], F)


@pytest.mark.parametrize(("features", "cols", "chunk_len"), [(1, 1, 1), (14, 3, 4), (33, 10, 5), (16, 2, 2)])
def test_rows_are_added_chunk_by_chunk(features, cols, chunk_len) -> None:
    rng = np.random.default_rng(features)
    counts = rng.integers(1, 5, features)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
    table = rng.standard_normal((starts[-1], cols)).astype(F)
    x = np.resize(NUMBERS, features)
    chunks = -(-features // chunk_len)
    wanted = np.zeros((chunks, cols), F)
    for i in range(features):
        if np.isfinite(x[i]) and -1 < x[i] < counts[i]:
            wanted[i // chunk_len] += table[starts[i] + int(x[i])]
    for cut in ranges(chunks):
        partial = np.full((chunks, cols), 7.0, F)
        for begin, end in cut:
            call("ep_categories_f32__ref", x, starts, table, partial, features, cols, chunk_len, begin, end)
        assert_same_bits(partial, wanted)
