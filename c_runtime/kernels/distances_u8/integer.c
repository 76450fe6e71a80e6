// SPDX-License-Identifier: Apache-2.0
// Features as bytes on cores without FPU.
#include "ep/distances_u8.h"
#include "ep/math.h"

// The feature as a byte, of no meaning where it is none; then `others` counts it. By bits: the exponent says how many
// digits stand behind the point.
static inline uint32_t narrowed(float x, uint32_t *others) {
    uint32_t bits = ep_bits_f32(x);
    uint32_t exponent = bits >> 23;
    if (exponent - 127u > 7u) { // below 1, 256 and more, negative
        *others += bits << 1 != 0;
        return 0;
    }
    uint32_t digits = (bits & 0x7fffffu) | 0x800000u;
    uint32_t behind = 150u - exponent;
    uint32_t byte = digits >> behind;
    *others += byte << behind != digits;
    return byte;
}

void ep_narrow_u8__integer(const float *x, uint32_t *narrow, uint32_t *found, uint32_t cols, uint32_t begin,
                           uint32_t end) {
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
