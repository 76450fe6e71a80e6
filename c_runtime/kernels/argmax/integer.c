// SPDX-License-Identifier: Apache-2.0
// Scores on cores without FPU, compared by their bits.
#include "ep/argmax.h"
#include "ep/math.h"

#define NAN_SHIFTED 0xff000000u // a NaN without its sign, shifted left by one, is greater

// Whole numbers in the order of the floats; -0 is +0.
static int32_t ordered(uint32_t bits) {
    int32_t sign = (int32_t)bits >> 31;
    return (int32_t)(bits ^ (uint32_t)sign >> 1) - sign;
}

// The first largest one of the scores, or of their opposites where flip is -1; the first NaN.
static uint32_t first_best(const float *x, uint32_t n, int32_t flip) {
    uint32_t at = 0;
    int32_t best = INT32_MIN;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits = ep_bits_f32(x[i]);
        if (bits << 1 > NAN_SHIFTED) {
            return i;
        }
        int32_t value = (ordered(bits) ^ flip) - flip;
        if (value > best) {
            best = value;
            at = i;
        }
    }
    return at;
}

uint32_t ep_argmax_f32__integer(const float *x, uint32_t n) {
    return first_best(x, n, 0);
}

uint32_t ep_argmin_f32__integer(const float *x, uint32_t n) {
    return first_best(x, n, -1);
}

uint32_t ep_positive_f32__integer(float score, float threshold) {
    uint32_t s = ep_bits_f32(score);
    uint32_t t = ep_bits_f32(threshold);
    return s << 1 <= NAN_SHIFTED && t << 1 <= NAN_SHIFTED && ordered(s) > ordered(t);
}
