// SPDX-License-Identifier: Apache-2.0
// What the routines share: the layout of a float, and rounding of an exact result to one.
//
// Rounding is to nearest, ties to even; denormal numbers are kept. Every NaN that comes out is the canonical one.
#ifndef EP_BINARY32_H
#define EP_BINARY32_H

#include "bit_operations.h"

#include <stdint.h>

#define EP_SIGN 0x80000000u
#define EP_HIDDEN 0x00800000u // the leading one of a normal number's mantissa, which is not stored
#define EP_FRACTION 0x007fffffu
#define EP_INFINITY 0x7f800000u
#define EP_NAN 0x7fc00000u
#define EP_INFINITY_SHIFTED 0xff000000u // twice EP_INFINITY: what infinity is without its sign, shifted left by one

#define EP_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define EP_RARELY(condition) __builtin_expect(!!(condition), 0)
// Copies of a fast path are wanted: a call would cost a stack frame.
#define EP_INLINE __attribute__((always_inline)) static inline

// The same number, which the compiler must not know: a constant of several comparisons is then loaded once.
EP_INLINE uint32_t ep_loaded(uint32_t constant) {
    __asm__("" : "+r"(constant));
    return constant;
}

static inline uint32_t ep_to_bits(float x) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float ep_to_float(uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

// 1 where `fraction` (in units of 2^-32 of the last place) rounds `whole` up. Bit 0 of fraction is 0, or the result is
// no tie.
static inline uint32_t ep_rounds_up(uint32_t whole, uint32_t fraction) {
    return fraction + (whole & 1u) > EP_SIGN;
}

// A float as a whole number times 2^(exponent - 150): exponent 1 .. 254. Not for infinity and NaN.
typedef struct {
    uint32_t mantissa;
    int32_t exponent;
} ep_unpacked_t;

static inline ep_unpacked_t ep_unpack(uint32_t bits) {
    int32_t exponent = (int32_t)(bits << 1 >> 24);
    const ep_unpacked_t parts = {(bits & EP_FRACTION) | (exponent != 0 ? EP_HIDDEN : 0u), exponent != 0 ? exponent : 1};
    return parts;
}

// The float nearest to magnitude * 2^(exponent - 150), with the sign bit of `sign`. Where the magnitude was cut, its
// bit 0 is set and a bit above 2^26 is set too. Not in a hot path: numbers that fast paths leave come here.
uint32_t ep_round_to_float(uint32_t sign, uint64_t magnitude, int32_t exponent);

#endif
