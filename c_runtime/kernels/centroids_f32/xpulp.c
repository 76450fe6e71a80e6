// SPDX-License-Identifier: Apache-2.0
// Squared distances on CV32E40P: centroids in blocks that share each x, in hardware loops with post-increment loads.
// Floats lie in integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance and run without a stall. Each ends with a load whose square the next iteration finishes; the first
// one finishes a square of 0. Sums start with 0, and adding it to the first square changes no number.
#include "ep/xpulp.h"
#include "ep/centroids_f32.h"

static float squared(float d) {
    return d * d;
}

// Sums of 5 rows: 21 cycles for 5 squares. Five, since ten centroids are two blocks.
static void rows_5(const float *x, const float *centroids, uint32_t stride, uint32_t len, float *sums) {
    const float *c0 = centroids;
    const float *c1 = c0 + stride;
    const float *c2 = c1 + stride;
    const float *c3 = c2 + stride;
    const float *c4 = c3 + stride;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    float s4 = 0.0f;
    float v = 0.0f;
    float d4 = 0.0f;
    float d0, d1, d2, d3;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[d0], (%[c0]), 4\n"
                                      "fsub.s %[d4], %[v], %[d4]\n"
                                      "cv.lw %[v], (%[x]), 4\n"
                                      "cv.lw %[d1], (%[c1]), 4\n"
                                      "fmul.s %[d4], %[d4], %[d4]\n"
                                      "cv.lw %[d2], (%[c2]), 4\n"
                                      "cv.lw %[d3], (%[c3]), 4\n"
                                      "fadd.s %[s4], %[s4], %[d4]\n"
                                      "fsub.s %[d0], %[v], %[d0]\n"
                                      "fsub.s %[d1], %[v], %[d1]\n"
                                      "fsub.s %[d2], %[v], %[d2]\n"
                                      "fsub.s %[d3], %[v], %[d3]\n"
                                      "fmul.s %[d0], %[d0], %[d0]\n"
                                      "fmul.s %[d1], %[d1], %[d1]\n"
                                      "fmul.s %[d2], %[d2], %[d2]\n"
                                      "fmul.s %[d3], %[d3], %[d3]\n"
                                      "fadd.s %[s0], %[s0], %[d0]\n"
                                      "fadd.s %[s1], %[s1], %[d1]\n"
                                      "fadd.s %[s2], %[s2], %[d2]\n"
                                      "fadd.s %[s3], %[s3], %[d3]\n"
                                      "cv.lw %[d4], (%[c4]), 4\n")
                     : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [s4] "+r"(s4), [c0] "+r"(c0),
                       [c1] "+r"(c1), [c2] "+r"(c2), [c3] "+r"(c3), [c4] "+r"(c4), [x] "+r"(x), [v] "+r"(v),
                       [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3), [d4] "+r"(d4)
                     : "r"(count)
                     : "memory");
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    sums[4] = s4 + squared(v - d4);
}

// Sums of 2 rows: 9 cycles for 2 squares.
static void rows_2(const float *x, const float *centroids, uint32_t stride, uint32_t len, float *sums) {
    const float *c0 = centroids;
    const float *c1 = c0 + stride;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float v = 0.0f;
    float d0 = 0.0f;
    float d1 = 0.0f;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("fadd.s %[s0], %[s0], %[d0]\n"
                                      "cv.lw %[d0], (%[c0]), 4\n"
                                      "fsub.s %[d1], %[v], %[d1]\n"
                                      "cv.lw %[v], (%[x]), 4\n"
                                      "fmul.s %[d1], %[d1], %[d1]\n"
                                      "fsub.s %[d0], %[v], %[d0]\n"
                                      "fadd.s %[s1], %[s1], %[d1]\n"
                                      "fmul.s %[d0], %[d0], %[d0]\n"
                                      "cv.lw %[d1], (%[c1]), 4\n")
                     : [s0] "+r"(s0), [s1] "+r"(s1), [c0] "+r"(c0), [c1] "+r"(c1), [x] "+r"(x), [v] "+r"(v),
                       [d0] "+r"(d0), [d1] "+r"(d1)
                     : "r"(count)
                     : "memory");
    sums[0] = s0 + d0;
    sums[1] = s1 + squared(v - d1);
}

// Sum of 1 row: 10 cycles for 2 columns.
static void rows_1(const float *x, const float *centroids, uint32_t len, float *sums) {
    float s = 0.0f;
    register uint32_t count __asm__("t0") = len / 2;
    if (count != 0) {
        float v1 = 0.0f;
        float d1 = 0.0f;
        float v0, d0;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"
                                          "fsub.s %[d1], %[v1], %[d1]\n"
                                          "cv.lw %[d0], (%[c]), 4\n"
                                          "fmul.s %[d1], %[d1], %[d1]\n"
                                          "fsub.s %[d0], %[v0], %[d0]\n"
                                          "fadd.s %[s], %[s], %[d1]\n"
                                          "fmul.s %[d0], %[d0], %[d0]\n"
                                          "cv.lw %[v1], (%[x]), 4\n"
                                          "fadd.s %[s], %[s], %[d0]\n"
                                          "cv.lw %[d1], (%[c]), 4\n")
                         : [s] "+r"(s), [c] "+r"(centroids), [x] "+r"(x), [v0] "=&r"(v0), [v1] "+r"(v1), [d0] "=&r"(d0),
                           [d1] "+r"(d1)
                         : "r"(count)
                         : "memory");
        s += squared(v1 - d1);
    }
    if (len % 2 != 0) {
        s += squared(*x - *centroids);
    }
    sums[0] = s;
}

void ep_centroids_f32__xpulp(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                             uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / rows;
    uint32_t row = begin - chunk * rows;
    uint32_t u = begin;
    while (u < end) {
        // Rows of one chunk, up to its last row or the end of the range.
        uint32_t first = chunk * chunk_len;
        uint32_t len = cols - first < chunk_len ? cols - first : chunk_len;
        uint32_t stop = end - u < rows - row ? end : u + (rows - row);
        const float *v = x + first;
        const float *c = centroids + row * stride + first;
        for (; stop - u >= 5; u += 5, c += 5 * stride) {
            rows_5(v, c, stride, len, partial + u);
        }
        for (; stop - u >= 2; u += 2, c += 2 * stride) {
            rows_2(v, c, stride, len, partial + u);
        }
        if (stop - u >= 1) {
            rows_1(v, c, len, partial + u);
            u += 1;
        }
        row = 0;
        chunk++;
    }
}

static float root(float x) {
    float y;
    __asm__("fsqrt.s %0, %1" : "=r"(y) : "r"(x));
    return y;
}

void ep_centroids_combine_f32__xpulp(const float *partial, float *squares, float *distances, uint32_t rows,
                                     uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *p = partial + r;
        float sum = *p;
        for (uint32_t k = chunks; k > 1; k--) {
            p += rows;
            sum += *p;
        }
        squares[r] = sum;
        if (distances != 0) {
            distances[r] = root(sum);
        }
    }
}

void ep_root_f32__xpulp(const float *x, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = root(x[i]);
    }
}
