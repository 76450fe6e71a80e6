// SPDX-License-Identifier: Apache-2.0
// How every variant of ep_narrow_u8 comes from features to words of bytes.
#ifndef EP_DISTANCES_U8_INLINE_H
#define EP_DISTANCES_U8_INLINE_H

#include <stdint.h>

// The feature as a byte, of no meaning where it is none; then `others` counts it.
typedef uint32_t ep_narrowed_t(float x, uint32_t *others);

__attribute__((always_inline)) static inline void ep_narrow_by(ep_narrowed_t *narrowed, const float *x,
                                                               uint32_t *narrow, uint32_t *found, uint32_t cols,
                                                               uint32_t begin, uint32_t end) {
    uint32_t others = 0;
    uint32_t square = 0;
    uint32_t w = begin;
    for (; w < end && 4 * w + 4 <= cols; w++) {
        const float *four = x + 4 * w;
        uint32_t a = narrowed(four[0], &others);
        uint32_t b = narrowed(four[1], &others);
        uint32_t c = narrowed(four[2], &others);
        uint32_t d = narrowed(four[3], &others);
        square += a * a + b * b + c * c + d * d;
        narrow[w] = a | b << 8 | c << 16 | d << 24;
    }
    if (w < end) {
        uint32_t word = 0;
        for (uint32_t i = 4 * w; i < cols; i++) {
            uint32_t byte = narrowed(x[i], &others);
            square += byte * byte;
            word |= byte << 8 * (i % 4);
        }
        narrow[w] = word;
    }
    found[0] = others;
    found[1] = square;
}

#endif
