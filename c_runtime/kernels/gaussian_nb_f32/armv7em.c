// SPDX-License-Identifier: Apache-2.0
// Sums of squares on Cortex-M4F: classes in pairs that share each x, two chains side by side, so that no operation
// waits for the one before. The six words of a pair lie side by side and come in one load, 7 cycles.
#include "ep/chunks_inline.h"
#include "ep/gaussian_nb_f32.h"

// `skip_bytes` lie between a pair and the same classes' next feature.
static void classes_2(const float *x, const float *table, uint32_t skip_bytes, uint32_t len, float *sums) {
    __asm__ volatile("vmov s0, %[zero]\n"
                     "vmov s1, %[zero]\n"
                     "1:\n"
                     "vldmia %[table]!, {s2-s7}\n"
                     "vldmia %[x]!, {s8}\n"
                     "add %[table], %[skip_bytes]\n"
                     "vsub.f32 s2, s8, s2\n"
                     "vsub.f32 s5, s8, s5\n"
                     "vsub.f32 s2, s2, s3\n"
                     "vsub.f32 s5, s5, s6\n"
                     "vmul.f32 s2, s2, s4\n"
                     "vmul.f32 s5, s5, s7\n"
                     "vmul.f32 s2, s2, s2\n"
                     "vmul.f32 s5, s5, s5\n"
                     "subs %[len], #1\n"
                     "vadd.f32 s0, s0, s2\n"
                     "vadd.f32 s1, s1, s5\n"
                     "bne 1b\n"
                     "vstmia %[sums], {s0-s1}\n"
                     : [x] "+&r"(x), [table] "+&r"(table), [len] "+&r"(len)
                     : [zero] "r"(0), [skip_bytes] "r"(skip_bytes), [sums] "r"(sums)
                     : "memory", "cc", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8");
}

static void classes_1(const float *x, const float *table, uint32_t step, uint32_t len, float *sums) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < len; i++) {
        float d = ((x[i] - table[0]) - table[1]) * table[2];
        sum += d * d;
        table += step;
    }
    sums[0] = sum;
}

static void classes(const float *x, const float *table, uint32_t len, uint32_t block, float *partial) {
    uint32_t c = 0;
    for (; c + 2 <= block; c += 2) {
        classes_2(x, table + 3 * c, 12 * (block - 2), len, partial + c);
    }
    if (c < block) {
        classes_1(x, table + 3 * c, 3 * block, len, partial + c);
    }
}

void ep_gaussian_nb_f32__armv7em(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(classes, 3, x, table, partial, features, block, chunk_len, first, begin, end);
}
