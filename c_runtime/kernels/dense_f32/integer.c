// SPDX-License-Identifier: Apache-2.0
// Dense layer on cores without FPU: products and sums as integers with an exponent, rounded to float once a chunk. Rows
// in pairs share each x, and a 0 is passed over.
#include "wide.h"

#include "ep/dense_f32.h"
#include "ep/dense_inline.h"
#include "ep/math.h"

// Adds x w, where x is not 0.
EP_INLINE void multiply_add(ep_wide_t *sum, ep_wide_magnitude_t x, uint32_t x_bits, uint32_t w_bits) {
    if (EP_RARELY(w_bits << 1 == 0)) {
        return;
    }
    ep_wide_add(sum, ep_wide_product(x, ep_wide_magnitude(w_bits)), (int32_t)(x_bits ^ w_bits) >> 31);
}

static void rows_2(const float *x, const float *w, uint32_t block, uint32_t len, float *sums) {
    ep_wide_t s0 = EP_WIDE_ZERO;
    ep_wide_t s1 = EP_WIDE_ZERO;
    for (const float *stop = x + len; x != stop; x++, w += block) {
        uint32_t bits = ep_bits_f32(*x);
        if (bits << 1 != 0) {
            const ep_wide_magnitude_t size = ep_wide_magnitude(bits);
            multiply_add(&s0, size, bits, ep_bits_f32(w[0]));
            multiply_add(&s1, size, bits, ep_bits_f32(w[1]));
        }
    }
    sums[0] = ep_wide_to_float(s0);
    sums[1] = ep_wide_to_float(s1);
}

static void rows_1(const float *x, const float *w, uint32_t block, uint32_t len, float *sums) {
    ep_wide_t sum = EP_WIDE_ZERO;
    for (const float *stop = x + len; x != stop; x++, w += block) {
        uint32_t bits = ep_bits_f32(*x);
        if (bits << 1 != 0) {
            multiply_add(&sum, ep_wide_magnitude(bits), bits, ep_bits_f32(*w));
        }
    }
    sums[0] = ep_wide_to_float(sum);
}

static void rows(const float *x, const float *w, uint32_t len, uint32_t block, float *sums) {
    uint32_t r = 0;
    for (; r + 2 <= block; r += 2) {
        rows_2(x, w + r, block, len, sums + r);
    }
    if (r < block) {
        rows_1(x, w + r, block, len, sums + r);
    }
}

void ep_dense_f32__integer(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    // Not by ep_chunks: this form shows the optimiser, which knows the sizes, that chunks are of one length, and
    // takes 3 % fewer cycles.
    uint32_t chunks = (cols - 1u) / chunk_len + 1u;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t start = (first + u) % chunks * chunk_len;
        uint32_t len = cols - start < chunk_len ? cols - start : chunk_len;
        rows(x + start, weights + u * block * chunk_len, len, block, partial + u * block);
    }
}

void ep_dense_segments_f32__integer(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end) {
    ep_dense_segments(rows, x, weights, starts, partial, block, segments, begin, end);
}
