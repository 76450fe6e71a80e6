// SPDX-License-Identifier: Apache-2.0
// First the largest value in a hardware loop, without a branch, then where it is. Elements go in pairs, since what a
// load or the FPU answers is used two instructions later; where n is odd, the first one is looked at alone.
#include "ep/xpulp.h"
#include "ep/argmax.h"
#include "ep/argmax_inline.h"
#include "ep/math.h"

// For NaN, infinities of both signs, and zero, which has two forms.
static __attribute__((noinline)) uint32_t any_argmax(const float *x, uint32_t n) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] != x[i]) {
            return i;
        }
        at = x[i] > x[at] ? i : at;
    }
    return at;
}

// A sum of the elements shows NaN.
uint32_t ep_argmax_f32__xpulp(const float *x, uint32_t n) {
    float most0 = x[0];
    float most1 = most0;
    if (n < 2u) {
        return 0;
    }
    float sum0 = most0;
    float sum1 = 0.0f;
    const float *p = x + n % 2u;
    float a;
    float b = most0;
    register uint32_t pairs __asm__("t0") = n / 2u;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[p]), 4\n"
                                      "fmax.s %[most1], %[most1], %[b]\n"
                                      "fadd.s %[sum1], %[sum1], %[b]\n"
                                      "cv.lw %[b], (%[p]), 4\n"
                                      "fmax.s %[most0], %[most0], %[a]\n"
                                      "fadd.s %[sum0], %[sum0], %[a]\n")
                     : [most0] "+&r"(most0), [most1] "+&r"(most1), [sum0] "+&r"(sum0), [sum1] "+&r"(sum1), [p] "+&r"(p),
                       [a] "=&r"(a), [b] "+&r"(b)
                     : "r"(pairs)
                     : "memory");
    most1 = b > most1 ? b : most1;
    float most = most0 > most1 ? most0 : most1;
    float sum = sum0 + sum1 + b;
    if (__builtin_expect(sum != sum || most == 0.0f, 0)) {
        return any_argmax(x, n);
    }
    return most == x[0] ? 0 : ep_place_of((const int32_t *)(const void *)x, n, (int32_t)ep_bits_f32(most));
}
