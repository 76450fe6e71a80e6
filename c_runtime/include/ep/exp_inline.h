// SPDX-License-Identifier: Apache-2.0
// The exponential without branches, for loops over many arguments: a compiler interleaves several, so that none waits
// for its own last result. docs/kernels.md tells how the polynomial was made.
#ifndef EP_EXP_INLINE_H
#define EP_EXP_INLINE_H

#include <stdint.h>

#include "ep/math.h"

#ifdef __cplusplus
extern "C" {
#endif

// exp(x) with the bits of ep_exp_f32, for x from -104 to 89; any other x gives some number.
static inline float ep_exp_inner_f32(float x) {
    const float ln2_high = 0x1.62e4p-1f;   // 16 bits: its product with a whole number up to 255 is exact
    const float ln2_low = 0x1.7f7d1cp-20f; // ln 2 - ln2_high
    const float log2_e = 0x1.715476p+0f;   // 1 / ln 2
    const float round_whole = 0x1.8p+23f;  // adding and subtracting it rounds |x| < 2^22 to the nearest whole number
    // x = k ln 2 + r with |r| <= ln 2 / 2; exp(x) = 2^k exp(r).
    float shifted = x * log2_e + round_whole;
    float whole = shifted - round_whole;
    // The last place of round_whole counts ones: k stands in the bits.
    int32_t k = (int32_t)(ep_bits_f32(shifted) - 0x4b400000u);
    float r = (x - whole * ln2_high) - whole * ln2_low;
    float p = 0x1.6a4d60p-10f;
    p = p * r + 0x1.12398ep-7f;
    p = p * r + 0x1.5558b0p-5f;
    p = p * r + 0x1.555492p-3f;
    p = p * r + 0x1.fffffcp-2f;
    float y = 1.0f + (r + r * r * p);
    // In two factors: 2^k itself may be no normal number (k from -150 to 128).
    int32_t half = k / 2;
    float first = ep_from_bits_f32((uint32_t)(half + 127) << 23);
    float second = ep_from_bits_f32((uint32_t)(k - half + 127) << 23);
    return y * first * second;
}

// exp(x[0]) and exp(x[1]) with the bits of ep_exp_f32, for x from -104 to 0 and NaN; any other x gives some number.
// Step by step side by side, for compilers that keep the order of the source.
static inline void ep_exp_pair_f32(const float x[2], float y[2]) {
    float shifted[2], whole[2], low[2], r[2], p[2], square[2], first[2];
#define EP_BOTH(statement)                                                                                             \
    for (uint32_t l = 0; l < 2; l++) {                                                                                 \
        statement;                                                                                                     \
    }
    EP_BOTH(shifted[l] = x[l] * 0x1.715476p+0f)
    EP_BOTH(shifted[l] = shifted[l] + 0x1.8p+23f)
    EP_BOTH(whole[l] = shifted[l] - 0x1.8p+23f)
    // 2^(k + 64), which is a normal number, and 2^-64 together are 2^k.
    EP_BOTH(first[l] = ep_from_bits_f32((ep_bits_f32(shifted[l]) - 0x4b400000u + 64u + 127u) << 23))
    EP_BOTH(low[l] = whole[l] * 0x1.7f7d1cp-20f)
    EP_BOTH(whole[l] = whole[l] * 0x1.62e4p-1f)
    EP_BOTH(r[l] = x[l] - whole[l])
    EP_BOTH(r[l] = r[l] - low[l])
    EP_BOTH(p[l] = 0x1.6a4d60p-10f * r[l])
    EP_BOTH(square[l] = r[l] * r[l])
    EP_BOTH(p[l] = p[l] + 0x1.12398ep-7f)
    EP_BOTH(p[l] = p[l] * r[l])
    EP_BOTH(p[l] = p[l] + 0x1.5558b0p-5f)
    EP_BOTH(p[l] = p[l] * r[l])
    EP_BOTH(p[l] = p[l] + 0x1.555492p-3f)
    EP_BOTH(p[l] = p[l] * r[l])
    EP_BOTH(p[l] = p[l] + 0x1.fffffcp-2f)
    EP_BOTH(p[l] = square[l] * p[l])
    EP_BOTH(p[l] = r[l] + p[l])
    EP_BOTH(p[l] = 1.0f + p[l])
    EP_BOTH(p[l] = p[l] * first[l])
    EP_BOTH(y[l] = p[l] * 0x1p-64f)
#undef EP_BOTH
}

#ifdef __cplusplus
}
#endif

#endif
