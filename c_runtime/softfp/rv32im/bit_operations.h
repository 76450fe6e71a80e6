// SPDX-License-Identifier: Apache-2.0
// Bit operations in plain C, for RV32IM and for the host.
#ifndef EP_BIT_OPERATIONS_H
#define EP_BIT_OPERATIONS_H

#include <stdint.h>

// Bits [at, at + len) of x; at + len <= 32, len >= 1, both constant.
__attribute__((always_inline)) static inline uint32_t ep_extract(uint32_t x, uint32_t at, uint32_t len) {
    return x << (32u - at - len) >> (32u - len);
}

// `into` with the lowest `len` bits of x at [at, at + len), where `into` has zeros; as above.
__attribute__((always_inline)) static inline uint32_t ep_insert(uint32_t into, uint32_t x, uint32_t at, uint32_t len) {
    return into | (x << (32u - len) >> (32u - at - len));
}

// Number of zeros above the highest one of x; x is not 0. RV32IM has no instruction for it, so each step halves what
// is left.
__attribute__((always_inline)) static inline uint32_t ep_leading_zeros(uint32_t x) {
    uint32_t zeros = 0;
    for (uint32_t half = 16; half != 0; half >>= 1) {
        if (x >> (32u - half) == 0) {
            zeros += half;
            x <<= half;
        }
    }
    return zeros;
}

// How far x can be shifted left and keep its sign; 0 for 0.
__attribute__((always_inline)) static inline uint32_t ep_headroom(int32_t x) {
    uint32_t magnitude = (uint32_t)(x ^ (x >> 31)); // of -1 there is nothing left: all bits but the sign's are free
    return x == 0 ? 0u : magnitude == 0 ? 31u : ep_leading_zeros(magnitude) - 1u;
}

// `magnitude`, whose sign bit is 0, with the sign bit of x.
__attribute__((always_inline)) static inline uint32_t ep_signed_as(uint32_t x, uint32_t magnitude) {
    return (x & 0x80000000u) | magnitude;
}

#endif
