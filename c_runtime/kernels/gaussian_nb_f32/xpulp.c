// SPDX-License-Identifier: Apache-2.0
// Sums of squares on CV32E40P, fused: the classes of a block share each x, in hardware loops with post-increment loads.
// Floats lie in integer registers (Zfinx).
//
// The result of a float operation is there two instructions later, that of a load that feeds one three. So a class is
// finished while the next one is loaded, the last of a feature in the next iteration: two registers for d in turn,
// which is why a block has an even number of classes. The first iteration finishes a class of zeros, and adding the
// square of a zero changes no sum of squares.
#include "ep/xpulp.h"
#include "ep/chunks_inline.h"
#include "ep/gaussian_nb_f32.h"
#include "ep/math.h"

// Finishes the sums of the feature before, as far as it can without the last d; then the next x.
#define START(s)                                                                                                       \
    "fsub.s %[db], %[v], %[db]\n"                                                                                      \
    "fmadd.s %[" #s "], %[da], %[da], %[" #s "]\n"                                                                     \
    "cv.lw %[v], (%[x]), 4\n"
// Loads a class, d being its mean, and finishes the one before, e being its difference and s its sum.
#define K(d, e, s)                                                                                                     \
    "cv.lw %[" #d "], (%[t]), 4\n"                                                                                     \
    "fmadd.s %[" #e "], %[" #e "], %[r], %[shift]\n"                                                                   \
    "cv.lw %[r], (%[t]), 4\n"                                                                                          \
    "cv.lw %[shift], (%[t]), 4\n"                                                                                      \
    "fsub.s %[" #d "], %[v], %[" #d "]\n"                                                                              \
    "fmadd.s %[" #s "], %[" #e "], %[" #e "], %[" #s "]\n"
// The last class of a feature.
#define END                                                                                                            \
    "cv.lw %[db], (%[t]), 4\n"                                                                                         \
    "fmadd.s %[da], %[da], %[r], %[shift]\n"                                                                           \
    "cv.lw %[r], (%[t]), 4\n"                                                                                          \
    "cv.lw %[shift], (%[t]), 4\n"
// Classes 1 to n - 2 of a feature, each finishing the one before.
#define INNER_4 K(db, da, s0) K(da, db, s1)
#define INNER_6 INNER_4 K(db, da, s2) K(da, db, s3)
#define INNER_8 INNER_6 K(db, da, s4) K(da, db, s5)
#define INNER_10 INNER_8 K(db, da, s6) K(da, db, s7)
#define BODY_2 START(s0) K(da, db, s1) END
#define BODY_4 START(s2) K(da, db, s3) INNER_4 END
#define BODY_6 START(s4) K(da, db, s5) INNER_6 END
#define BODY_8 START(s6) K(da, db, s7) INNER_8 END
#define BODY_10 START(s8) K(da, db, s9) INNER_10 END

#define SUM(i) [s##i] "+&r"(sums[i])
#define SUMS_2 SUM(0), SUM(1)
#define SUMS_4 SUMS_2, SUM(2), SUM(3)
#define SUMS_6 SUMS_4, SUM(4), SUM(5)
#define SUMS_8 SUMS_6, SUM(6), SUM(7)
#define SUMS_10 SUMS_8, SUM(8), SUM(9)

// Sums of n classes: 6 n + 1 cycles a feature.
#define CLASSES(n)                                                                                                     \
    static void classes_##n(const float *x, const float *t, uint32_t len, float *partial) {                            \
        float sums[n];                                                                                                 \
        for (uint32_t c = 0; c < n; c++) {                                                                             \
            sums[c] = 0.0f;                                                                                            \
        }                                                                                                              \
        float v = 0.0f;                                                                                                \
        float da = 0.0f;                                                                                               \
        float db = 0.0f;                                                                                               \
        float r = 0.0f;                                                                                                \
        float shift = 0.0f;                                                                                            \
        register uint32_t count __asm__("t0") = len;                                                                   \
        __asm__ volatile(EP_XPULP_LOOP_T0(BODY_##n)                                                                    \
                         : SUMS_##n, [x] "+&r"(x), [t] "+&r"(t), [v] "+&r"(v), [da] "+&r"(da), [db] "+&r"(db),         \
                           [r] "+&r"(r), [shift] "+&r"(shift)                                                          \
                         : "r"(count)                                                                                  \
                         : "memory");                                                                                  \
        db = ep_fma_f32(v - db, r, shift);                                                                             \
        sums[n - 2] = ep_fma_f32(da, da, sums[n - 2]);                                                                 \
        sums[n - 1] = ep_fma_f32(db, db, sums[n - 1]);                                                                 \
        for (uint32_t c = 0; c < n; c++) {                                                                             \
            partial[c] = sums[c];                                                                                      \
        }                                                                                                              \
    }

CLASSES(2)
CLASSES(4)
CLASSES(6)
CLASSES(8)
CLASSES(10)

static void classes(const float *x, const float *t, uint32_t len, uint32_t block, float *partial) {
    switch (block) {
    case 2:
        classes_2(x, t, len, partial);
        break;
    case 4:
        classes_4(x, t, len, partial);
        break;
    case 6:
        classes_6(x, t, len, partial);
        break;
    case 8:
        classes_8(x, t, len, partial);
        break;
    default:
        classes_10(x, t, len, partial);
        break;
    }
}

void ep_gaussian_nb_fma_f32__xpulp(const float *x, const float *table, float *partial, uint32_t features,
                                   uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(classes, 3, x, table, partial, features, block, chunk_len, first, begin, end);
}

void ep_gaussian_nb_combine_f32__xpulp(const float *partial, const float *base, float *jll, uint32_t block,
                                       uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        const float *p = partial + c / block * chunks * block + c % block;
        jll[c] = base[c] - ep_xpulp_strided_sum(p, block, chunks);
    }
}
