// SPDX-License-Identifier: Apache-2.0
// How every variant of dense_f32 comes from units to sums; `rows` computes those of one unit.
#ifndef EP_DENSE_INLINE_H
#define EP_DENSE_INLINE_H

#include <stdint.h>

// Sums of `block` rows over `len` columns, len >= 1. w: [len][block].
typedef void ep_dense_rows_t(const float *x, const float *w, uint32_t len, uint32_t block, float *partial);

// Into each kernel, so that a compiler sees which `rows` it is.
#define EP_DENSE_INLINE __attribute__((always_inline)) static inline

EP_DENSE_INLINE void ep_dense_chunks(ep_dense_rows_t *rows, const float *x, const float *weights, float *partial,
                                     uint32_t cols, uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin,
                                     uint32_t end) {
    uint32_t start = (first + begin) * chunk_len;
    if (start >= cols) { // beyond the first block; a division takes some processors 35 cycles
        start = (first + begin) % ((cols - 1u) / chunk_len + 1u) * chunk_len;
    }
    weights += begin * block * chunk_len;
    partial += begin * block;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t len = cols - start < chunk_len ? cols - start : chunk_len;
        rows(x + start, weights, len, block, partial);
        weights += block * chunk_len;
        partial += block;
        start = cols - start > chunk_len ? start + chunk_len : 0u;
    }
}

EP_DENSE_INLINE void ep_dense_segments(ep_dense_rows_t *rows, const float *x, const float *weights,
                                       const uint32_t *starts, float *partial, uint32_t block, uint32_t segments,
                                       uint32_t begin, uint32_t end) {
    uint32_t b = begin / segments;
    uint32_t s = begin - b * segments;
    for (uint32_t u = begin; u < end; u++) {
        const float *w = weights + (b * starts[segments] + starts[s]) * block;
        rows(x + starts[s], w, starts[s + 1] - starts[s], block, partial + u * block);
        s++;
        if (s == segments) {
            s = 0;
            b++;
        }
    }
}

#endif
