// SPDX-License-Identifier: Apache-2.0
// Sums of squares on cores without FPU: differences, products and sums as integers with an exponent, rounded to float
// once a chunk.
#include "wide.h"

#include "ep/gaussian_nb_f32.h"
#include "ep/math.h"

// Adds ((x - high) - low)^2 r^2; r is a normal number above 0, or 0 where a block is padded.
EP_INLINE void add_square(ep_wide_t *sum, uint32_t x, uint32_t high, uint32_t low, uint32_t r) {
    ep_wide_t d = ep_wide_subtract(ep_wide(x), ep_wide(high));
    d = ep_wide_subtract(ep_wide_normalize(d), ep_wide(low));
    if (EP_RARELY(d.mantissa == 0) || EP_RARELY(r == 0)) {
        return;
    }
    ep_wide_magnitude_t z = ep_wide_product(ep_wide_size(d), ep_wide_magnitude(r));
    // Bit 31 set, so that the square keeps 30 bits.
    uint32_t up = z.mantissa >> 31 ^ 1u;
    z.mantissa <<= up;
    z.exponent -= (int32_t)up;
    ep_wide_add(sum, ep_wide_product(z, z), 0);
}

void ep_gaussian_nb_f32__integer(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    uint32_t chunks = (features - 1u) / chunk_len + 1u;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t start = (first + u) % chunks * chunk_len;
        uint32_t len = features - start < chunk_len ? features - start : chunk_len;
        for (uint32_t c = 0; c < block; c++) {
            const float *t = table + 3 * (u * block * chunk_len + c);
            ep_wide_t sum = EP_WIDE_ZERO;
            for (uint32_t i = 0; i < len; i++, t += 3 * block) {
                add_square(&sum, ep_bits_f32(x[start + i]), ep_bits_f32(t[0]), ep_bits_f32(t[1]), ep_bits_f32(t[2]));
            }
            partial[u * block + c] = ep_wide_to_float(sum);
        }
    }
}
