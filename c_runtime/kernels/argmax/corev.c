// SPDX-License-Identifier: Apache-2.0
// First the largest value in a hardware loop, without a branch, then where it is. Elements go in pairs, since a load is
// used two instructions later; where n is odd, the first one is looked at alone.
#include "ep/argmax.h"
#include "ep/argmax_inline.h"
#include "ep/xpulp.h"

uint32_t ep_argmax_i32__corev(const int32_t *x, uint32_t n) {
    int32_t most = x[0];
    if (n < 2u) {
        return 0;
    }
    const int32_t *p = x + n % 2u;
    register uint32_t pairs __asm__("t0") = n / 2u;
    int32_t a, b;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[p]), 4\n"
                                      "cv.lw %[b], (%[p]), 4\n"
                                      "cv.max %[most], %[most], %[a]\n"
                                      "cv.max %[most], %[most], %[b]\n")
                     : [most] "+&r"(most), [p] "+&r"(p), [a] "=&r"(a), [b] "=&r"(b)
                     : "r"(pairs)
                     : "memory");
    return most == x[0] ? 0 : ep_place_of(x, n, most);
}
