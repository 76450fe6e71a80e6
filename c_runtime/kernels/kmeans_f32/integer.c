// SPDX-License-Identifier: Apache-2.0
// Assignment on cores without FPU: squared distances as integers with an exponent, rounded to float once a centroid,
// and compared by their bits.
#include "wide.h"

#include "ep/kmeans_f32.h"
#include "ep/math.h"

void ep_kmeans_assign_f32__integer(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                   float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end) {
    for (uint32_t s = begin; s < end; s++) {
        const float *v = x + s * cols;
        uint32_t best = EP_INFINITY;
        uint32_t label = 0;
        for (uint32_t r = 0; r < rows; r++) {
            const float *c = centroids + r * stride;
            ep_wide_t sum = EP_WIDE_ZERO;
            for (uint32_t i = 0; i < cols; i++) {
                ep_wide_add_square(&sum, ep_wide_subtract(ep_wide(ep_bits_f32(v[i])), ep_wide(ep_bits_f32(c[i]))));
            }
            // Squares are not negative: larger ones have larger bits.
            uint32_t bits = ep_bits_f32(ep_wide_to_float(sum));
            if (bits < best) {
                best = bits;
                label = r;
            }
        }
        *changed += labels[s] != (int32_t)label;
        labels[s] = (int32_t)label;
        nearest[s] = ep_from_bits_f32(best);
        *inertia += nearest[s];
    }
}
