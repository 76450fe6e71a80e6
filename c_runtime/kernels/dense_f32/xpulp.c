// SPDX-License-Identifier: Apache-2.0
// Dense layer on CV32E40P: rows in blocks that share each x, in hardware loops with post-increment loads. Floats lie in
// integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance and run without a stall. Sums start with -0, and adding it to the first product changes no number.
#include "ep/xpulp.h"
#include "ep/dense_f32.h"

// Sums of 4 rows: 13 cycles for 4 products.
static void rows_4(const float *x, const float *weights, uint32_t stride, uint32_t len, float *sums) {
    const float *w0 = weights;
    const float *w1 = w0 + stride;
    const float *w2 = w1 + stride;
    const float *w3 = w2 + stride;
    float s0 = -0.0f;
    float s1 = -0.0f;
    float s2 = -0.0f;
    float s3 = -0.0f;
    float v, p0, p1, p2, p3;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(
        EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n"
                         "cv.lw %[p0], (%[w0]), 4\n"
                         "cv.lw %[p1], (%[w1]), 4\n"
                         "cv.lw %[p2], (%[w2]), 4\n"
                         "cv.lw %[p3], (%[w3]), 4\n"
                         "fmul.s %[p0], %[p0], %[v]\n"
                         "fmul.s %[p1], %[p1], %[v]\n"
                         "fmul.s %[p2], %[p2], %[v]\n"
                         "fmul.s %[p3], %[p3], %[v]\n"
                         "fadd.s %[s0], %[s0], %[p0]\n"
                         "fadd.s %[s1], %[s1], %[p1]\n"
                         "fadd.s %[s2], %[s2], %[p2]\n"
                         "fadd.s %[s3], %[s3], %[p3]\n")
        : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [w0] "+r"(w0), [w1] "+r"(w1), [w2] "+r"(w2),
          [w3] "+r"(w3), [x] "+r"(x), [v] "=&r"(v), [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2), [p3] "=&r"(p3)
        : "r"(count)
        : "memory");
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

// Sums of 2 rows: 7 cycles for 2 products.
static void rows_2(const float *x, const float *weights, uint32_t stride, uint32_t len, float *sums) {
    const float *w0 = weights;
    const float *w1 = w0 + stride;
    float s0 = -0.0f;
    float s1 = -0.0f;
    float v, p0, p1;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n"
                                      "cv.lw %[p0], (%[w0]), 4\n"
                                      "cv.lw %[p1], (%[w1]), 4\n"
                                      "fmul.s %[p0], %[p0], %[v]\n"
                                      "fmul.s %[p1], %[p1], %[v]\n"
                                      "fadd.s %[s0], %[s0], %[p0]\n"
                                      "fadd.s %[s1], %[s1], %[p1]\n")
                     : [s0] "+r"(s0), [s1] "+r"(s1), [w0] "+r"(w0), [w1] "+r"(w1), [x] "+r"(x), [v] "=&r"(v),
                       [p0] "=&r"(p0), [p1] "=&r"(p1)
                     : "r"(count)
                     : "memory");
    sums[0] = s0;
    sums[1] = s1;
}

// Sum of 1 row: 8 cycles for 2 columns. The second product of a pair is finished in the next iteration, where it stalls
// nothing; the first iteration finishes a product of -0.
static void rows_1(const float *x, const float *weights, uint32_t len, float *sums) {
    float s = -0.0f;
    register uint32_t count __asm__("t0") = len / 2;
    if (count != 0) {
        float p1 = -0.0f;
        float v1 = 1.0f;
        float p0, v0;
        __asm__ volatile(
            EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"
                             "cv.lw %[p0], (%[w]), 4\n"
                             "fmul.s %[p1], %[p1], %[v1]\n"
                             "fmul.s %[p0], %[p0], %[v0]\n"
                             "fadd.s %[s], %[s], %[p1]\n"
                             "cv.lw %[v1], (%[x]), 4\n"
                             "fadd.s %[s], %[s], %[p0]\n"
                             "cv.lw %[p1], (%[w]), 4\n")
            : [s] "+r"(s), [w] "+r"(weights), [x] "+r"(x), [v0] "=&r"(v0), [v1] "+r"(v1), [p0] "=&r"(p0), [p1] "+r"(p1)
            : "r"(count)
            : "memory");
        s += p1 * v1;
    }
    if (len % 2 != 0) {
        s += *weights * *x;
    }
    sums[0] = s;
}

void ep_dense_f32__xpulp(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
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
        const float *w = weights + row * stride + first;
        for (; stop - u >= 4; u += 4, w += 4 * stride) {
            rows_4(v, w, stride, len, partial + u);
        }
        if (stop - u >= 2) {
            rows_2(v, w, stride, len, partial + u);
            u += 2;
            w += 2 * stride;
        }
        if (stop - u >= 1) {
            rows_1(v, w, len, partial + u);
            u += 1;
        }
        row = 0;
        chunk++;
    }
}
