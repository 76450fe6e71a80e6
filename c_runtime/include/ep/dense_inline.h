// SPDX-License-Identifier: Apache-2.0
// Dense layers over segments of any length; `rows` computes the sums of one unit.
#ifndef EP_DENSE_INLINE_H
#define EP_DENSE_INLINE_H

#include "ep/chunks_inline.h"

EP_CHUNKS_INLINE void ep_dense_segments(ep_rows_t *rows, const float *x, const float *weights, const uint32_t *starts,
                                        float *partial, uint32_t block, uint32_t segments, uint32_t begin,
                                        uint32_t end) {
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
