// SPDX-License-Identifier: Apache-2.0
// Squared distances on cores without FPU: as integers with an exponent, rounded to float once a row.
#include "wide.h"

#include "ep/distances_f32.h"
#include "ep/math.h"

void ep_sqeuclidean_f32__integer(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        ep_wide_t sum = EP_WIDE_ZERO;
        for (uint32_t i = 0; i < cols; i++) {
            ep_wide_add_square(&sum, ep_wide_subtract(ep_wide(ep_bits_f32(x[i])), ep_wide(ep_bits_f32(row[i]))));
        }
        out[r] = ep_wide_to_float(sum);
    }
}
