// SPDX-License-Identifier: Apache-2.0
// The second half of an arg-max that has found the largest value.
#ifndef EP_ARGMAX_INLINE_H
#define EP_ARGMAX_INLINE_H

#include <stdint.h>

// Place of the first element of x + n % 2 ... that has these bits; there is one.
static inline uint32_t ep_place_of(const int32_t *x, uint32_t n, int32_t bits) {
    const int32_t *p = x + n % 2u;
    int32_t a, b;
    do {
        a = p[0];
        b = p[1];
        p += 2;
    } while (a != bits && b != bits);
    return (uint32_t)(p - x) - (a == bits ? 2u : 1u);
}

#endif
