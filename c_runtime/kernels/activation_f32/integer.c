// SPDX-License-Identifier: Apache-2.0
// Exponentials on cores without FPU, in fixed point.
#include "exponential.h"

#include "ep/activation_f32.h"

// By the order of bits: numbers of one sign are in it, or in the reverse one. NaN in x[0] stays, NaN elsewhere is
// passed over.
static uint32_t largest(const float *x, uint32_t n) {
    uint32_t max = ep_to_bits(x[0]);
    if (max << 1 > EP_INFINITY_SHIFTED) {
        return max;
    }
    for (uint32_t i = 1; i < n; i++) {
        uint32_t bits = ep_to_bits(x[i]);
        uint32_t more = (int32_t)max >= 0 ? (uint32_t)((int32_t)bits > (int32_t)max) : (uint32_t)(bits < max);
        max = more != 0 && bits << 1 <= EP_INFINITY_SHIFTED ? bits : max;
    }
    return max;
}

void ep_softmax_exp_f32__integer(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end) {
    float max = ep_to_float(largest(x, n));
    for (uint32_t i = begin; i < end; i++) {
        e[i] = ep_exponential(x[i] - max);
    }
}

void ep_exponential_f32__integer(const float *x, float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        y[i] = ep_exponential(x[i]);
    }
}
