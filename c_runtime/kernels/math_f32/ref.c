// SPDX-License-Identifier: Apache-2.0
// The polynomials are least-maximum fits made for these functions; docs/kernels.md tells how they were made, how far
// each is from its function, and how far the results are over all inputs.
#include "ep/exp_inline.h"
#include "ep/math.h"

#define LN2_HIGH 0x1.62e4p-1f   // 16 bits: its product with a whole number up to 255 is exact
#define LN2_LOW 0x1.7f7d1cp-20f // ln 2 - LN2_HIGH

float ep_exp_f32(float x) {
    if (!(x < 89.0f)) {
        return x * 0x1p+127f; // overflow to +inf; +inf and NaN stay
    }
    if (x < -104.0f) {
        return 0.0f;
    }
    return ep_exp_inner_f32(x);
}

float ep_log_f32(float x) {
    uint32_t bits = ep_bits_f32(x);
    int32_t k = 0;
    if (bits - 0x00800000u >= 0x7f000000u) { // not a positive normal number
        if ((bits & 0x7fffffffu) == 0) {
            return ep_from_bits_f32(0xff800000u);
        }
        if ((bits & 0x7fffffffu) > 0x7f800000u || bits == 0x7f800000u) {
            return x + x; // NaN or +inf
        }
        if (bits >> 31 != 0) {
            return ep_from_bits_f32(0x7fc00000u);
        }
        bits = ep_bits_f32(x * 0x1p+23f); // denormal
        k = -23;
    }
    // x = 2^k m with m from sqrt(1/2) to sqrt(2); 0x3f3504f3 is sqrt(1/2).
    bits -= 0x3f3504f3u;
    k += (int32_t)bits >> 23;
    float f = ep_from_bits_f32((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    // log(1 + f) = f - f^2 / 2 + f^3 q(f)
    float q = 0x1.147c5ep-4f;
    q = q * f - 0x1.de0e20p-4f;
    q = q * f + 0x1.e6c2a0p-4f;
    q = q * f - 0x1.fc2744p-4f;
    q = q * f + 0x1.233b68p-3f;
    q = q * f - 0x1.555c4ap-3f;
    q = q * f + 0x1.99a478p-3f;
    q = q * f - 0x1.000006p-2f;
    q = q * f + 0x1.555548p-2f;
    float square = f * f;
    float tail = square * f * q - 0.5f * square;
    float exponent = (float)k;
    return exponent * LN2_HIGH + (f + (tail + exponent * LN2_LOW));
}

float ep_sqrt_f32(float x) {
    uint32_t bits = ep_bits_f32(x);
    uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude == 0 || magnitude > 0x7f800000u || bits == 0x7f800000u) {
        return x + x;
    }
    if (bits >> 31 != 0) {
        return ep_from_bits_f32(0x7fc00000u);
    }
    int32_t exponent = (int32_t)(bits >> 23);
    uint32_t rest = bits & 0x007fffffu;
    if (exponent == 0) {
        exponent = 1;
        while (rest < 0x00800000u) {
            rest <<= 1;
            exponent--;
        }
    } else {
        rest |= 0x00800000u;
    }
    exponent -= 127;
    // An even exponent, then two bits of the operand for one of the root, from the top: 24 bits and one to round by.
    rest <<= 1 + (exponent & 1);
    exponent >>= 1;
    uint32_t root = 0;
    uint32_t twice = 0; // twice the root so far, at the place where the next bit is tried
    for (uint32_t bit = 0x01000000u; bit != 0; bit >>= 1) {
        uint32_t trial = twice + bit;
        if (trial <= rest) {
            twice = trial + bit;
            rest -= trial;
            root += bit;
        }
        rest <<= 1;
    }
    // A remainder of 0 means an exact root, whose last bit is 0; a root never lies midway between two floats.
    root += root & 1u;
    return ep_from_bits_f32((root >> 1) + ((uint32_t)(exponent + 126) << 23));
}
