// SPDX-License-Identifier: Apache-2.0
// Square root, correctly rounded.
#include "binary32.h"

float sqrtf(float x);

// floor(sqrt(n)) for n from 2^30 on.
EP_INLINE uint32_t root_of_word(uint32_t n) {
    // Half the digits one bit at a time, the others by a division of the remainder.
    uint32_t upper = n >> 16;
    uint32_t root = 0;
    for (uint32_t bit = 0x4000u; bit != 0; bit >>= 2) {
        uint32_t trial = root + bit;
        root >>= 1;
        if (upper >= trial) {
            upper -= trial;
            root += bit;
        }
    }
    uint32_t rest = upper << 8 | (n >> 8 & 0xffu);
    uint32_t digits = rest / (2 * root);
    digits = digits > 0xffu ? 0xffu : digits;
    root = root << 8 | digits;
    return root * root > n ? root - 1 : root;
}

float sqrtf(float x) {
    uint32_t bits = ep_to_bits(x);
    if (EP_RARELY(bits - EP_HIDDEN >= EP_INFINITY - EP_HIDDEN)) { // not a positive normal number
        if (bits << 1 == 0 || bits == EP_INFINITY) {
            return x;
        }
        if (bits > EP_INFINITY) {
            return ep_to_float(EP_NAN);
        }
        uint32_t up = ep_leading_zeros(bits) - 8u;
        // A denormal number as a normal one with a field for its exponent that wraps below 0.
        bits = (bits << up) - (up << 23);
    }
    int32_t exponent = ((int32_t)bits >> 23) - 127;
    // The number as n 2^(2k) with n from 2^30 to 2^32 for the upper word of the root.
    uint32_t n = (((bits & EP_FRACTION) | EP_HIDDEN) << 7) << (exponent & 1);
    uint32_t root = root_of_word(n); // 16 bits
    // 9 bits more: 24 and one to round by. The remainder is at most 2 root.
    uint32_t rest = n - root * root;
    uint32_t digits = (rest << 9) / (2 * root);
    digits = digits > 0x1ffu ? 0x1ffu : digits;
    // (root 2^9 + digits)^2 must not exceed n 2^18: rest 2^18 - 2^10 root digits - digits^2 >= 0.
    int64_t left = ((int64_t)rest << 18) - ((int64_t)(root * digits) << 10) - (int64_t)(digits * digits);
    root = root << 9 | digits;
    root -= (uint32_t)(left < 0);
    // A root never lies midway between two floats.
    root = (root + 1u) >> 1;
    return ep_to_float(root + ((uint32_t)((exponent >> 1) + 126) << 23));
}
