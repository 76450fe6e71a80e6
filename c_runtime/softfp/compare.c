// SPDX-License-Identifier: Apache-2.0
// Comparisons, by the names and with the answers of GCC's float library: less than, 0, greater than 0 as x is to y.
// Where x or y is NaN the answer makes the comparison that the name says false.
#include "binary32.h"

int32_t __ltsf2(float x, float y);
int32_t __lesf2(float x, float y);
int32_t __gtsf2(float x, float y);
int32_t __gesf2(float x, float y);
int32_t __eqsf2(float x, float y);
int32_t __nesf2(float x, float y);
int32_t __cmpsf2(float x, float y);
int32_t __unordsf2(float x, float y);

EP_INLINE int32_t order(float x, float y, int32_t unordered) {
    uint32_t a = ep_to_bits(x);
    uint32_t b = ep_to_bits(y);
    // Neither negative nor NaN: such patterns are above that of infinity.
    if (EP_LIKELY((a <= EP_INFINITY) & (b <= EP_INFINITY))) {
        return (int32_t)(a - b);
    }
    if (EP_RARELY(a << 1 > EP_INFINITY_SHIFTED) || EP_RARELY(b << 1 > EP_INFINITY_SHIFTED)) {
        return unordered;
    }
    if ((int32_t)(a & b) < 0) {
        return (int32_t)(b - a);
    }
    // Signs differ, and -0 is +0.
    if (EP_RARELY((a | b) << 1 == 0)) {
        return 0;
    }
    return (int32_t)(a | 1u);
}

int32_t __ltsf2(float x, float y) {
    return order(x, y, 1);
}

int32_t __lesf2(float x, float y) {
    return order(x, y, 1);
}

int32_t __gtsf2(float x, float y) {
    return order(x, y, -1);
}

int32_t __gesf2(float x, float y) {
    return order(x, y, -1);
}

int32_t __cmpsf2(float x, float y) {
    return order(x, y, 1);
}

EP_INLINE int32_t differ(float x, float y) {
    uint32_t a = ep_to_bits(x);
    uint32_t b = ep_to_bits(y);
    if (a == b) {
        return a << 1 > EP_INFINITY_SHIFTED;
    }
    // Of two different patterns only those of +0 and -0 are equal.
    return (a | b) << 1 != 0;
}

int32_t __eqsf2(float x, float y) {
    return differ(x, y);
}

int32_t __nesf2(float x, float y) {
    return differ(x, y);
}

int32_t __unordsf2(float x, float y) {
    uint32_t a = ep_to_bits(x) << 1;
    uint32_t b = ep_to_bits(y) << 1;
    return a > EP_INFINITY_SHIFTED || b > EP_INFINITY_SHIFTED;
}
