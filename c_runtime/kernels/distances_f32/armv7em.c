// SPDX-License-Identifier: Apache-2.0
// Distances on Cortex-M4F: rows in blocks that share each x. A float load takes 2 cycles and a sum waits for its
// term, so four rows side by side keep the unit busy.
#include "ep/distances_f32.h"

#include "ep/math.h"

static inline float square(float d) {
    return d * d;
}

static inline float magnitude(float d) {
    return __builtin_fabsf(d);
}

static inline float sum(float s, float d) {
    return s + d;
}

// By bits: NaN comes last.
static inline float largest(float s, float d) {
    return ep_bits_f32(d) > ep_bits_f32(s) ? d : s;
}

// Sums of 4 rows, and of 1; the functions above are inlined.
#define ROWS(name, term, take)                                                                                         \
    static void name##_4(const float *restrict x, const float *restrict rows, uint32_t stride, uint32_t cols,          \
                         float *restrict out) {                                                                        \
        const float *w0 = rows;                                                                                        \
        const float *w1 = w0 + stride;                                                                                 \
        const float *w2 = w1 + stride;                                                                                 \
        const float *w3 = w2 + stride;                                                                                 \
        float s0 = 0.0f;                                                                                               \
        float s1 = 0.0f;                                                                                               \
        float s2 = 0.0f;                                                                                               \
        float s3 = 0.0f;                                                                                               \
        for (const float *stop = x + cols; x != stop; x++) {                                                           \
            float v = *x;                                                                                              \
            float d0 = v - *w0++;                                                                                      \
            float d1 = v - *w1++;                                                                                      \
            float d2 = v - *w2++;                                                                                      \
            float d3 = v - *w3++;                                                                                      \
            d0 = term(d0);                                                                                             \
            d1 = term(d1);                                                                                             \
            d2 = term(d2);                                                                                             \
            d3 = term(d3);                                                                                             \
            s0 = take(s0, d0);                                                                                         \
            s1 = take(s1, d1);                                                                                         \
            s2 = take(s2, d2);                                                                                         \
            s3 = take(s3, d3);                                                                                         \
        }                                                                                                              \
        out[0] = s0;                                                                                                   \
        out[1] = s1;                                                                                                   \
        out[2] = s2;                                                                                                   \
        out[3] = s3;                                                                                                   \
    }                                                                                                                  \
    static float name##_1(const float *restrict x, const float *restrict w, uint32_t cols) {                           \
        float s = 0.0f;                                                                                                \
        for (const float *stop = x + cols; x != stop; x++) {                                                           \
            s = take(s, term(*x - *w++));                                                                              \
        }                                                                                                              \
        return s;                                                                                                      \
    }                                                                                                                  \
    static void name##_rows(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,             \
                            uint32_t begin, uint32_t end) {                                                            \
        const float *w = rows + begin * stride;                                                                        \
        uint32_t r = begin;                                                                                            \
        for (; end - r >= 4; r += 4, w += 4 * stride) {                                                                \
            name##_4(x, w, stride, cols, out + r);                                                                     \
        }                                                                                                              \
        for (; r < end; r++, w += stride) {                                                                            \
            out[r] = name##_1(x, w, cols);                                                                             \
        }                                                                                                              \
    }

ROWS(sqeuclidean, square, sum)
ROWS(manhattan, magnitude, sum)
ROWS(chebyshev, magnitude, largest)

void ep_sqeuclidean_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end) {
    sqeuclidean_rows(x, rows, out, cols, stride, begin, end);
}

void ep_manhattan_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end) {
    manhattan_rows(x, rows, out, cols, stride, begin, end);
}

void ep_chebyshev_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end) {
    chebyshev_rows(x, rows, out, cols, stride, begin, end);
}
