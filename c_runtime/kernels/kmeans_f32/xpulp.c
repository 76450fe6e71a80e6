// SPDX-License-Identifier: Apache-2.0
// Assignment and sums on CV32E40P: two samples against blocks of centroids that share each load, in hardware loops with
// post-increment loads. Floats lie in integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance, and for three after a load that feeds a difference, and run without a stall.
#include "ep/xpulp.h"
#include "ep/kmeans_f32.h"
#include "ep/math.h"

// Instructions of a body: a difference to the column of one sample, a square onto a sum.
#define D(to, v, t) "fsub.s %[" #to "], %[" #v "], %[" #t "]\n"
#define Q(s, d) "fmadd.s %[" #s "], %[" #d "], %[" #d "], %[" #s "]\n"

// sums[2 * r], sums[2 * r + 1] for 5 rows: 27 cycles for 10 squares. The pointer c walks down the 5 rows of a column.
static void rows_5(const float *x0, const float *x1, const float *c, uint32_t stride, uint32_t len, float *sums) {
    const uint32_t down = 4 * stride;
    const uint32_t back = 4 - 16 * stride;
    float s00 = 0.0f, s01 = 0.0f, s02 = 0.0f, s03 = 0.0f, s04 = 0.0f;
    float s10 = 0.0f, s11 = 0.0f, s12 = 0.0f, s13 = 0.0f, s14 = 0.0f;
    float v0, v1, t0, t1, t2, t4, a, b;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x0]), 4\n"
                                      "cv.lw %[v1], (%[x1]), 4\n"
                                      "cv.lw %[t0], (%[c]), %[down]\n"
                                      "cv.lw %[t1], (%[c]), %[down]\n"
                                      "cv.lw %[t2], (%[c]), %[down]\n" //
                                      D(a, v0, t0) D(t0, v1, t0) D(b, v0, t1) Q(s00, a)
                                          Q(s10, t0) "cv.lw %[t0], (%[c]), %[down]\n"            // the fourth row
                                      D(t1, v1, t1) Q(s01, b) "cv.lw %[t4], (%[c]), %[back]\n"   //
                                      D(a, v0, t2) D(t2, v1, t2) Q(s11, t1) Q(s02, a) Q(s12, t2) //
                                      D(a, v0, t0) D(t0, v1, t0) D(b, v0, t4) D(t4, v1, t4) Q(s03, a) Q(s13, t0)
                                          Q(s04, b) Q(s14, t4))
                     : [s00] "+&r"(s00), [s01] "+&r"(s01), [s02] "+&r"(s02), [s03] "+&r"(s03), [s04] "+&r"(s04),
                       [s10] "+&r"(s10), [s11] "+&r"(s11), [s12] "+&r"(s12), [s13] "+&r"(s13), [s14] "+&r"(s14),
                       [x0] "+&r"(x0), [x1] "+&r"(x1), [c] "+&r"(c), [v0] "=&r"(v0), [v1] "=&r"(v1), [t0] "=&r"(t0),
                       [t1] "=&r"(t1), [t2] "=&r"(t2), [t4] "=&r"(t4), [a] "=&r"(a), [b] "=&r"(b)
                     : "r"(count), [down] "r"(down), [back] "r"(back)
                     : "memory");
    sums[0] = s00;
    sums[1] = s10;
    sums[2] = s01;
    sums[3] = s11;
    sums[4] = s02;
    sums[5] = s12;
    sums[6] = s03;
    sums[7] = s13;
    sums[8] = s04;
    sums[9] = s14;
}

// The same for 1 row: 7 cycles for 2 squares. Each iteration finishes the column that the one before has loaded; the
// first one finishes squares of 0.
static void rows_1(const float *x0, const float *x1, const float *c, uint32_t len, float *sums) {
    float s0 = 0.0f, s1 = 0.0f;
    float v0 = 0.0f, v1 = 0.0f, t = 0.0f;
    float a, b;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0(D(a, v0, t) D(b, v1, t) "cv.lw %[t], (%[c]), 4\n"
                                                              "cv.lw %[v0], (%[x0]), 4\n" Q(
                                                                  s0, a) "cv.lw %[v1], (%[x1]), 4\n" Q(s1, b))
                     : [s0] "+&r"(s0), [s1] "+&r"(s1), [x0] "+&r"(x0), [x1] "+&r"(x1), [c] "+&r"(c), [v0] "+&r"(v0),
                       [v1] "+&r"(v1), [t] "+&r"(t), [a] "=&r"(a), [b] "=&r"(b)
                     : "r"(count)
                     : "memory");
    a = v0 - t;
    b = v1 - t;
    sums[0] = ep_fma_f32(a, a, s0);
    sums[1] = ep_fma_f32(b, b, s1);
}

void ep_kmeans_assign_fma_f32__xpulp(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                     float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                     uint32_t begin, uint32_t end) {
    for (uint32_t s = begin; s < end; s += 2) {
        const uint32_t pair = end - s < 2 ? 1 : 2;
        const float *x0 = x + s * cols;
        const float *x1 = x0 + (pair - 1) * cols; // a lone sample takes both places
        const float *c = centroids;
        float sums[10];
        float best0 = __builtin_inff();
        float best1 = best0;
        uint32_t label0 = 0;
        uint32_t label1 = 0;
        for (uint32_t r = 0; r < rows;) {
            const uint32_t block = rows - r < 5 ? 1 : 5;
            if (block == 5) {
                rows_5(x0, x1, c, stride, cols, sums);
            } else {
                rows_1(x0, x1, c, cols, sums);
            }
            for (const float *sum = sums; sum != sums + 2 * block; sum += 2, r++) {
                if (sum[0] < best0) {
                    best0 = sum[0];
                    label0 = r;
                }
                if (sum[1] < best1) {
                    best1 = sum[1];
                    label1 = r;
                }
            }
            c += block * stride;
        }
        *changed += labels[s] != (int32_t)label0;
        labels[s] = (int32_t)label0;
        nearest[s] = best0;
        *inertia += best0;
        if (pair == 2) {
            *changed += labels[s + 1] != (int32_t)label1;
            labels[s + 1] = (int32_t)label1;
            nearest[s + 1] = best1;
            *inertia += best1;
        }
    }
}

void ep_kmeans_add_f32__xpulp(const float *x, const int32_t *labels, const float *centroids, float *sums,
                              uint32_t *counts, uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end) {
    for (uint32_t s = begin; s < end; s++) {
        const uint32_t row = (uint32_t)labels[s];
        const float *v = x + s * cols;
        const float *c = centroids + row * stride;
        float *sum = sums + row * cols;
        register uint32_t count __asm__("t0") = cols / 2;
        if (count != 0) {
            float v0, v1, c0, c1, s0, s1;
            __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[v]), 4\n"
                                              "cv.lw %[c0], (%[c]), 4\n"
                                              "cv.lw %[v1], (%[v]), 4\n"
                                              "fsub.s %[v0], %[v0], %[c0]\n"
                                              "cv.lw %[c1], (%[c]), 4\n"
                                              "lw %[s0], 0(%[sum])\n"
                                              "fsub.s %[v1], %[v1], %[c1]\n"
                                              "lw %[s1], 4(%[sum])\n"
                                              "fadd.s %[s0], %[s0], %[v0]\n"
                                              "fadd.s %[s1], %[s1], %[v1]\n"
                                              "cv.sw %[s0], (%[sum]), 4\n"
                                              "cv.sw %[s1], (%[sum]), 4\n")
                             : [v] "+&r"(v), [c] "+&r"(c), [sum] "+&r"(sum), [v0] "=&r"(v0), [v1] "=&r"(v1),
                               [c0] "=&r"(c0), [c1] "=&r"(c1), [s0] "=&r"(s0), [s1] "=&r"(s1)
                             : "r"(count)
                             : "memory");
        }
        if (cols % 2 != 0) {
            *sum += *v - *c;
        }
        counts[row]++;
    }
}
