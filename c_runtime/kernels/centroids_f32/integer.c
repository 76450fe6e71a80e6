// SPDX-License-Identifier: Apache-2.0
// Squared distances to centroids on cores without FPU: as integers with an exponent, rounded to float once a chunk.
#include "wide.h"

#include "ep/centroids_f32.h"
#include "ep/math.h"

void ep_centroids_f32__integer(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                               uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / rows;
    uint32_t row = begin - chunk * rows;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t first = chunk * chunk_len;
        uint32_t len = cols - first < chunk_len ? cols - first : chunk_len;
        const float *c = centroids + row * stride + first;
        const float *v = x + first;
        ep_wide_t sum = EP_WIDE_ZERO;
        for (const float *stop = v + len; v != stop; v++, c++) {
            ep_wide_add_square(&sum, ep_wide_subtract(ep_wide(ep_bits_f32(*v)), ep_wide(ep_bits_f32(*c))));
        }
        partial[u] = ep_wide_to_float(sum);
        row++;
        if (row == rows) {
            row = 0;
            chunk++;
        }
    }
}
