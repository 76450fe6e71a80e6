// SPDX-License-Identifier: Apache-2.0
// Assignment and sums on CV32E40P: two samples against blocks of centroids that share each load, in hardware loops with
// post-increment loads. Floats lie in integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance and run without a stall. Those of the assignment end with a load whose squares the next iteration
// finishes; the first one finishes squares of 0.
#include "ep/xpulp.h"
#include "ep/kmeans_f32.h"

static float squared(float d) {
    return d * d;
}

// sums[2 * r], sums[2 * r + 1] for 5 rows: 37 cycles for 10 squares. The pointer c walks down the 5 rows of a column.
static void rows_5(const float *x0, const float *x1, const float *c, uint32_t stride, uint32_t len, float *sums) {
    const uint32_t down = 4 * stride;
    const uint32_t back = 4 - 16 * stride;
    float s00 = 0.0f, s01 = 0.0f, s02 = 0.0f, s03 = 0.0f, s04 = 0.0f;
    float s10 = 0.0f, s11 = 0.0f, s12 = 0.0f, s13 = 0.0f, s14 = 0.0f;
    float v0 = 0.0f, v1 = 0.0f, t4 = 0.0f;
    float t0, t1, t2, t3, a, b;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[t0], (%[c]), %[down]\n"
                                      "fsub.s %[a], %[v0], %[t4]\n"
                                      "fsub.s %[t4], %[v1], %[t4]\n"
                                      "cv.lw %[v0], (%[x0]), 4\n"
                                      "cv.lw %[v1], (%[x1]), 4\n"
                                      "fmul.s %[a], %[a], %[a]\n"
                                      "fmul.s %[t4], %[t4], %[t4]\n"
                                      "cv.lw %[t1], (%[c]), %[down]\n"
                                      "fadd.s %[s04], %[s04], %[a]\n"
                                      "fadd.s %[s14], %[s14], %[t4]\n"
                                      "fsub.s %[a], %[v0], %[t0]\n"
                                      "fsub.s %[t0], %[v1], %[t0]\n"
                                      "cv.lw %[t2], (%[c]), %[down]\n"
                                      "fmul.s %[a], %[a], %[a]\n"
                                      "fmul.s %[t0], %[t0], %[t0]\n"
                                      "cv.lw %[t3], (%[c]), %[down]\n"
                                      "fadd.s %[s00], %[s00], %[a]\n"
                                      "fadd.s %[s10], %[s10], %[t0]\n"
                                      "fsub.s %[a], %[v0], %[t1]\n"
                                      "fsub.s %[t1], %[v1], %[t1]\n"
                                      "fsub.s %[b], %[v0], %[t2]\n"
                                      "fsub.s %[t2], %[v1], %[t2]\n"
                                      "fmul.s %[a], %[a], %[a]\n"
                                      "fmul.s %[t1], %[t1], %[t1]\n"
                                      "fmul.s %[b], %[b], %[b]\n"
                                      "fmul.s %[t2], %[t2], %[t2]\n"
                                      "fadd.s %[s01], %[s01], %[a]\n"
                                      "fadd.s %[s11], %[s11], %[t1]\n"
                                      "fadd.s %[s02], %[s02], %[b]\n"
                                      "fadd.s %[s12], %[s12], %[t2]\n"
                                      "fsub.s %[a], %[v0], %[t3]\n"
                                      "fsub.s %[t3], %[v1], %[t3]\n"
                                      "fmul.s %[a], %[a], %[a]\n"
                                      "fmul.s %[t3], %[t3], %[t3]\n"
                                      "fadd.s %[s03], %[s03], %[a]\n"
                                      "fadd.s %[s13], %[s13], %[t3]\n"
                                      "cv.lw %[t4], (%[c]), %[back]\n")
                     : [s00] "+r"(s00), [s01] "+r"(s01), [s02] "+r"(s02), [s03] "+r"(s03), [s04] "+r"(s04),
                       [s10] "+r"(s10), [s11] "+r"(s11), [s12] "+r"(s12), [s13] "+r"(s13), [s14] "+r"(s14),
                       [x0] "+r"(x0), [x1] "+r"(x1), [c] "+r"(c), [v0] "+r"(v0), [v1] "+r"(v1), [t4] "+r"(t4),
                       [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [a] "=&r"(a), [b] "=&r"(b)
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
    sums[8] = s04 + squared(v0 - t4);
    sums[9] = s14 + squared(v1 - t4);
}

// The same for 1 row: 9 cycles for 2 squares.
static void rows_1(const float *x0, const float *x1, const float *c, uint32_t len, float *sums) {
    float s0 = 0.0f, s1 = 0.0f;
    float v0 = 0.0f, v1 = 0.0f, t = 0.0f;
    float a;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("fsub.s %[a], %[v0], %[t]\n"
                                      "fsub.s %[t], %[v1], %[t]\n"
                                      "cv.lw %[v0], (%[x0]), 4\n"
                                      "fmul.s %[a], %[a], %[a]\n"
                                      "fmul.s %[t], %[t], %[t]\n"
                                      "cv.lw %[v1], (%[x1]), 4\n"
                                      "fadd.s %[s0], %[s0], %[a]\n"
                                      "fadd.s %[s1], %[s1], %[t]\n"
                                      "cv.lw %[t], (%[c]), 4\n")
                     : [s0] "+r"(s0), [s1] "+r"(s1), [x0] "+r"(x0), [x1] "+r"(x1), [c] "+r"(c), [v0] "+r"(v0),
                       [v1] "+r"(v1), [t] "+r"(t), [a] "=&r"(a)
                     : "r"(count)
                     : "memory");
    sums[0] = s0 + squared(v0 - t);
    sums[1] = s1 + squared(v1 - t);
}

void ep_kmeans_assign_f32__xpulp(const float *x, const float *centroids, int32_t *labels, float *nearest,
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
                             : [v] "+r"(v), [c] "+r"(c), [sum] "+r"(sum), [v0] "=&r"(v0), [v1] "=&r"(v1),
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
