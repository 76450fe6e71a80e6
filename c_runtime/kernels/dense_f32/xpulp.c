// SPDX-License-Identifier: Apache-2.0
// Dense layer on CV32E40P: the rows of a block share each x, in hardware loops with post-increment loads. Floats lie in
// integer registers (Zfinx).
//
// The result of a float operation is there two instructions later, that of a load that feeds one three: the loops are
// ordered for these distances and run without a stall. Sums start with -0, and adding it to the first product changes
// no number.
#include "ep/xpulp.h"
#include "ep/dense_f32.h"
#include "ep/dense_inline.h"
#include "ep/math.h"

// Into both kernels, whose names say that products are fused.
#define INLINE __attribute__((always_inline)) static inline

// Instructions of a body: the next x, the next weight, weight times x onto a sum.
#define X "cv.lw %[v], (%[x]), 4\n"
#define W(p) "cv.lw %[" #p "], (%[w]), 4\n"
#define M(s, p) "fmadd.s %[" #s "], %[" #p "], %[v], %[" #s "]\n"

// Weights arrive three ahead of their use, in three registers in turn.
#define AHEAD X W(p0) W(p1) W(p2)
#define NEXT_3 M(s0, p0) W(p0) M(s1, p1) W(p1) M(s2, p2) W(p2)
#define NEXT_6 NEXT_3 M(s3, p0) W(p0) M(s4, p1) W(p1) M(s5, p2) W(p2)
#define BODY_3 AHEAD M(s0, p0) M(s1, p1) M(s2, p2)
#define BODY_4 AHEAD M(s0, p0) W(p0) M(s1, p1) M(s2, p2) M(s3, p0)
#define BODY_5 AHEAD M(s0, p0) W(p0) M(s1, p1) W(p1) M(s2, p2) M(s3, p0) M(s4, p1)
#define BODY_6 AHEAD NEXT_3 M(s3, p0) M(s4, p1) M(s5, p2)
#define BODY_7 AHEAD NEXT_3 M(s3, p0) W(p0) M(s4, p1) M(s5, p2) M(s6, p0)
#define BODY_8 AHEAD NEXT_3 M(s3, p0) W(p0) M(s4, p1) W(p1) M(s5, p2) M(s6, p0) M(s7, p1)
#define BODY_9 AHEAD NEXT_6 M(s6, p0) M(s7, p1) M(s8, p2)
#define BODY_10 AHEAD NEXT_6 M(s6, p0) W(p0) M(s7, p1) M(s8, p2) M(s9, p0)

#define SUM(i) [s##i] "+&r"(sums[i])
#define SUMS_3 SUM(0), SUM(1), SUM(2)
#define SUMS_4 SUMS_3, SUM(3)
#define SUMS_5 SUMS_4, SUM(4)
#define SUMS_6 SUMS_5, SUM(5)
#define SUMS_7 SUMS_6, SUM(6)
#define SUMS_8 SUMS_7, SUM(7)
#define SUMS_9 SUMS_8, SUM(8)
#define SUMS_10 SUMS_9, SUM(9)

// Sums of n rows: 2 n + 1 cycles a column.
#define ROWS(n)                                                                                                        \
    INLINE void rows_##n(const float *x, const float *w, uint32_t len, float *partial) {                               \
        float sums[n];                                                                                                 \
        for (uint32_t r = 0; r < n; r++) {                                                                             \
            sums[r] = -0.0f;                                                                                           \
        }                                                                                                              \
        float v, p0, p1, p2;                                                                                           \
        register uint32_t count __asm__("t0") = len;                                                                   \
        __asm__ volatile(                                                                                              \
            EP_XPULP_LOOP_T0(BODY_##n)                                                                                 \
            : SUMS_##n, [x] "+&r"(x), [w] "+&r"(w), [v] "=&r"(v), [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2)       \
            : "r"(count)                                                                                               \
            : "memory");                                                                                               \
        for (uint32_t r = 0; r < n; r++) {                                                                             \
            partial[r] = sums[r];                                                                                      \
        }                                                                                                              \
    }

ROWS(3)
ROWS(4)
ROWS(5)
ROWS(6)
ROWS(7)
ROWS(8)
ROWS(9)
ROWS(10)

// Sums of 2 rows: 10 cycles for 2 columns.
INLINE void rows_2(const float *x, const float *w, uint32_t len, float *partial) {
    float s0 = -0.0f;
    float s1 = -0.0f;
    register uint32_t count __asm__("t0") = len / 2;
    if (count != 0) {
        float v, v1, p0, p1, q0, q1;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n"
                                          "cv.lw %[p0], (%[w]), 4\n"
                                          "cv.lw %[p1], (%[w]), 4\n"
                                          "cv.lw %[v1], (%[x]), 4\n"
                                          "cv.lw %[q0], (%[w]), 4\n"
                                          "fmadd.s %[s0], %[p0], %[v], %[s0]\n"
                                          "cv.lw %[q1], (%[w]), 4\n"
                                          "fmadd.s %[s1], %[p1], %[v], %[s1]\n"
                                          "fmadd.s %[s0], %[q0], %[v1], %[s0]\n"
                                          "fmadd.s %[s1], %[q1], %[v1], %[s1]\n")
                         : [s0] "+&r"(s0), [s1] "+&r"(s1), [x] "+&r"(x), [w] "+&r"(w), [v] "=&r"(v), [v1] "=&r"(v1),
                           [p0] "=&r"(p0), [p1] "=&r"(p1), [q0] "=&r"(q0), [q1] "=&r"(q1)
                         : "r"(count)
                         : "memory");
    }
    if (len % 2 != 0) {
        s0 = ep_fma_f32(w[0], *x, s0);
        s1 = ep_fma_f32(w[1], *x, s1);
    }
    partial[0] = s0;
    partial[1] = s1;
}

// Sum of 1 row: 6 cycles for 2 columns. The second product of a pair is added in the next iteration, where it waits for
// nothing; the first iteration adds a product of -0.
INLINE void rows_1(const float *x, const float *w, uint32_t len, float *partial) {
    float s = -0.0f;
    register uint32_t count __asm__("t0") = len / 2;
    if (count != 0) {
        float p1 = -0.0f;
        float v1 = 1.0f;
        float p0, v0;
        __asm__ volatile(
            EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"
                             "cv.lw %[p0], (%[w]), 4\n"
                             "fmadd.s %[s], %[p1], %[v1], %[s]\n"
                             "cv.lw %[v1], (%[x]), 4\n"
                             "fmadd.s %[s], %[p0], %[v0], %[s]\n"
                             "cv.lw %[p1], (%[w]), 4\n")
            : [s] "+&r"(s), [w] "+&r"(w), [x] "+&r"(x), [v0] "=&r"(v0), [v1] "+&r"(v1), [p0] "=&r"(p0), [p1] "+&r"(p1)
            : "r"(count)
            : "memory");
        s = ep_fma_f32(p1, v1, s);
    }
    if (len % 2 != 0) {
        s = ep_fma_f32(*w, *x, s);
    }
    partial[0] = s;
}

INLINE void rows(const float *x, const float *w, uint32_t len, uint32_t block, float *partial) {
    switch (block) {
    case 1:
        rows_1(x, w, len, partial);
        break;
    case 2:
        rows_2(x, w, len, partial);
        break;
    case 3:
        rows_3(x, w, len, partial);
        break;
    case 4:
        rows_4(x, w, len, partial);
        break;
    case 5:
        rows_5(x, w, len, partial);
        break;
    case 6:
        rows_6(x, w, len, partial);
        break;
    case 7:
        rows_7(x, w, len, partial);
        break;
    case 8:
        rows_8(x, w, len, partial);
        break;
    case 9:
        rows_9(x, w, len, partial);
        break;
    default:
        rows_10(x, w, len, partial);
        break;
    }
}

void ep_dense_fma_f32__xpulp(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                             uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(rows, 1, x, weights, partial, cols, block, chunk_len, first, begin, end);
}

void ep_dense_segments_fma_f32__xpulp(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                      uint32_t block, uint32_t segments, uint32_t begin, uint32_t end) {
    ep_dense_segments(rows, x, weights, starts, partial, block, segments, begin, end);
}

void ep_dense_combine_f32__xpulp(const float *partial, const float *bias, float *y, uint32_t block, uint32_t chunks,
                                 uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        y[r] = ep_xpulp_strided_sum(partial + r / block * chunks * block + r % block, block, chunks) + bias[r];
    }
}
