// SPDX-License-Identifier: Apache-2.0
// Sum and difference.
//
// The number of larger magnitude, a, stays packed: the other's mantissa, shifted to a's exponent and negated where the
// signs differ, is added to it as an integer, and what falls off below the last place rounds it. That is the result
// where it has a's exponent. Where it has not, the exponent's field differs from a's, and the mantissa is shifted.
#include "binary32.h"

float __addsf3(float x, float y);
float __subsf3(float x, float y);

// Exponents of a from which neither a sum nor a difference can be denormal, and above which there are NaN and infinity.
#define LEAST_EXPONENT 25u
#define EXPONENTS (255u - LEAST_EXPONENT)

// Distance of exponents up to which b reaches the bits that matter; from FAR + 2 on a itself is the result.
#define FAR 24u

// What remains: NaN, infinity, zeros, and numbers so small that their sum may be denormal. |a| >= |b|.
static uint32_t add_rare_bits(uint32_t a, uint32_t b) {
    if (a << 1 == 0) {
        return a & b; // -0 only of two -0
    }
    if (b << 1 == 0 && a << 1 <= EP_INFINITY_SHIFTED) {
        return a;
    }
    if (a << 1 >= EP_INFINITY_SHIFTED) {
        int nan = a << 1 > EP_INFINITY_SHIFTED || (b << 1 == EP_INFINITY_SHIFTED && a != b);
        return nan ? EP_NAN : a;
    }
    ep_unpacked_t large = ep_unpack(a);
    ep_unpacked_t small = ep_unpack(b);
    uint32_t distance = (uint32_t)(large.exponent - small.exponent);
    uint64_t magnitude = (uint64_t)large.mantissa << distance;
    magnitude = (int32_t)(a ^ b) < 0 ? magnitude - small.mantissa : magnitude + small.mantissa;
    return magnitude == 0 ? 0 : ep_round_to_float(a, magnitude, large.exponent - (int32_t)distance);
}

__attribute__((noinline)) static float add_rare(uint32_t a, uint32_t b) {
    return ep_to_float(add_rare_bits(a, b));
}

// A difference that lost more than one leading bit. The exponents differ by 1 at most, so that one bit of `fraction`
// is all there is below. a is the larger operand, `whole` the difference in units of a's last place.
__attribute__((noinline)) static float cancel(uint32_t a, uint32_t whole, uint32_t fraction) {
    whole = whole << 1 | fraction >> 31;
    if (whole == 0) {
        return 0.0f;
    }
    uint32_t shift = ep_leading_zeros(whole) - 8u;
    return ep_to_float((a >> 23 << 23) - ((shift + 2u) << 23) + (whole << shift));
}

// a + b where |a| >= |b|.
EP_INLINE float add_ordered(uint32_t a, uint32_t b) {
    uint32_t exponent = ep_extract(a, 23, 8);
    uint32_t distance = exponent - ep_extract(b, 23, 8);
    if (EP_RARELY(exponent - LEAST_EXPONENT >= EXPONENTS)) {
        return add_rare(a, b);
    }
    if (EP_RARELY(distance > FAR)) {
        return distance > FAR + 1 ? ep_to_float(a) : add_rare(a, b);
    }
    // b in units of 2^-7 of its last place, with its sign relative to a.
    int32_t opposite = (int32_t)(a ^ b) >> 31;
    int32_t addend = (int32_t)ep_insert(EP_HIDDEN << 7, b, 7, 23);
    addend = (addend ^ opposite) - opposite;
    uint32_t fraction = (uint32_t)addend << (25u - distance);
    uint32_t shifted = (uint32_t)(addend >> (distance + 7u));
    uint32_t sum = a + shifted;
    if (EP_LIKELY((sum ^ a) >> 23 == 0)) {
        return ep_to_float(sum + ep_rounds_up(sum, fraction));
    }
    // The new mantissa less the hidden bit is no fraction any more.
    uint32_t stored = ep_extract(a, 0, 23) + shifted;
    uint32_t base = sum - stored; // sign and exponent of a
    if ((int32_t)stored >= 0) {
        // One bit more: base + 2^23 + (stored + 2^23) / 2 - 2^23.
        if (EP_RARELY(exponent == 254)) {
            return ep_to_float((a & EP_SIGN) | EP_INFINITY);
        }
        uint32_t half = stored >> 1;
        uint32_t up = stored & (half | (uint32_t)(fraction != 0)) & 1u;
        return ep_to_float(base + EP_HIDDEN / 2 + half + up);
    }
    if (EP_RARELY((int32_t)stored < -(int32_t)(EP_HIDDEN / 2))) {
        return cancel(a, stored + EP_HIDDEN, fraction);
    }
    // One bit less: base - 2^23 + 2 (stored + 2^23) - 2^23, and a bit of the fraction.
    sum = base + stored + stored + (fraction >> 31);
    return ep_to_float(sum + ep_rounds_up(sum, fraction << 1));
}

EP_INLINE float add(uint32_t a, uint32_t b) {
    if (EP_LIKELY(a << 1 >= b << 1)) {
        return add_ordered(a, b);
    }
    return add_ordered(b, a);
}

float __addsf3(float x, float y) {
    return add(ep_to_bits(x), ep_to_bits(y));
}

float __subsf3(float x, float y) {
    return add(ep_to_bits(x), ep_to_bits(y) ^ EP_SIGN);
}
