// SPDX-License-Identifier: Apache-2.0
#include "ep/dense_f32.h"

void ep_dense_f32__ref(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
                       uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / rows;
    uint32_t row = begin - chunk * rows;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t first = chunk * chunk_len;
        uint32_t len = cols - first < chunk_len ? cols - first : chunk_len;
        const float *w = weights + row * stride + first;
        const float *v = x + first;
        float sum = w[0] * v[0];
        for (uint32_t i = 1; i < len; i++) {
            sum += w[i] * v[i];
        }
        partial[u] = sum;
        row++;
        if (row == rows) {
            row = 0;
            chunk++;
        }
    }
}

void ep_dense_combine_f32__ref(const float *partial, const float *bias, float *y, uint32_t rows, uint32_t chunks,
                               uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        float sum = partial[r];
        for (uint32_t k = 1; k < chunks; k++) {
            sum += partial[k * rows + r];
        }
        y[r] = sum + bias[r];
    }
}
