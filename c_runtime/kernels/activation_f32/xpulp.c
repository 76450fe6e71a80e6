// SPDX-License-Identifier: Apache-2.0
// Softmax on CV32E40P: what the FPU answers is used two instructions later at the earliest, so everything goes in
// pairs.
#include "ep/xpulp.h"
#include "ep/activation_f32.h"
#include "ep/exp_inline.h"
#include "ep/math.h"

// The maximum as ref finds it: NaN in x[0] stays, NaN elsewhere is passed over. Which of two zeros it is does not
// change an exponential.
static float largest(const float *x, uint32_t n) {
    float max = x[0];
    float max1 = max;
    const float *p = x;
    register uint32_t pairs __asm__("t0") = n / 2u;
    if (pairs != 0u) {
        float p0;
        float p1 = max;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[p0], (%[p]), 4\n"
                                          "fmax.s %[max1], %[max1], %[p1]\n"
                                          "cv.lw %[p1], (%[p]), 4\n"
                                          "fmax.s %[max], %[max], %[p0]\n")
                         : [max] "+&r"(max), [max1] "+&r"(max1), [p] "+&r"(p), [p0] "=&r"(p0), [p1] "+&r"(p1)
                         : "r"(pairs)
                         : "memory");
        max1 = p1 > max1 ? p1 : max1;
    }
    if (n % 2u != 0u) {
        max1 = *p > max1 ? *p : max1;
    }
    max = max1 > max ? max1 : max;
    return x[0] == x[0] ? max : x[0];
}

// exp(-104) is 0 as well; a NaN goes through the polynomial and stays one.
static inline float limited(float x) {
    return x < -104.0f ? -104.0f : x;
}

void ep_softmax_exp_f32__xpulp(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end) {
    if (begin >= end) {
        return;
    }
    float max = largest(x, n);
    uint32_t i = begin;
    for (; i + 1u < end; i += 2u) {
        float first = ep_exp_inner_f32(limited(x[i] - max));
        float second = ep_exp_inner_f32(limited(x[i + 1u] - max));
        e[i] = first;
        e[i + 1u] = second;
    }
    if (i < end) {
        e[i] = ep_exp_inner_f32(limited(x[i] - max));
    }
}

void ep_softmax_divide_f32__xpulp(const float *e, float *y, uint32_t n, uint32_t begin, uint32_t end) {
    if (begin >= end) {
        return;
    }
    // Exponentials are never -0, so that the sum may begin with it.
    float sum = ep_xpulp_strided_sum(e, 1u, n);
    for (uint32_t i = begin; i < end; i++) {
        y[i] = e[i] / sum;
    }
}
