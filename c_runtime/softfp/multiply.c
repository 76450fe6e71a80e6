// SPDX-License-Identifier: Apache-2.0
// Product. The upper word of the product of the mantissas, which are shifted to the top of a word each, decides the
// result but for a tie, which is where the lower word is looked at.
#include "binary32.h"

float __mulsf3(float x, float y);

static uint32_t multiply_rare_bits(uint32_t a, uint32_t b) {
    uint32_t sign = (a ^ b) & EP_SIGN;
    a &= ~EP_SIGN;
    b &= ~EP_SIGN;
    if (a >= EP_INFINITY || b >= EP_INFINITY) {
        int nan = a > EP_INFINITY || b > EP_INFINITY || a == 0 || b == 0;
        return nan ? EP_NAN : sign | EP_INFINITY;
    }
    ep_unpacked_t first = ep_unpack(a);
    ep_unpacked_t second = ep_unpack(b);
    uint64_t product = (uint64_t)first.mantissa * second.mantissa;
    return ep_round_to_float(sign, product, first.exponent + second.exponent - 150);
}

__attribute__((noinline)) static float multiply_rare(uint32_t a, uint32_t b) {
    // Most of what comes here is a number times zero.
    uint32_t zero = (a & EP_SIGN) ^ (b & EP_SIGN);
    if ((a << 1 == 0 && b << 1 < EP_INFINITY_SHIFTED) || (b << 1 == 0 && a << 1 < EP_INFINITY_SHIFTED)) {
        return ep_to_float(zero);
    }
    return ep_to_float(multiply_rare_bits(a, b));
}

// The upper word lies midway between two floats: the lower one, and then the last place, decide.
__attribute__((noinline)) static float multiply_tie(uint32_t up, uint32_t lower) {
    return ep_to_float(lower == 0 ? up & ~1u : up);
}

float __mulsf3(float x, float y) {
    uint32_t a = ep_to_bits(x);
    uint32_t b = ep_to_bits(y);
    uint32_t exponent_a = ep_extract(a, 23, 8) - 1u;
    uint32_t exponent_b = ep_extract(b, 23, 8) - 1u;
    // 254 is what an exponent of 255 has become, and 0 has become more.
    uint32_t limit = ep_loaded(254u);
    if (EP_RARELY(exponent_a >= limit) || EP_RARELY(exponent_b >= limit)) {
        return multiply_rare(a, b);
    }
    uint32_t mantissa_a = ep_insert(EP_SIGN, a, 8, 23);
    uint32_t mantissa_b = ep_insert(EP_SIGN, b, 8, 23);
    uint32_t product = (uint32_t)((uint64_t)mantissa_a * mantissa_b >> 32);
    // One less than the exponent of the result: the hidden bit adds one.
    uint32_t exponent = exponent_a + exponent_b - 126u;
    if ((int32_t)product < 0) {
        product += 0x80u;
        exponent++;
        if (EP_RARELY(exponent >= limit)) {
            return multiply_rare(a, b);
        }
        uint32_t up = ep_signed_as(a ^ b, (exponent << 23) + (product >> 8));
        if (EP_RARELY((product & 0xffu) == 0)) {
            return multiply_tie(up, mantissa_a * mantissa_b);
        }
        return ep_to_float(up);
    }
    product += 0x40u;
    if (EP_RARELY(exponent >= limit)) {
        return multiply_rare(a, b);
    }
    uint32_t up = ep_signed_as(a ^ b, (exponent << 23) + (product >> 7));
    if (EP_RARELY((product & 0x7fu) == 0)) {
        return multiply_tie(up, mantissa_a * mantissa_b);
    }
    return ep_to_float(up);
}
