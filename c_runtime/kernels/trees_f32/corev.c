// SPDX-License-Identifier: Apache-2.0
#include "ep/trees_f32.h"
#include "ep/xpulp.h"

// Two outputs at a time; the second of the last pair may be a word that is not asked for, of the cores' own rows.
void ep_sum_i32__corev(const int32_t *acc, int32_t *out, uint32_t cores, uint32_t stride, uint32_t begin,
                       uint32_t end) {
    uint32_t back = (stride - 1u) * (uint32_t)sizeof *acc;
    for (uint32_t k = begin; k < end; k += 2u) {
        const int32_t *from = acc + k;
        int32_t sum = 0, next = 0, a, b;
        register uint32_t rows __asm__("t0") = cores - 1u;
        if (rows != 0u) {
            __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[from]), 4\n"
                                              "cv.lw %[b], (%[from]), %[back]\n"
                                              "add %[sum], %[sum], %[a]\n"
                                              "add %[next], %[next], %[b]\n")
                             : [from] "+&r"(from), [sum] "+&r"(sum), [next] "+&r"(next), [a] "=&r"(a), [b] "=&r"(b)
                             : "r"(rows), [back] "r"(back)
                             : "memory");
        }
        out[k] = sum + from[0];
        if (k + 1u < end) {
            out[k + 1u] = next + from[1];
        }
    }
}
