// SPDX-License-Identifier: Apache-2.0
#include "binary32.h"

uint32_t ep_round_to_float(uint32_t sign, uint64_t magnitude, int32_t exponent) {
    sign &= EP_SIGN;
    if (magnitude == 0) {
        return sign;
    }
    // The leading one to bit 63.
    uint32_t high = (uint32_t)(magnitude >> 32);
    uint32_t zeros = high != 0 ? ep_leading_zeros(high) : 32u + ep_leading_zeros((uint32_t)magnitude);
    magnitude <<= zeros;
    exponent += 40 - (int32_t)zeros; // of a mantissa of 24 bits
    if (exponent > 254) {
        return sign | EP_INFINITY;
    }
    uint32_t shift = 40;
    if (exponent < 1) {
        // A denormal number keeps fewer bits.
        shift += (uint32_t)(1 - exponent);
        exponent = 1;
        if (shift > 64) {
            return sign;
        }
    }
    uint64_t whole = shift < 64 ? magnitude >> shift : 0;
    uint64_t rest = magnitude << (64u - shift);
    whole += (uint64_t)(rest + (whole & 1u) > (uint64_t)1 << 63);
    // The hidden bit adds one to the exponent's field, if it is there; so does a carry out of the mantissa.
    return sign | (((uint32_t)(exponent - 1) << 23) + (uint32_t)whole);
}
