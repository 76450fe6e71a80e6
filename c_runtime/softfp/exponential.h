// SPDX-License-Identifier: Apache-2.0
// exp in fixed point, for cores without FPU. Within 1 ulp over all 2^32 inputs (tests/test_kernels_integer.py), special
// values as of ep_exp_f32.
#ifndef EP_EXPONENTIAL_H
#define EP_EXPONENTIAL_H

#include "binary32.h"

#define EP_LOG2_E 0x5c551d95 // 2^30 / ln 2
#define EP_LN2 0x58b90bfbu   // 2^31 ln 2, cut
#define EP_LN2_REST 59624u   // 2^16 times what was cut off

// a * b / 2^31 where one of them is below 1 in units of 2^-31.
EP_INLINE int32_t ep_product_q31(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)((int64_t)a * b >> 32) << 1);
}

static inline float ep_exponential(float x) {
    uint32_t bits = ep_to_bits(x);
    uint32_t magnitude = bits & ~EP_SIGN;
    int32_t sign = (int32_t)bits >> 31;
    if (EP_RARELY(magnitude >= (sign < 0 ? 0x42d00000u : 0x42b20000u))) { // -104, 89
        if (magnitude > EP_INFINITY) {
            return ep_to_float(EP_NAN);
        }
        return sign < 0 ? 0.0f : ep_to_float(EP_INFINITY);
    }
    // x in units of 2^-24 gives k, the nearest whole number to x / ln 2.
    int32_t exponent = (int32_t)(magnitude >> 23);
    if (EP_RARELY(exponent < 101)) {
        return ep_to_float(0x3f800000u); // |x| < 2^-26
    }
    uint32_t mantissa = (bits & EP_FRACTION) | EP_HIDDEN;
    uint32_t coarse = exponent >= 126 ? mantissa << (exponent - 126) : mantissa >> (126 - exponent);
    int32_t x_24 = ((int32_t)coarse ^ sign) - sign;
    int32_t k = ((int32_t)((int64_t)x_24 * EP_LOG2_E >> 32) + (1 << 21)) >> 22;
    // r = x - k ln 2 in units of 2^-31, modulo 2: what the shift loses at the top is subtracted there too.
    uint32_t fine = exponent >= 119 ? mantissa << (exponent - 119) : mantissa >> (119 - exponent);
    uint32_t x_31 = (fine ^ (uint32_t)sign) - (uint32_t)sign;
    int32_t rest = k * (int32_t)EP_LN2_REST >> 16;
    int32_t r = (int32_t)(x_31 - (uint32_t)k * EP_LN2 - (uint32_t)rest);
    // A polynomial for exp(r), |r| <= ln 2 / 2, in units of 2^-30: least largest relative error 2^-28.6.
    int32_t y = 0x0016ab92;
    y = 0x008936b2 + ep_product_q31(y, r);
    y = 0x02aab138 + ep_product_q31(y, r);
    y = 0x0aaaa04f + ep_product_q31(y, r);
    y = 0x1fffffab + ep_product_q31(y, r);
    y = 0x40000027 + ep_product_q31(y, r);
    y = 0x40000001 + ep_product_q31(y, r);
    // y 2^k / 2^30, which is from 2^-1 to 2^1 times 2^k.
    if (EP_RARELY(k < -124 || k > 126)) {
        return ep_to_float(ep_round_to_float(0, (uint32_t)y, k + 120));
    }
    uint32_t up = (uint32_t)(y < 0x40000000); // the leading one is bit 29 or 30
    uint32_t top = (uint32_t)y << (1u + up);
    uint32_t whole = top >> 8;
    return ep_to_float((((uint32_t)(k + 126) - up) << 23) + whole + ep_rounds_up(whole, top << 24));
}

#endif
