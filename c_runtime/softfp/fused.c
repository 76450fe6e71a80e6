// SPDX-License-Identifier: Apache-2.0
// Fused multiply-add: x y + z, rounded once.
#include "binary32.h"

float fmaf(float x, float y, float z);

float fmaf(float x, float y, float z) {
    uint32_t a = ep_to_bits(x);
    uint32_t b = ep_to_bits(y);
    uint32_t c = ep_to_bits(z);
    uint32_t sign = (a ^ b) & EP_SIGN;
    uint32_t magnitude_a = a & ~EP_SIGN;
    uint32_t magnitude_b = b & ~EP_SIGN;
    uint32_t magnitude_c = c & ~EP_SIGN;
    if (magnitude_a > EP_INFINITY || magnitude_b > EP_INFINITY || magnitude_c > EP_INFINITY) {
        return ep_to_float(EP_NAN);
    }
    if (magnitude_a == EP_INFINITY || magnitude_b == EP_INFINITY) {
        int nan = magnitude_a == 0 || magnitude_b == 0 || (magnitude_c == EP_INFINITY && sign != (c & EP_SIGN));
        return ep_to_float(nan ? EP_NAN : sign | EP_INFINITY);
    }
    if (magnitude_c == EP_INFINITY) {
        return z;
    }
    if (magnitude_a == 0 || magnitude_b == 0) {
        return ep_to_float(magnitude_c != 0 ? c : c & sign);
    }
    ep_unpacked_t first = ep_unpack(a);
    ep_unpacked_t second = ep_unpack(b);
    ep_unpacked_t third = ep_unpack(c);
    // Both as whole numbers times a power of two, 14 and 38 places up: product below 2^62, z below 2^62.
    uint64_t product = (uint64_t)first.mantissa * second.mantissa << 14;
    int32_t exponent = first.exponent + second.exponent - 150 - 14;
    uint64_t addend = (uint64_t)third.mantissa << 38;
    int32_t distance = exponent - (third.exponent - 38);
    // The smaller exponent's number is shifted down; what is cut counts as one bit.
    uint64_t *shifted = distance > 0 ? &addend : &product;
    uint32_t shift = (uint32_t)(distance > 0 ? distance : -distance);
    exponent = distance > 0 ? exponent : third.exponent - 38;
    if (shift != 0) {
        uint64_t cut = shift < 64 ? *shifted << (64u - shift) : *shifted;
        *shifted = (shift < 64 ? *shifted >> shift : 0) | (uint64_t)(cut != 0);
    }
    if (((sign ^ c) & EP_SIGN) == 0) {
        return ep_to_float(ep_round_to_float(sign, product + addend, exponent));
    }
    if (product == addend) {
        return 0.0f;
    }
    return ep_to_float(product > addend ? ep_round_to_float(sign, product - addend, exponent)
                                        : ep_round_to_float(c, addend - product, exponent));
}
