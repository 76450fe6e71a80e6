// SPDX-License-Identifier: Apache-2.0
// Sums of squares on CV32E40P: classes in pairs that share each x, in hardware loops with post-increment loads. Floats
// lie in integer registers (Zfinx).
//
// The result of a float operation, or of a load that feeds one, is there two instructions later. So two chains run in
// turn, and the second is finished in the next iteration; the first iteration finishes a chain of zeros, and adding the
// square of a zero changes no sum of squares.
#include "ep/xpulp.h"
#include "ep/gaussian_nb_f32.h"

static float squared(float d) {
    return d * d;
}

// Sums of 2 classes: 17 cycles for 2 squares.
static void classes_2(const float *x, const float *high, const float *low, const float *r, uint32_t stride,
                      uint32_t len, float *sums) {
    const float *h0 = high;
    const float *l0 = low;
    const float *r0 = r;
    const float *h1 = h0 + stride;
    const float *l1 = l0 + stride;
    const float *r1 = r0 + stride;
    float s0 = 0.0f;
    float s1 = 0.0f;
    float d1 = 0.0f;
    float b1 = 0.0f;
    float v, d0, a0, a1, b0;
    register uint32_t count __asm__("t0") = len;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v], (%[x]), 4\n"
                                      "cv.lw %[d0], (%[h0]), 4\n"
                                      "fmul.s %[d1], %[d1], %[b1]\n"
                                      "cv.lw %[a0], (%[l0]), 4\n"
                                      "fmul.s %[d1], %[d1], %[d1]\n"
                                      "fsub.s %[d0], %[v], %[d0]\n"
                                      "fadd.s %[s1], %[s1], %[d1]\n"
                                      "fsub.s %[d0], %[d0], %[a0]\n"
                                      "cv.lw %[d1], (%[h1]), 4\n"
                                      "cv.lw %[b0], (%[r0]), 4\n"
                                      "fsub.s %[d1], %[v], %[d1]\n"
                                      "fmul.s %[d0], %[d0], %[b0]\n"
                                      "cv.lw %[a1], (%[l1]), 4\n"
                                      "fmul.s %[d0], %[d0], %[d0]\n"
                                      "fsub.s %[d1], %[d1], %[a1]\n"
                                      "fadd.s %[s0], %[s0], %[d0]\n"
                                      "cv.lw %[b1], (%[r1]), 4\n")
                     : [s0] "+r"(s0), [s1] "+r"(s1), [x] "+r"(x), [h0] "+r"(h0), [h1] "+r"(h1), [l0] "+r"(l0),
                       [l1] "+r"(l1), [r0] "+r"(r0), [r1] "+r"(r1), [v] "=&r"(v), [d0] "=&r"(d0), [d1] "+r"(d1),
                       [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "+r"(b1)
                     : "r"(count)
                     : "memory");
    sums[0] = s0;
    sums[1] = s1 + squared(d1 * b1);
}

// Sum of 1 class: 18 cycles for 2 features.
static void classes_1(const float *x, const float *high, const float *low, const float *r, uint32_t len, float *sums) {
    float s = 0.0f;
    register uint32_t count __asm__("t0") = len / 2;
    if (count != 0) {
        float d1 = 0.0f;
        float b1 = 0.0f;
        float v0, v1, d0, a0, a1, b0;
        __asm__ volatile(
            EP_XPULP_LOOP_T0("cv.lw %[v0], (%[x]), 4\n"
                             "cv.lw %[d0], (%[h]), 4\n"
                             "fmul.s %[d1], %[d1], %[b1]\n"
                             "cv.lw %[v1], (%[x]), 4\n"
                             "fmul.s %[d1], %[d1], %[d1]\n"
                             "fsub.s %[d0], %[v0], %[d0]\n"
                             "fadd.s %[s], %[s], %[d1]\n"
                             "cv.lw %[a0], (%[l]), 4\n"
                             "cv.lw %[d1], (%[h]), 4\n"
                             "fsub.s %[d0], %[d0], %[a0]\n"
                             "cv.lw %[b0], (%[r]), 4\n"
                             "fsub.s %[d1], %[v1], %[d1]\n"
                             "fmul.s %[d0], %[d0], %[b0]\n"
                             "cv.lw %[a1], (%[l]), 4\n"
                             "fmul.s %[d0], %[d0], %[d0]\n"
                             "fsub.s %[d1], %[d1], %[a1]\n"
                             "fadd.s %[s], %[s], %[d0]\n"
                             "cv.lw %[b1], (%[r]), 4\n")
            : [s] "+r"(s), [x] "+r"(x), [h] "+r"(high), [l] "+r"(low), [r] "+r"(r), [v0] "=&r"(v0), [v1] "=&r"(v1),
              [d0] "=&r"(d0), [d1] "+r"(d1), [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "+r"(b1)
            : "r"(count)
            : "memory");
        s += squared(d1 * b1);
    }
    if (len % 2 != 0) {
        s += squared(((*x - *high) - *low) * *r);
    }
    sums[0] = s;
}

void ep_gaussian_nb_f32__xpulp(const float *x, const float *high, const float *low, const float *r, float *partial,
                               uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len, uint32_t begin,
                               uint32_t end) {
    uint32_t chunk = begin / classes;
    uint32_t class = begin - chunk * classes;
    uint32_t u = begin;
    while (u < end) {
        // Classes of one chunk, up to the last class or the end of the range.
        uint32_t first = chunk * chunk_len;
        uint32_t len = features - first < chunk_len ? features - first : chunk_len;
        uint32_t stop = end - u < classes - class ? end : u + (classes - class);
        const float *v = x + first;
        uint32_t at = class * stride + first;
        for (; stop - u >= 2; u += 2, at += 2 * stride) {
            classes_2(v, high + at, low + at, r + at, stride, len, partial + u);
        }
        if (stop - u >= 1) {
            classes_1(v, high + at, low + at, r + at, len, partial + u);
            u += 1;
        }
        class = 0;
        chunk++;
    }
}
