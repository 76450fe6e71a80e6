// SPDX-License-Identifier: Apache-2.0
// Bit operations of CORE-V (Xpulp), by the same names and with the same results as rv32im/bit_operations.h.
#ifndef EP_BIT_OPERATIONS_H
#define EP_BIT_OPERATIONS_H

#include <stdint.h>

__attribute__((always_inline)) static inline uint32_t ep_extract(uint32_t x, uint32_t at, uint32_t len) {
    uint32_t bits;
    __asm__("cv.extractu %0, %1, %2, %3" : "=r"(bits) : "r"(x), "i"(len - 1u), "i"(at));
    return bits;
}

__attribute__((always_inline)) static inline uint32_t ep_insert(uint32_t into, uint32_t x, uint32_t at, uint32_t len) {
    __asm__("cv.insert %0, %1, %2, %3" : "+r"(into) : "r"(x), "i"(len - 1u), "i"(at));
    return into;
}

// cv.fl1 gives the place of the highest one, counted from bit 0. (clang takes it for the count of zeros itself: its
// __builtin_clz is wrong on this core.)
__attribute__((always_inline)) static inline uint32_t ep_leading_zeros(uint32_t x) {
    uint32_t place;
    __asm__("cv.fl1 %0, %1" : "=r"(place) : "r"(x));
    return place ^ 31u;
}

__attribute__((always_inline)) static inline uint32_t ep_headroom(int32_t x) {
    uint32_t bits;
    __asm__("cv.clb %0, %1" : "=r"(bits) : "r"(x));
    return bits;
}

__attribute__((always_inline)) static inline uint32_t ep_signed_as(uint32_t x, uint32_t magnitude) {
    return ep_insert(x, magnitude, 0, 31);
}

#endif
