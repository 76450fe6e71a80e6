// SPDX-License-Identifier: Apache-2.0
#include "ep/dense_f32.h"
#include "ep/dense_inline.h"
#include "ep/math.h"

static void rows(const float *x, const float *weights, uint32_t len, uint32_t block, float *partial) {
    for (uint32_t r = 0; r < block; r++) {
        const float *w = weights + r;
        float sum = w[0] * x[0];
        for (uint32_t i = 1; i < len; i++) {
            sum += w[i * block] * x[i];
        }
        partial[r] = sum;
    }
}

static void rows_fma(const float *x, const float *weights, uint32_t len, uint32_t block, float *partial) {
    for (uint32_t r = 0; r < block; r++) {
        const float *w = weights + r;
        float sum = w[0] * x[0];
        for (uint32_t i = 1; i < len; i++) {
            sum = ep_fma_f32(w[i * block], x[i], sum);
        }
        partial[r] = sum;
    }
}

void ep_dense_f32__ref(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                       uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(rows, 1, x, weights, partial, cols, block, chunk_len, first, begin, end);
}

void ep_dense_segments_f32__ref(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                uint32_t block, uint32_t segments, uint32_t begin, uint32_t end) {
    ep_dense_segments(rows, x, weights, starts, partial, block, segments, begin, end);
}

void ep_dense_fma_f32__ref(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    ep_chunks(rows_fma, 1, x, weights, partial, cols, block, chunk_len, first, begin, end);
}

void ep_dense_segments_fma_f32__ref(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end) {
    ep_dense_segments(rows_fma, x, weights, starts, partial, block, segments, begin, end);
}

void ep_dense_combine_f32__ref(const float *partial, const float *bias, float *y, uint32_t block, uint32_t chunks,
                               uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        // The first block needs no division, which takes some processors 35 cycles.
        const float *p = partial + (r < block ? r : r / block * chunks * block + r % block);
        float sum = p[0];
        for (uint32_t k = 1; k < chunks; k++) {
            sum += p[k * block];
        }
        y[r] = sum + bias[r];
    }
}
