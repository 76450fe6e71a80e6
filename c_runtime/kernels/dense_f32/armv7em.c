// SPDX-License-Identifier: Apache-2.0
// Dense layer on Cortex-M4F: the rows of a block share each x. A multiplication and an addition take 1 cycle each, the
// fused operations 3, so products are added apart; loads of n words in one instruction take n + 1 cycles; and a result
// that the next instruction needs costs a cycle, so all products of a column come before all sums.
#include "ep/dense_f32.h"
#include "ep/dense_inline.h"

// Weights lie in s10 to s19, sums in s0 to s9, x in s30.
#define LOAD(last) "vldmia %[w]!, {s10-s" #last "}\n"
#define P(w) "vmul.f32 s" #w ", s" #w ", s30\n"
#define S(s, w) "vadd.f32 s" #s ", s" #s ", s" #w "\n"
#define PRODUCTS_1 P(10)
#define PRODUCTS_2 PRODUCTS_1 P(11)
#define PRODUCTS_3 PRODUCTS_2 P(12)
#define PRODUCTS_4 PRODUCTS_3 P(13)
#define PRODUCTS_5 PRODUCTS_4 P(14)
#define PRODUCTS_6 PRODUCTS_5 P(15)
#define PRODUCTS_7 PRODUCTS_6 P(16)
#define PRODUCTS_8 PRODUCTS_7 P(17)
#define PRODUCTS_9 PRODUCTS_8 P(18)
#define PRODUCTS_10 PRODUCTS_9 P(19)
#define ADDED_1 S(0, 10)
#define ADDED_2 ADDED_1 S(1, 11)
#define ADDED_3 ADDED_2 S(2, 12)
#define ADDED_4 ADDED_3 S(3, 13)
#define ADDED_5 ADDED_4 S(4, 14)
#define ADDED_6 ADDED_5 S(5, 15)
#define ADDED_7 ADDED_6 S(6, 16)
#define ADDED_8 ADDED_7 S(7, 17)
#define ADDED_9 ADDED_8 S(8, 18)
#define ADDED_10 ADDED_9 S(9, 19)

// Adding the first product to -0 changes no number.
#define Z(s) "vmov s" #s ", %[minus_zero]\n"
#define ZEROS_3 Z(0) Z(1) Z(2)
#define ZEROS_4 ZEROS_3 Z(3)
#define ZEROS_5 ZEROS_4 Z(4)
#define ZEROS_6 ZEROS_5 Z(5)
#define ZEROS_7 ZEROS_6 Z(6)
#define ZEROS_8 ZEROS_7 Z(7)
#define ZEROS_9 ZEROS_8 Z(8)
#define ZEROS_10 ZEROS_9 Z(9)

// Sums of n rows: 3 n + 7 cycles a column. The sums are s0 to s`top`, the weights s10 to s`last`.
#define ROWS(n, top, last)                                                                                             \
    static void rows_##n(const float *x, const float *w, uint32_t len, float *partial) {                               \
        __asm__ volatile(ZEROS_##n "1:\n"                                                                              \
                                   "vldmia %[x]!, {s30}\n" LOAD(last) PRODUCTS_##n "subs %[len], #1\n" ADDED_##n       \
                         "bne 1b\n"                                                                                    \
                         "vstmia %[partial], {s0-s" #top "}\n"                                                         \
                         : [x] "+&r"(x), [w] "+&r"(w), [len] "+&r"(len)                                                \
                         : [minus_zero] "r"(0x80000000u), [partial] "r"(partial)                                       \
                         : "memory", "cc", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",   \
                           "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s30");                             \
    }

ROWS(3, 2, 12)
ROWS(4, 3, 13)
ROWS(5, 4, 14)
ROWS(6, 5, 15)
ROWS(7, 6, 16)
ROWS(8, 7, 17)
ROWS(9, 8, 18)
ROWS(10, 9, 19)

static void rows_2(const float *x, const float *w, uint32_t len, float *partial) {
    float s0 = w[0] * x[0];
    float s1 = w[1] * x[0];
    for (uint32_t i = 1; i < len; i++) {
        float p0 = w[2 * i] * x[i];
        float p1 = w[2 * i + 1] * x[i];
        s0 += p0;
        s1 += p1;
    }
    partial[0] = s0;
    partial[1] = s1;
}

// Sum of 1 row: 26 cycles for 4 columns. Each addition waits for the one before, and the products fill the gaps.
static void rows_1(const float *x, const float *w, uint32_t len, float *partial) {
    float sum = -0.0f;
    uint32_t fours = len / 4;
    if (fours != 0) {
        __asm__ volatile("1:\n"
                         "vldmia %[x]!, {s20-s23}\n"
                         "vldmia %[w]!, {s10-s13}\n"
                         "vmul.f32 s10, s10, s20\n"
                         "vmul.f32 s11, s11, s21\n"
                         "vadd.f32 %[sum], %[sum], s10\n"
                         "vmul.f32 s12, s12, s22\n"
                         "vadd.f32 %[sum], %[sum], s11\n"
                         "vmul.f32 s13, s13, s23\n"
                         "vadd.f32 %[sum], %[sum], s12\n"
                         "subs %[fours], #1\n"
                         "vadd.f32 %[sum], %[sum], s13\n"
                         "bne 1b\n"
                         : [x] "+&r"(x), [w] "+&r"(w), [fours] "+&r"(fours), [sum] "+&t"(sum)
                         :
                         : "memory", "cc", "s10", "s11", "s12", "s13", "s20", "s21", "s22", "s23");
    }
    for (uint32_t i = 0; i < len % 4; i++) {
        sum += w[i] * x[i];
    }
    partial[0] = sum;
}

static void rows(const float *x, const float *w, uint32_t len, uint32_t block, float *partial) {
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

void ep_dense_f32__armv7em(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(rows, 1, x, weights, partial, cols, block, chunk_len, first, begin, end);
}

void ep_dense_segments_f32__armv7em(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end) {
    ep_dense_segments(rows, x, weights, starts, partial, block, segments, begin, end);
}
