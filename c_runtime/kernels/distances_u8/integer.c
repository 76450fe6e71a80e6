// SPDX-License-Identifier: Apache-2.0
// Features as bytes on cores without FPU.
#include "ep/distances_u8.h"
#include "ep/distances_u8_inline.h"
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
    ep_narrow_by(narrowed, x, narrow, found, cols, begin, end);
}
