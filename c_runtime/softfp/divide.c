// SPDX-License-Identifier: Apache-2.0
// Quotient: long division, eight bits at a time, by the core's own divider.
#include "binary32.h"

float __divsf3(float x, float y);

__attribute__((noinline)) static uint32_t divide_rare_bits(uint32_t a, uint32_t b) {
    uint32_t sign = (a ^ b) & EP_SIGN;
    a &= ~EP_SIGN;
    b &= ~EP_SIGN;
    if (a >= EP_INFINITY || b >= EP_INFINITY) {
        if (a > EP_INFINITY || b > EP_INFINITY || a == b) {
            return EP_NAN;
        }
        return a == EP_INFINITY ? sign | EP_INFINITY : sign;
    }
    if (a == 0 || b == 0) {
        return a == b ? EP_NAN : (b == 0 ? sign | EP_INFINITY : sign);
    }
    // Both mantissas with their leading one at bit 23.
    ep_unpacked_t dividend = ep_unpack(a);
    ep_unpacked_t divisor = ep_unpack(b);
    uint32_t up_dividend = ep_leading_zeros(dividend.mantissa) - 8u;
    uint32_t up_divisor = ep_leading_zeros(divisor.mantissa) - 8u;
    uint32_t rest = dividend.mantissa << up_dividend;
    uint32_t by = divisor.mantissa << up_divisor;
    // The quotient, from 2^25 to 2^27, one bit at a time; a remainder counts as one bit below.
    uint32_t quotient = 0;
    for (uint32_t i = 0; i < 27; i++) {
        quotient <<= 1;
        if (rest >= by) {
            rest -= by;
            quotient |= 1u;
        }
        rest <<= 1;
    }
    quotient |= (uint32_t)(rest != 0);
    int32_t exponent = dividend.exponent - (int32_t)up_dividend - divisor.exponent + (int32_t)up_divisor;
    return ep_round_to_float(sign, quotient, exponent + 124);
}

__attribute__((noinline)) static float divide_rare(uint32_t a, uint32_t b) {
    return ep_to_float(divide_rare_bits(a, b));
}

float __divsf3(float x, float y) {
    uint32_t a = ep_to_bits(x);
    uint32_t b = ep_to_bits(y);
    uint32_t exponent_a = ep_extract(a, 23, 8) - 1u;
    uint32_t exponent_b = ep_extract(b, 23, 8) - 1u;
    // 254 is what an exponent of 255 has become, and 0 has become more.
    if (EP_RARELY(exponent_a >= 254u) || EP_RARELY(exponent_b >= 254u)) {
        return divide_rare(a, b);
    }
    uint32_t rest = ep_insert(EP_HIDDEN, a, 0, 23);
    uint32_t by = ep_insert(EP_HIDDEN, b, 0, 23);
    // One less than the exponent of the result: the hidden bit adds one.
    uint32_t exponent = exponent_a - exponent_b + 126u;
    if (rest < by) {
        rest <<= 1;
        exponent--;
    }
    if (EP_RARELY(exponent >= 254u)) {
        return divide_rare(a, b);
    }
    // by <= rest < 2 by: a quotient of 24 bits, the first 8 of them, then twice 8.
    rest <<= 7;
    uint32_t part = rest / by;
    uint32_t quotient = part;
    rest = (rest - part * by) << 8;
    part = rest / by;
    quotient = quotient << 8 | part;
    rest = (rest - part * by) << 8;
    part = rest / by;
    quotient = quotient << 8 | part;
    rest -= part * by;
    // A quotient of floats never lies midway between two floats.
    quotient += (uint32_t)(rest << 1 >= by);
    return ep_to_float((((a ^ b) & EP_SIGN) | exponent << 23) + quotient);
}
