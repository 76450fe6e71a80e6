// SPDX-License-Identifier: Apache-2.0
// Scaling on CV32E40P: features in pairs, in a hardware loop with post-increment loads and stores. Floats lie in
// integer registers (Zfinx). The result of a float operation, or of a load that feeds one, is there two instructions
// later: two chains run in turn.
#include "ep/xpulp.h"
#include "ep/scale_f32.h"

// 16 cycles for 2 features. Both are read before either is written, so y may be x.
void ep_scale_f32__xpulp(const float *x, const float *high, const float *low, const float *factor, float *y,
                         uint32_t begin, uint32_t end) {
    x += begin;
    high += begin;
    low += begin;
    factor += begin;
    y += begin;
    register uint32_t count __asm__("t0") = (end - begin) / 2;
    if (count != 0) {
        float v0, v1, a0, a1, b0, b1;
        __asm__ volatile(
            EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"
                             "cv.lw %[a0], (%[h]), 4\n"
                             "cv.lw %[v1], (%[x]), 4\n"
                             "cv.lw %[a1], (%[h]), 4\n"
                             "fsub.s %[v0], %[v0], %[a0]\n"
                             "cv.lw %[b0], (%[l]), 4\n"
                             "fsub.s %[v1], %[v1], %[a1]\n"
                             "cv.lw %[b1], (%[l]), 4\n"
                             "fsub.s %[v0], %[v0], %[b0]\n"
                             "cv.lw %[a0], (%[f]), 4\n"
                             "fsub.s %[v1], %[v1], %[b1]\n"
                             "cv.lw %[a1], (%[f]), 4\n"
                             "fmul.s %[v0], %[v0], %[a0]\n"
                             "fmul.s %[v1], %[v1], %[a1]\n"
                             "cv.sw %[v0], (%[y]), 4\n"
                             "cv.sw %[v1], (%[y]), 4\n")
            : [x] "+&r"(x), [h] "+&r"(high), [l] "+&r"(low), [f] "+&r"(factor), [y] "+&r"(y), [v0] "=&r"(v0),
              [v1] "=&r"(v1), [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1)
            : "r"(count)
            : "memory");
    }
    if ((end - begin) % 2 != 0) {
        *y = ((*x - *high) - *low) * *factor;
    }
}
