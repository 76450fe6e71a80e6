// SPDX-License-Identifier: Apache-2.0
// Conversions between float and integers. As on RISC-V, a float beyond the integers gives the nearest of them, and NaN
// the largest; the fraction is cut off.
#include "binary32.h"

float __floatsisf(int32_t n);
float __floatunsisf(uint32_t n);
float __floatdisf(int64_t n);
float __floatundisf(uint64_t n);
int32_t __fixsfsi(float x);
uint32_t __fixunssfsi(float x);
int64_t __fixsfdi(float x);
uint64_t __fixunssfdi(float x);

// The float of the given sign nearest to n, which is not 0.
EP_INLINE float whole_to_float(uint32_t sign, uint32_t n) {
    uint32_t zeros = ep_leading_zeros(n);
    uint32_t top = n << zeros;
    uint32_t whole = top >> 8;
    // The hidden bit adds one to an exponent of 157 for bit 31.
    return ep_to_float((sign | (157u - zeros) << 23) + whole + ep_rounds_up(whole, top << 24));
}

float __floatunsisf(uint32_t n) {
    return n == 0 ? 0.0f : whole_to_float(0, n);
}

float __floatsisf(int32_t n) {
    if (n == 0) {
        return 0.0f;
    }
    return whole_to_float((uint32_t)n & EP_SIGN, n < 0 ? 0u - (uint32_t)n : (uint32_t)n);
}

float __floatundisf(uint64_t n) {
    return ep_to_float(ep_round_to_float(0, n, 150));
}

float __floatdisf(int64_t n) {
    return ep_to_float(ep_round_to_float(n < 0 ? EP_SIGN : 0u, n < 0 ? 0u - (uint64_t)n : (uint64_t)n, 150));
}

int32_t __fixsfsi(float x) {
    uint32_t bits = ep_to_bits(x);
    // Bit 31 of the mantissa at the top has the weight 2^(158 - 31 - shift).
    uint32_t shift = 158u - (bits << 1 >> 24);
    if (EP_LIKELY(shift - 1u < 31u)) {
        int32_t magnitude = (int32_t)((bits << 8 | EP_SIGN) >> shift);
        return (int32_t)bits < 0 ? -magnitude : magnitude;
    }
    if ((int32_t)shift > 0) {
        return 0; // below 1
    }
    return (int32_t)bits < 0 && bits << 1 <= EP_INFINITY_SHIFTED ? INT32_MIN : INT32_MAX;
}

uint32_t __fixunssfsi(float x) {
    uint32_t bits = ep_to_bits(x);
    uint32_t shift = 158u - (bits << 1 >> 24);
    if (bits << 1 > EP_INFINITY_SHIFTED) {
        return UINT32_MAX;
    }
    if ((int32_t)bits < 0 || (int32_t)shift > 31) {
        return 0;
    }
    return (int32_t)shift < 0 ? UINT32_MAX : (bits << 8 | EP_SIGN) >> shift;
}

// The magnitude of x cut to a whole number, for exponents below 190.
static uint64_t whole_of(uint32_t bits) {
    int32_t shift = (int32_t)(bits << 1 >> 24) - 150;
    uint64_t mantissa = (bits & EP_FRACTION) | EP_HIDDEN;
    if (shift < -23) {
        return 0;
    }
    return shift < 0 ? mantissa >> -shift : mantissa << shift;
}

int64_t __fixsfdi(float x) {
    uint32_t bits = ep_to_bits(x);
    uint32_t exponent = bits << 1 >> 24;
    if (exponent >= 190) {
        return (int32_t)bits < 0 && bits << 1 <= EP_INFINITY_SHIFTED ? INT64_MIN : INT64_MAX;
    }
    int64_t magnitude = (int64_t)whole_of(bits);
    return (int32_t)bits < 0 ? -magnitude : magnitude;
}

uint64_t __fixunssfdi(float x) {
    uint32_t bits = ep_to_bits(x);
    if (bits << 1 > EP_INFINITY_SHIFTED) {
        return UINT64_MAX;
    }
    if ((int32_t)bits < 0) {
        return 0;
    }
    return bits << 1 >> 24 >= 191 ? UINT64_MAX : whole_of(bits);
}
