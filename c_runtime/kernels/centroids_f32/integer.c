// SPDX-License-Identifier: Apache-2.0
// Squared distances to centroids on cores without FPU: as integers with an exponent, rounded to float once a chunk.
#include "wide.h"

#include "ep/centroids_f32.h"
#include "ep/math.h"

void ep_centroids_f32__integer(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                               uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    uint32_t chunks = (cols - 1u) / chunk_len + 1u;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t start = (first + u) % chunks * chunk_len;
        uint32_t len = cols - start < chunk_len ? cols - start : chunk_len;
        for (uint32_t r = 0; r < block; r++) {
            const float *c = centroids + u * block * chunk_len + r;
            const float *v = x + start;
            ep_wide_t sum = EP_WIDE_ZERO;
            for (const float *stop = v + len; v != stop; v++, c += block) {
                ep_wide_add_square(&sum, ep_wide_subtract(ep_wide(ep_bits_f32(*v)), ep_wide(ep_bits_f32(*c))));
            }
            partial[u * block + r] = ep_wide_to_float(sum);
        }
    }
}
