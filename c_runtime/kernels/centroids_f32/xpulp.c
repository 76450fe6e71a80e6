// SPDX-License-Identifier: Apache-2.0
// Squared distances on CV32E40P: the centroids of a block share each x, in hardware loops with post-increment loads.
// Floats lie in integer registers (Zfinx).
//
// The result of a float operation is there two instructions later, that of a load that feeds one three: the loops are
// ordered for these distances and, from blocks of three on, run without a stall. Sums start with 0, and adding it to
// the first square changes no number.
#include "ep/xpulp.h"
#include "ep/centroids_f32.h"
#include "ep/chunks_inline.h"

// Instructions of a body: the next x, the next centroid's coordinate, its difference to x, the square onto a sum.
#define X "cv.lw %[v], (%[x]), 4\n"
#define L(p) "cv.lw %[" #p "], (%[c]), 4\n"
#define D(p) "fsub.s %[" #p "], %[v], %[" #p "]\n"
#define Q(s, p) "fmadd.s %[" #s "], %[" #p "], %[" #p "], %[" #s "]\n"

// Coordinates arrive three ahead of their use, in four registers in turn.
#define AHEAD X L(p0) L(p1) L(p2)
#define START AHEAD D(p0) L(p3) D(p1) Q(s0, p0)
#define NEXT_1 START L(p0) D(p2) Q(s1, p1)
#define NEXT_2 NEXT_1 L(p1) D(p3) Q(s2, p2)
#define NEXT_3 NEXT_2 L(p2) D(p0) Q(s3, p3)
#define NEXT_4 NEXT_3 L(p3) D(p1) Q(s4, p0)
#define NEXT_5 NEXT_4 L(p0) D(p2) Q(s5, p1)
#define NEXT_6 NEXT_5 L(p1) D(p3) Q(s6, p2)
#define BODY_1 X L(p0) D(p0) Q(s0, p0)
#define BODY_2 X L(p0) L(p1) D(p0) D(p1) Q(s0, p0) Q(s1, p1)
#define BODY_3 AHEAD D(p0) D(p1) Q(s0, p0) D(p2) Q(s1, p1) Q(s2, p2)
#define BODY_4 START D(p2) Q(s1, p1) D(p3) Q(s2, p2) Q(s3, p3)
#define BODY_5 NEXT_1 D(p3) Q(s2, p2) D(p0) Q(s3, p3) Q(s4, p0)
#define BODY_6 NEXT_2 D(p0) Q(s3, p3) D(p1) Q(s4, p0) Q(s5, p1)
#define BODY_7 NEXT_3 D(p1) Q(s4, p0) D(p2) Q(s5, p1) Q(s6, p2)
#define BODY_8 NEXT_4 D(p2) Q(s5, p1) D(p3) Q(s6, p2) Q(s7, p3)
#define BODY_9 NEXT_5 D(p3) Q(s6, p2) D(p0) Q(s7, p3) Q(s8, p0)
#define BODY_10 NEXT_6 D(p0) Q(s7, p3) D(p1) Q(s8, p0) Q(s9, p1)

#define SUM(i) [s##i] "+&r"(sums[i])
#define SUMS_1 SUM(0)
#define SUMS_2 SUMS_1, SUM(1)
#define SUMS_3 SUMS_2, SUM(2)
#define SUMS_4 SUMS_3, SUM(3)
#define SUMS_5 SUMS_4, SUM(4)
#define SUMS_6 SUMS_5, SUM(5)
#define SUMS_7 SUMS_6, SUM(6)
#define SUMS_8 SUMS_7, SUM(7)
#define SUMS_9 SUMS_8, SUM(8)
#define SUMS_10 SUMS_9, SUM(9)

// Sums of n rows: 3 n + 1 cycles a column.
#define ROWS(n)                                                                                                        \
    static void rows_##n(const float *x, const float *c, uint32_t len, float *partial) {                               \
        float sums[n];                                                                                                 \
        for (uint32_t r = 0; r < n; r++) {                                                                             \
            sums[r] = 0.0f;                                                                                            \
        }                                                                                                              \
        float v, p0, p1, p2, p3;                                                                                       \
        register uint32_t count __asm__("t0") = len;                                                                   \
        __asm__ volatile(EP_XPULP_LOOP_T0(BODY_##n)                                                                    \
                         : SUMS_##n, [x] "+&r"(x), [c] "+&r"(c), [v] "=&r"(v), [p0] "=&r"(p0), [p1] "=&r"(p1),         \
                           [p2] "=&r"(p2), [p3] "=&r"(p3)                                                              \
                         : "r"(count)                                                                                  \
                         : "memory");                                                                                  \
        for (uint32_t r = 0; r < n; r++) {                                                                             \
            partial[r] = sums[r];                                                                                      \
        }                                                                                                              \
    }

ROWS(1)
ROWS(2)
ROWS(3)
ROWS(4)
ROWS(5)
ROWS(6)
ROWS(7)
ROWS(8)
ROWS(9)
ROWS(10)

static void rows(const float *x, const float *c, uint32_t len, uint32_t block, float *partial) {
    switch (block) {
    case 1:
        rows_1(x, c, len, partial);
        break;
    case 2:
        rows_2(x, c, len, partial);
        break;
    case 3:
        rows_3(x, c, len, partial);
        break;
    case 4:
        rows_4(x, c, len, partial);
        break;
    case 5:
        rows_5(x, c, len, partial);
        break;
    case 6:
        rows_6(x, c, len, partial);
        break;
    case 7:
        rows_7(x, c, len, partial);
        break;
    case 8:
        rows_8(x, c, len, partial);
        break;
    case 9:
        rows_9(x, c, len, partial);
        break;
    default:
        rows_10(x, c, len, partial);
        break;
    }
}

void ep_centroids_fma_f32__xpulp(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(rows, 1, x, centroids, partial, cols, block, chunk_len, first, begin, end);
}

static float root(float x) {
    float y;
    __asm__("fsqrt.s %0, %1" : "=r"(y) : "r"(x));
    return y;
}

void ep_centroids_combine_f32__xpulp(const float *partial, float *squares, float *distances, uint32_t block,
                                     uint32_t chunks, uint32_t begin, uint32_t end) {
    uint32_t row = begin < block ? begin : begin % block; // of its block
    partial += (begin - row) * chunks;
    for (uint32_t r = begin; r < end; r++) {
        const float *p = partial + row;
        float sum = *p;
        for (uint32_t k = chunks; k > 1; k--) {
            p += block;
            sum += *p;
        }
        row++;
        if (row == block) {
            row = 0;
            partial += chunks * block;
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
