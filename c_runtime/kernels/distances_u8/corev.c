// SPDX-License-Identifier: Apache-2.0
// Distances between bytes on CV32E40P with CORE-V operations: four products and their sum in one cycle.
//
// Eight rows share each word of x: 17 cycles for 32 products; four, 9 for 16. One pointer walks over the rows, a row at
// a time and then back to the next word of the first.
#include "ep/distances_u8.h"
#include "ep/xpulp.h"

#define X "cv.lw %[v], (%[x]), 4\n"
#define FROM(r) "cv.lw %[" #r "], (%[w]), %[row]\n"
#define BACK(r) "cv.lw %[" #r "], (%[w]), %[back]\n"
#define ADD(s, r) "cv.sdotup.b %[s" #s "], %[v], %[" #r "]\n"
#define BODY_4 X FROM(a) FROM(b) FROM(c) BACK(d) ADD(0, a) ADD(1, b) ADD(2, c) ADD(3, d)
#define BODY_8                                                                                                         \
    X FROM(a) FROM(b) FROM(c) FROM(d) ADD(0, a) FROM(a) ADD(1, b) FROM(b) ADD(2, c) FROM(c) ADD(3, d) BACK(d)          \
        ADD(4, a) ADD(5, b) ADD(6, c) ADD(7, d)

#define SUM(i) [s##i] "+&r"(s[i])
#define SUMS_4 SUM(0), SUM(1), SUM(2), SUM(3)
#define SUMS_8 SUMS_4, SUM(4), SUM(5), SUM(6), SUM(7)

#define ROWS(n)                                                                                                        \
    static inline void rows_##n(const uint32_t *x, const uint32_t *w, uint32_t words, uint32_t square, float *out) {   \
        const uint32_t row = 4 * (words + 1);                                                                          \
        uint32_t s[n] = {0};                                                                                           \
        uint32_t v, a, b, c, d;                                                                                        \
        register uint32_t count __asm__("t0") = words;                                                                 \
        __asm__ volatile(EP_XPULP_LOOP_T0(BODY_##n)                                                                    \
                         : SUMS_##n, [x] "+&r"(x), [w] "+&r"(w), [v] "=&r"(v), [a] "=&r"(a), [b] "=&r"(b),             \
                           [c] "=&r"(c), [d] "=&r"(d)                                                                  \
                         : "r"(count), [row] "r"(row), [back] "r"(4u - (n - 1u) * row)                                 \
                         : "memory");                                                                                  \
        for (uint32_t i = 0; i < n; i++, w += words + 1) {                                                             \
            out[i] = rounded(square, *w, s[i]);                                                                        \
        }                                                                                                              \
    }

static inline float rounded(uint32_t square, uint32_t row, uint32_t product) {
    return (float)(square + row - 2 * product);
}

ROWS(4)
ROWS(8)

// One row: 4 cycles for 4 products.
static float rows_1(const uint32_t *x, const uint32_t *w, uint32_t words, uint32_t square) {
    uint32_t s = 0;
    uint32_t v, a;
    register uint32_t count __asm__("t0") = words;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[w]), 4\n"
                                      "cv.lw %[v], (%[x]), 4\n"
                                      "cv.sdotup.b %[s], %[v], %[a]\n")
                     : [s] "+&r"(s), [x] "+&r"(x), [w] "+&r"(w), [v] "=&r"(v), [a] "=&r"(a)
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
    for (; end - r >= 8; r += 8, w += 8 * (words + 1)) {
        rows_8(narrow, w, words, square, out + r);
    }
    if (end - r >= 4) {
        rows_4(narrow, w, words, square, out + r);
        r += 4;
        w += 4 * (words + 1);
    }
    for (; r < end; r++, w += words + 1) {
        out[r] = rows_1(narrow, w, words, square);
    }
}
