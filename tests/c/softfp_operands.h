// SPDX-License-Identifier: Apache-2.0
// Operands for the float routines by number: the same triple for the same seed on every processor. All shapes that
// decide a path are frequent: near and far exponents, equal ones, mantissas of few bits (ties) and of runs of ones
// (carries), products and quotients at both ends of the exponents, denormal numbers, zeros, infinities, NaN.
#ifndef SOFTFP_OPERANDS_H
#define SOFTFP_OPERANDS_H

#include <stdint.h>

typedef struct {
    uint32_t a, b, c;
} softfp_operands_t;

static inline uint32_t softfp_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x * 0x9e3779b1u;
}

static inline uint32_t softfp_mantissa(uint32_t *state) {
    uint32_t random = softfp_random(state);
    uint32_t shift = random >> 27;
    switch (random & 7u) {
    case 0: // one or two bits
        return 1u << (shift % 23u) | ((random >> 8 & 1u) << (random >> 9 & 15u));
    case 1: // a run of ones from the top
        return (0x7fffffu << (shift % 23u)) & 0x7fffffu;
    case 2: // a run of ones from the bottom
        return 0x7fffffu >> (shift % 24u);
    case 3: // twelve bits: products are exact or ties
        return (random >> 9 & 0xfffu) << 11;
    default:
        return random >> 9;
    }
}

static inline uint32_t softfp_float(uint32_t *state, uint32_t exponent) {
    return (softfp_random(state) & 0x80000000u) | (exponent & 0xffu) << 23 | softfp_mantissa(state);
}

static inline uint32_t softfp_special(uint32_t choice) {
    static const uint32_t specials[16] = {
        0u,          0x80000000u, 1u,          0x80000001u, 0x007fffffu, 0x00800000u, 0x80800000u, 0x7f7fffffu,
        0xff7fffffu, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0xff800001u, 0x3f800000u, 0xbf800000u, 0x4f000000u,
    };
    return specials[choice & 15u];
}

static inline softfp_operands_t softfp_operands(uint32_t seed) {
    uint32_t state = seed * 0x85ebca6bu ^ 0xc2b2ae35u;
    state = state != 0 ? state : 1u;
    softfp_random(&state);
    uint32_t kind = softfp_random(&state) >> 28;
    uint32_t exponent = softfp_random(&state) >> 24;
    uint32_t near = softfp_random(&state) >> 27;
    uint32_t other = exponent - 15u + near;
    if (kind >= 8 && kind < 11) {
        other = 127u + 126u - exponent + (near & 3u); // products at the lower or, wrapped, at the upper end
    } else if (kind == 11) {
        other = exponent + 127u - 2u + (near & 3u); // quotients near the ends
    } else if (kind == 12) {
        exponent &= 1u;
        other = near & 1u;
    }
    softfp_operands_t found = {softfp_float(&state, exponent), softfp_float(&state, other), 0};
    found.c = softfp_float(&state, kind < 8 ? exponent + other - 127u + (near & 7u) - 4u : near);
    if (kind == 13) {
        found.a = softfp_random(&state);
        found.b = softfp_random(&state);
        found.c = softfp_random(&state);
    } else if (kind == 14) {
        found.b = softfp_special(near);
        found.c = softfp_special(near >> 1);
    } else if (kind == 15) {
        found.a = near < 16 ? softfp_special(near) : found.a;
        found.b = near < 24 ? found.a ^ (near & 3u) : found.b; // equal, neighbours
        found.b ^= near & 4u ? 0x80000000u : 0u;
    }
    return found;
}

#endif
