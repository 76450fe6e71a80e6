// SPDX-License-Identifier: Apache-2.0
// Distances between bytes on Cortex-M4: bytes become pairs of half words, two products and their sum in one cycle. Two
// rows share each word of x.
#include <arm_acle.h>

#include "ep/distances_u8.h"

static inline uint32_t even(uint32_t word) {
    return (uint32_t)__uxtb16(word);
}

static inline uint32_t odd(uint32_t word) {
    return (uint32_t)__uxtb16(word >> 8 | word << 24);
}

static inline uint32_t add(uint32_t sum, uint32_t even_x, uint32_t odd_x, uint32_t row) {
    sum = (uint32_t)__smlad((int16x2_t)even_x, (int16x2_t)even(row), (int32_t)sum);
    return (uint32_t)__smlad((int16x2_t)odd_x, (int16x2_t)odd(row), (int32_t)sum);
}

void ep_sqeuclidean_u8__armv7em(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                                float *out, uint32_t cols, uint32_t begin, uint32_t end) {
    if (found[0] != 0) {
        ep_sqeuclidean_u8__ref(x, narrow, found, rows, out, cols, begin, end);
        return;
    }
    const uint32_t words = (cols + 3) / 4;
    const uint32_t square = found[1];
    uint32_t r = begin;
    for (; end - r >= 2; r += 2) {
        const uint32_t *w0 = rows + r * (words + 1);
        const uint32_t *w1 = w0 + words + 1;
        uint32_t s0 = 0;
        uint32_t s1 = 0;
        for (uint32_t w = 0; w < words; w++) {
            uint32_t even_x = even(narrow[w]);
            uint32_t odd_x = odd(narrow[w]);
            s0 = add(s0, even_x, odd_x, *w0++);
            s1 = add(s1, even_x, odd_x, *w1++);
        }
        out[r] = (float)(square + *w0 - 2 * s0);
        out[r + 1] = (float)(square + *w1 - 2 * s1);
    }
    if (r < end) {
        const uint32_t *w0 = rows + r * (words + 1);
        uint32_t s0 = 0;
        for (uint32_t w = 0; w < words; w++) {
            s0 = add(s0, even(narrow[w]), odd(narrow[w]), *w0++);
        }
        out[r] = (float)(square + *w0 - 2 * s0);
    }
}
