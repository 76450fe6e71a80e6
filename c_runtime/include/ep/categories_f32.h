// SPDX-License-Identifier: Apache-2.0
// Numbers that stand for categories: sums of rows of a table.
#ifndef EP_CATEGORIES_F32_H
#define EP_CATEGORIES_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// For each chunk u of [begin, end) and each column c: partial[u * cols + c] = sum of table[row * cols + c] over the
// features of the chunk in index order, from 0 on. Unit: chunk of chunk_len features, the last may be shorter.
// Feature i has the rows starts[i] .. starts[i + 1] - 1, fewer than 2^24, and takes the one of its category, x[i]
// without its fraction; where that is negative or too large (or x[i] is NaN) it adds nothing. x: [features], starts:
// [features + 1], table: [starts[features]][cols], partial: [chunks][cols]. cols, chunk_len >= 1. Nothing overlaps.
void ep_categories_f32__ref(const float *x, const uint32_t *starts, const float *table, float *partial,
                            uint32_t features, uint32_t cols, uint32_t chunk_len, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
