// SPDX-License-Identifier: Apache-2.0
// Distances between bytes on CV32E40P with CORE-V operations: four products and their sum in one cycle.
//
// Four rows share each word of x: 9 cycles for 16 products. One pointer walks over all four rows, a row at a time and
// then back to the next word of the first.
#include "ep/distances_u8.h"
#include "ep/xpulp.h"

#define FROM(r) "cv.lw %[" #r "], (%[w]), %[row]\n"
#define ADD(s, r) "cv.sdotup.b %[" #s "], %[v], %[" #r "]\n"

static inline float rounded(uint32_t square, uint32_t row, uint32_t product) {
    return (float)(square + row - 2 * product);
}

static void rows_4(const uint32_t *x, const uint32_t *w, uint32_t words, uint32_t square, float *out) {
    const uint32_t row = 4 * (words + 1);
    uint32_t s0 = 0;
    uint32_t s1 = 0;
    uint32_t s2 = 0;
    uint32_t s3 = 0;
    uint32_t v, a, b, c, d;
    register uint32_t count __asm__("t0") = words;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n" FROM(a) FROM(b) FROM(
        c) "cv.lw %[d], (%[w]), %[back]\n" ADD(s0, a) ADD(s1, b) ADD(s2, c) ADD(s3, d))
                     : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(w),
                       [v] "=&r"(v), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                     : "r"(count), [row] "r"(row), [back] "r"(4u - 3u * row)
                     : "memory");
    out[0] = rounded(square, w[0], s0);
    out[1] = rounded(square, w[words + 1], s1);
    out[2] = rounded(square, w[2 * (words + 1)], s2);
    out[3] = rounded(square, w[3 * (words + 1)], s3);
}

// One row: 4 cycles for 4 products.
static float rows_1(const uint32_t *x, const uint32_t *w, uint32_t words, uint32_t square) {
    uint32_t s = 0;
    uint32_t v, a;
    register uint32_t count __asm__("t0") = words;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[w]), 4\n"
                                      "cv.lw %[v], (%[x]), 4\n"
                                      "cv.sdotup.b %[s], %[v], %[a]\n")
                     : [s] "+r"(s), [x] "+r"(x), [w] "+r"(w), [v] "=&r"(v), [a] "=&r"(a)
                     : "r"(count)
                     : "memory");
    return rounded(square, *w, s);
}

void ep_sqeuclidean_u8__corev(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                              float *out, uint32_t cols, uint32_t begin, uint32_t end) {
    if (found[0] != 0) {
        ep_sqeuclidean_u8__ref(x, narrow, found, rows, out, cols, begin, end);
        return;
    }
    const uint32_t words = (cols + 3) / 4;
    const uint32_t square = found[1];
    const uint32_t *w = rows + begin * (words + 1);
    uint32_t r = begin;
    for (; end - r >= 4; r += 4, w += 4 * (words + 1)) {
        rows_4(narrow, w, words, square, out + r);
    }
    for (; r < end; r++, w += words + 1) {
        out[r] = rows_1(narrow, w, words, square);
    }
}
