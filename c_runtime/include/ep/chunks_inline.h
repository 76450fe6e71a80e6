// SPDX-License-Identifier: Apache-2.0
// From units, which are chunks of columns of blocks of rows, to the sums of each: dense layers, naive Bayes, centroids.
#ifndef EP_CHUNKS_INLINE_H
#define EP_CHUNKS_INLINE_H

#include <stdint.h>

// Sums of `block` rows over `len` columns, len >= 1. table: [len][block] elements.
typedef void ep_rows_t(const float *x, const float *table, uint32_t len, uint32_t block, float *partial);

// Into each kernel, so that a compiler sees which `rows` it is.
#define EP_CHUNKS_INLINE __attribute__((always_inline)) static inline

// Elements of the table have `words` floats.
EP_CHUNKS_INLINE void ep_chunks(ep_rows_t *rows, uint32_t words, const float *x, const float *table, float *partial,
                                uint32_t cols, uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin,
                                uint32_t end) {
    uint32_t start = (first + begin) * chunk_len;
    if (start >= cols) { // beyond the first block; a division takes some processors 35 cycles
        start = (first + begin) % ((cols - 1u) / chunk_len + 1u) * chunk_len;
    }
    table += words * begin * block * chunk_len;
    partial += begin * block;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t len = cols - start < chunk_len ? cols - start : chunk_len;
        rows(x + start, table, len, block, partial);
        table += words * block * chunk_len;
        partial += block;
        start = cols - start > chunk_len ? start + chunk_len : 0u;
    }
}

#endif
