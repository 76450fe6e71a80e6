// SPDX-License-Identifier: Apache-2.0
#include "ep/centroids_f32.h"
#include "ep/math.h"

// Columns of a unit's chunk, and where they start.
typedef struct {
    uint32_t start;
    uint32_t len;
} chunk_t;

static chunk_t chunk_of(uint32_t unit, uint32_t cols, uint32_t chunk_len) {
    uint32_t chunks = (cols - 1u) / chunk_len + 1u;
    uint32_t start = unit % chunks * chunk_len;
    chunk_t chunk = {start, cols - start < chunk_len ? cols - start : chunk_len};
    return chunk;
}

void ep_centroids_f32__ref(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, cols, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t r = 0; r < block; r++) {
            const float *c = centroids + u * block * chunk_len + r;
            float d = v[0] - c[0];
            float sum = d * d;
            for (uint32_t i = 1; i < chunk.len; i++) {
                d = v[i] - c[i * block];
                sum += d * d;
            }
            partial[u * block + r] = sum;
        }
    }
}

void ep_centroids_fma_f32__ref(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                               uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, cols, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t r = 0; r < block; r++) {
            const float *c = centroids + u * block * chunk_len + r;
            float d = v[0] - c[0];
            float sum = d * d;
            for (uint32_t i = 1; i < chunk.len; i++) {
                d = v[i] - c[i * block];
                sum = ep_fma_f32(d, d, sum);
            }
            partial[u * block + r] = sum;
        }
    }
}

void ep_centroids_combine_f32__ref(const float *partial, float *squares, float *distances, uint32_t block,
                                   uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *p = partial + (r < block ? r : r / block * chunks * block + r % block);
        float sum = p[0];
        for (uint32_t k = 1; k < chunks; k++) {
            sum += p[k * block];
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
