// SPDX-License-Identifier: Apache-2.0
#include "ep/centroids_f32.h"
#include "ep/math.h"

void ep_centroids_f32__ref(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                           uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / rows;
    uint32_t row = begin - chunk * rows;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t first = chunk * chunk_len;
        uint32_t len = cols - first < chunk_len ? cols - first : chunk_len;
        const float *c = centroids + row * stride + first;
        const float *v = x + first;
        float d = v[0] - c[0];
        float sum = d * d;
        for (uint32_t i = 1; i < len; i++) {
            d = v[i] - c[i];
            sum += d * d;
        }
        partial[u] = sum;
        row++;
        if (row == rows) {
            row = 0;
            chunk++;
        }
    }
}

void ep_centroids_combine_f32__ref(const float *partial, float *squares, float *distances, uint32_t rows,
                                   uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        float sum = partial[r];
        for (uint32_t k = 1; k < chunks; k++) {
            sum += partial[k * rows + r];
        }
        squares[r] = sum;
        if (distances != 0) {
            distances[r] = ep_sqrt_f32(sum);
        }
    }
}

void ep_root_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = ep_sqrt_f32(x[i]);
    }
}
