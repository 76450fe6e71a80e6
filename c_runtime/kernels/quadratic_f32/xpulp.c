// SPDX-License-Identifier: Apache-2.0
// Pairs of triangle rows on CV32E40P: the columns that both have share each load of d, the rest of the longer row goes
// on alone, in hardware loops with post-increment loads. Floats lie in integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance and run without a stall. Sums start with -0, and adding it to the first product changes no number.
#include "ep/xpulp.h"
#include "ep/quadratic_f32.h"

void ep_quadratic_f32__xpulp(const float *d, const float *table, float *partial, uint32_t features, uint32_t first,
                             uint32_t begin, uint32_t end) {
    const uint32_t pairs = (features + 1) / 2;
    uint32_t component = (first + begin) / pairs;
    uint32_t p = first + begin - component * pairs;
    for (uint32_t u = begin; u < end; u++) {
        const float *row = table + u * (features + 1);
        const float *other = row + p + 1;
        const float *v = d + component * features;
        float a = -0.0f;
        float b = -0.0f;
        const uint32_t more = features - 1 - p > p ? features - 1 - 2 * p : 0;
        if (more != 0) {
            float v0, a0, b0;
            register uint32_t count __asm__("t0") = p + 1;
            __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[v]), 4\n"
                                              "cv.lw %[a0], (%[row]), 4\n"
                                              "cv.lw %[b0], (%[other]), 4\n"
                                              "fmul.s %[a0], %[a0], %[v0]\n"
                                              "fmul.s %[b0], %[b0], %[v0]\n"
                                              "fadd.s %[a], %[a], %[a0]\n"
                                              "fadd.s %[b], %[b], %[b0]\n")
                             : [a] "+&r"(a), [b] "+&r"(b), [v] "+&r"(v), [row] "+&r"(row), [other] "+&r"(other),
                               [v0] "=&r"(v0), [a0] "=&r"(a0), [b0] "=&r"(b0)
                             : "r"(count)
                             : "memory");
            register uint32_t twice __asm__("t0") = more / 2;
            if (twice != 0) {
                float v1 = 1.0f;
                float b1 = -0.0f;
                __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[v]), 4\n"
                                                  "cv.lw %[b0], (%[other]), 4\n"
                                                  "fmul.s %[b1], %[b1], %[v1]\n"
                                                  "fmul.s %[b0], %[b0], %[v0]\n"
                                                  "fadd.s %[b], %[b], %[b1]\n"
                                                  "cv.lw %[v1], (%[v]), 4\n"
                                                  "fadd.s %[b], %[b], %[b0]\n"
                                                  "cv.lw %[b1], (%[other]), 4\n")
                                 : [b] "+&r"(b), [v] "+&r"(v), [other] "+&r"(other), [v0] "=&r"(v0), [b0] "=&r"(b0),
                                   [v1] "+&r"(v1), [b1] "+&r"(b1)
                                 : "r"(twice)
                                 : "memory");
                b += b1 * v1;
            }
            if (more % 2 != 0) {
                b += *other * *v;
            }
            partial[u] = a * a + b * b;
        } else {
            for (uint32_t i = 0; i <= p; i++) {
                a += row[i] * v[i];
            }
            partial[u] = a * a;
        }
        p++;
        if (p == pairs) {
            p = 0;
            component++;
        }
    }
}
