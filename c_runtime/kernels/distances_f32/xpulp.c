// SPDX-License-Identifier: Apache-2.0
// Distances on CV32E40P: rows in blocks that share each x, in hardware loops with post-increment loads. Floats lie in
// integer registers (Zfinx), so a magnitude is a bit cleared and the larger of two magnitudes an integer maximum.
//
// The result of a float operation, or of a load that feeds one, is there two instructions later: the loops are ordered
// for that distance and run without a stall. All terms are at least +0, so a sum that starts with +0 has the bits of
// one that starts with its first term.
#include "ep/xpulp.h"
#include "ep/distances_f32.h"
#include "ep/math.h"

// d becomes the term, s takes it in.
#define SQUARE(d) "fmul.s " d ", " d ", " d "\n"
#define MAGNITUDE(d) "cv.bclr " d ", " d ", 0, 31\n"
#define SUM(s, d) "fadd.s " s ", " s ", " d "\n"
#define NOTHING(d) ""
#define FUSED(s, d) "fmadd.s " s ", " d ", " d ", " s "\n"
#define LARGEST(s, d) "cv.maxu " s ", " s ", " d "\n"

// 4 rows: 17 cycles for 4 terms, 13 of fused ones.
#define ROWS_4(TERM, TAKE)                                                                                             \
    EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n"                                                                         \
                     "cv.lw %[d0], (%[w0]), 4\n"                                                                       \
                     "cv.lw %[d1], (%[w1]), 4\n"                                                                       \
                     "cv.lw %[d2], (%[w2]), 4\n"                                                                       \
                     "cv.lw %[d3], (%[w3]), 4\n"                                                                       \
                     "fsub.s %[d0], %[v], %[d0]\n"                                                                     \
                     "fsub.s %[d1], %[v], %[d1]\n"                                                                     \
                     "fsub.s %[d2], %[v], %[d2]\n"                                                                     \
                     "fsub.s %[d3], %[v], %[d3]\n" TERM("%[d0]") TERM("%[d1]") TERM("%[d2]") TERM("%[d3]")             \
                         TAKE("%[s0]", "%[d0]") TAKE("%[s1]", "%[d1]") TAKE("%[s2]", "%[d2]") TAKE("%[s3]", "%[d3]"))

// 1 row: 10 cycles for 2 terms. The second term of a pair is finished in the next iteration, where it stalls nothing;
// the first iteration finishes a difference of 0.
#define ROWS_1(TERM, TAKE)                                                                                             \
    EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"                                                                        \
                     "fsub.s %[d1], %[v1], %[d1]\n"                                                                    \
                     "cv.lw %[d0], (%[w]), 4\n" TERM("%[d1]") "fsub.s %[d0], %[v0], %[d0]\n" TAKE("%[s]", "%[d1]")     \
                         TERM("%[d0]") "cv.lw %[v1], (%[x]), 4\n" TAKE("%[s]", "%[d0]") "cv.lw %[d1], (%[w]), 4\n")

// 8 cycles for 2 terms.
#define FUSED_ROWS_1                                                                                                   \
    EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"                                                                        \
                     "cv.lw %[d0], (%[w]), 4\n"                                                                        \
                     "fsub.s %[d1], %[v1], %[d1]\n"                                                                    \
                     "fsub.s %[d0], %[v0], %[d0]\n" FUSED("%[s]", "%[d1]") "cv.lw %[v1], (%[x]), 4\n" FUSED(           \
                         "%[s]", "%[d0]") "cv.lw %[d1], (%[w]), 4\n")

static inline float square(float d) {
    return d * d;
}

static inline float magnitude(float d) {
    return __builtin_fabsf(d);
}

static inline float sum(float s, float d) {
    return s + d;
}

static inline float itself(float d) {
    return d;
}

static inline float fused(float s, float d) {
    return ep_fma_f32(d, d, s);
}

// As the loops compare: by bits, NaN last.
static inline float largest(float s, float d) {
    return ep_bits_f32(d) > ep_bits_f32(s) ? d : s;
}

#define KERNEL(name, LOOP_4, LOOP_1, term, take)                                                                       \
    static void name##_4(const float *x, const float *rows, uint32_t stride, uint32_t cols, float *out) {              \
        const float *w0 = rows;                                                                                        \
        const float *w1 = w0 + stride;                                                                                 \
        const float *w2 = w1 + stride;                                                                                 \
        const float *w3 = w2 + stride;                                                                                 \
        float s0 = 0.0f;                                                                                               \
        float s1 = 0.0f;                                                                                               \
        float s2 = 0.0f;                                                                                               \
        float s3 = 0.0f;                                                                                               \
        float v, d0, d1, d2, d3;                                                                                       \
        register uint32_t count __asm__("t0") = cols;                                                                  \
        __asm__ volatile(LOOP_4                                                                                        \
                         : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [w0] "+&r"(w0),             \
                           [w1] "+&r"(w1), [w2] "+&r"(w2), [w3] "+&r"(w3), [x] "+&r"(x), [v] "=&r"(v), [d0] "=&r"(d0), \
                           [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3)                                              \
                         : "r"(count)                                                                                  \
                         : "memory");                                                                                  \
        out[0] = s0;                                                                                                   \
        out[1] = s1;                                                                                                   \
        out[2] = s2;                                                                                                   \
        out[3] = s3;                                                                                                   \
    }                                                                                                                  \
    static float name##_1(const float *x, const float *w, uint32_t cols) {                                             \
        float s = 0.0f;                                                                                                \
        register uint32_t count __asm__("t0") = cols / 2;                                                              \
        if (count != 0) {                                                                                              \
            float v1 = 0.0f;                                                                                           \
            float d1 = 0.0f;                                                                                           \
            float v0, d0;                                                                                              \
            __asm__ volatile(LOOP_1                                                                                    \
                             : [s] "+&r"(s), [x] "+&r"(x), [w] "+&r"(w), [v0] "=&r"(v0), [v1] "+&r"(v1),               \
                               [d0] "=&r"(d0), [d1] "+&r"(d1)                                                          \
                             : "r"(count)                                                                              \
                             : "memory");                                                                              \
            s = take(s, term(v1 - d1));                                                                                \
        }                                                                                                              \
        if (cols % 2 != 0) {                                                                                           \
            s = take(s, term(*x - *w));                                                                                \
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

KERNEL(sqeuclidean, ROWS_4(SQUARE, SUM), ROWS_1(SQUARE, SUM), square, sum)
// Its name says that products are fused: where names do not, tests/test_disassembly.py finds no fused operation.
KERNEL(sqeuclidean_fma_f32__rows, ROWS_4(NOTHING, FUSED), FUSED_ROWS_1, itself, fused)
KERNEL(manhattan, ROWS_4(MAGNITUDE, SUM), ROWS_1(MAGNITUDE, SUM), magnitude, sum)
KERNEL(chebyshev, ROWS_4(MAGNITUDE, LARGEST), ROWS_1(MAGNITUDE, LARGEST), magnitude, largest)

void ep_sqeuclidean_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end) {
    sqeuclidean_rows(x, rows, out, cols, stride, begin, end);
}

void ep_sqeuclidean_fma_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end) {
    sqeuclidean_fma_f32__rows_rows(x, rows, out, cols, stride, begin, end);
}

void ep_manhattan_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end) {
    manhattan_rows(x, rows, out, cols, stride, begin, end);
}

void ep_chebyshev_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end) {
    chebyshev_rows(x, rows, out, cols, stride, begin, end);
}
