// SPDX-License-Identifier: Apache-2.0
// Arithmetic on whole numbers of 32 bits with an exponent each, for kernels that would emulate float operations
// otherwise. Numbers are unpacked once and packed once a sum, and every step is more precise than a float32 operation:
// docs/exactness.md derives by how much. Infinity counts as 2^128, which makes sums infinite; NaN is not allowed.
#ifndef EP_WIDE_H
#define EP_WIDE_H

#include "binary32.h"

// mantissa * 2^(exponent - 158), of a magnitude: bit 31 is set. So a float's exponent is its field.
typedef struct {
    uint32_t mantissa;
    int32_t exponent;
} ep_wide_magnitude_t;

// mantissa * 2^(exponent - 158). In a sum |mantissa| < 2^30.
typedef struct {
    int32_t mantissa;
    int32_t exponent;
} ep_wide_t;

// A sum of nothing: the first term sets the exponent.
#define EP_WIDE_LEAST (-0x10000)
#define EP_WIDE_ZERO {0, EP_WIDE_LEAST}

// The magnitude of a number that is not 0.
EP_INLINE ep_wide_magnitude_t ep_wide_magnitude(uint32_t bits) {
    ep_wide_magnitude_t found = {ep_insert(EP_SIGN, bits, 8, 23), (int32_t)ep_extract(bits, 23, 8)};
    if (EP_RARELY(found.exponent == 0)) { // a denormal number
        uint32_t zeros = ep_leading_zeros(bits & EP_FRACTION);
        found.mantissa = (bits & EP_FRACTION) << zeros;
        found.exponent = 9 - (int32_t)zeros;
    }
    return found;
}

// A number with its mantissa below 2^29, the lowest 5 bits of which are 0.
EP_INLINE ep_wide_t ep_wide(uint32_t bits) {
    int32_t exponent = (int32_t)ep_extract(bits, 23, 8);
    uint32_t mantissa = ep_insert(EP_HIDDEN << 5, bits, 5, 23);
    if (EP_RARELY(exponent == 0)) {
        mantissa -= EP_HIDDEN << 5;
        exponent = 1;
    }
    int32_t sign = (int32_t)bits >> 31;
    const ep_wide_t found = {((int32_t)mantissa ^ sign) - sign, exponent + 3};
    return found;
}

// a - b of two numbers with mantissas of 2^30 at most. What is cut off is below one unit of the one with the larger
// exponent.
EP_INLINE ep_wide_t ep_wide_subtract(ep_wide_t a, ep_wide_t b) {
    int32_t distance = a.exponent - b.exponent;
    if (distance >= 0) {
        b.mantissa >>= distance < 31 ? distance : 31;
    } else {
        a.mantissa >>= distance > -31 ? -distance : 31;
        a.exponent = b.exponent;
    }
    a.mantissa -= b.mantissa;
    return a;
}

// The difference of two numbers below 2^29 with a mantissa from 2^29 to 2^30, so that another one can be subtracted. 0
// has the least exponent.
EP_INLINE ep_wide_t ep_wide_normalize(ep_wide_t difference) {
    if (EP_RARELY(difference.mantissa == 0)) {
        difference.exponent = EP_WIDE_LEAST;
        return difference;
    }
    uint32_t up = ep_headroom(difference.mantissa) - 1u;
    difference.mantissa = (int32_t)((uint32_t)difference.mantissa << up);
    difference.exponent -= (int32_t)up;
    return difference;
}

// Its magnitude; it is not 0.
EP_INLINE ep_wide_magnitude_t ep_wide_size(ep_wide_t number) {
    uint32_t sign = (uint32_t)(number.mantissa >> 31);
    uint32_t magnitude = ((uint32_t)number.mantissa ^ sign) - sign;
    uint32_t zeros = ep_leading_zeros(magnitude);
    const ep_wide_magnitude_t found = {magnitude << zeros, number.exponent - (int32_t)zeros};
    return found;
}

// The product of two magnitudes, cut to its upper 32 bits, of which the first or the second is set.
EP_INLINE ep_wide_magnitude_t ep_wide_product(ep_wide_magnitude_t a, ep_wide_magnitude_t b) {
    const ep_wide_magnitude_t found = {(uint32_t)((uint64_t)a.mantissa * b.mantissa >> 32),
                                       a.exponent + b.exponent - 126};
    return found;
}

// Adds a term with one of its first two bits set; `sign` is 0, or -1 to subtract it.
EP_INLINE void ep_wide_add(ep_wide_t *sum, ep_wide_magnitude_t term, int32_t sign) {
    int32_t distance = sum->exponent - term.exponent;
    if (EP_RARELY(distance < 3)) {
        // The sum moves down, so that the term fits below 2^29.
        int32_t down = 3 - distance;
        sum->mantissa >>= down < 31 ? down : 31;
        sum->exponent = term.exponent + 3;
        distance = 3;
    }
    if (EP_RARELY(distance > 31)) {
        return;
    }
    int32_t addend = (int32_t)(term.mantissa >> distance);
    sum->mantissa += (addend ^ sign) - sign;
    if (EP_RARELY((uint32_t)sum->mantissa + 0x40000000u >= 0x80000000u)) {
        sum->mantissa >>= 1;
        sum->exponent++;
    }
}

// Adds the square of a number.
EP_INLINE void ep_wide_add_square(ep_wide_t *sum, ep_wide_t number) {
    if (EP_LIKELY(number.mantissa != 0)) {
        const ep_wide_magnitude_t root = ep_wide_size(number);
        ep_wide_add(sum, ep_wide_product(root, root), 0);
    }
}

// The nearest float.
static inline float ep_wide_to_float(ep_wide_t number) {
    uint32_t sign = (uint32_t)number.mantissa & EP_SIGN;
    uint32_t magnitude = number.mantissa < 0 ? 0u - (uint32_t)number.mantissa : (uint32_t)number.mantissa;
    return ep_to_float(ep_round_to_float(sign, magnitude, number.exponent - 8));
}

#endif
