// SPDX-License-Identifier: Apache-2.0
// Products of features on CV32E40P: a run is a vector times a number, twice two elements in a hardware loop with
// post-increment loads and stores. The result of a float operation, or of a load that feeds one, is there two
// instructions later.
#include "ep/xpulp.h"
#include "ep/columns_f32.h"

// y[i] = v[i] * factor for i in [0, n); v may be y. 6 cycles for 2 elements.
static inline void times(const float *v, float factor, float *y, uint32_t n) {
    register uint32_t count __asm__("t0") = n / 2;
    if (count != 0) {
        float v0, v1;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[v0], (%[v]), 4\n"
                                          "cv.lw %[v1], (%[v]), 4\n"
                                          "fmul.s %[v0], %[v0], %[f]\n"
                                          "fmul.s %[v1], %[v1], %[f]\n"
                                          "cv.sw %[v0], (%[y]), 4\n"
                                          "cv.sw %[v1], (%[y]), 4\n")
                         : [v] "+&r"(v), [y] "+&r"(y), [v0] "=&r"(v0), [v1] "=&r"(v1)
                         : "r"(count), [f] "r"(factor)
                         : "memory");
    }
    if (n % 2 != 0) {
        *y = *v * factor;
    }
}

void ep_products_f32__xpulp(const float *x, const uint32_t *starts, const uint16_t *factors, float *y, uint32_t runs,
                            uint32_t features, uint32_t degree, uint32_t begin, uint32_t end) {
    uint32_t run = ep_run_of_term(starts, runs, begin);
    for (uint32_t k = begin; k < end; run++) {
        const uint16_t *factor = factors + run * degree;
        const uint32_t stop = starts[run + 1] < end ? starts[run + 1] : end;
        if (factor[0] == features) {
            for (uint32_t i = k; i < stop; i++) {
                y[i] = 1.0f;
            }
            k = stop;
            continue;
        }
        const float second = degree > 1 && factor[1] != features ? x[factor[1]] : 1.0f;
        times(x + factor[0] + (k - starts[run]), second, y + k, stop - k);
        for (uint32_t d = 2; d < degree && factor[d] != features; d++) {
            times(y + k, x[factor[d]], y + k, stop - k);
        }
        k = stop;
    }
}
