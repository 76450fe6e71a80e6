// SPDX-License-Identifier: Apache-2.0
#include "ep/similarity_f32.h"

#include "ep/exp_inline.h"
#include "ep/math.h"

// Where exp is 0 already, for z <= 0; a NaN stays.
static inline float limited(float z) {
    return z < -104.0f ? -104.0f : z;
}

static float exp_negative(float z) {
    const float both[2] = {limited(z), 0.0f};
    float y[2];
    ep_exp_pair_f32(both, y);
    return y[0];
}

void ep_rbf_f32__ref(const float *x, float *y, float gamma, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r += 2) {
        uint32_t other = r + 1 < end ? r + 1 : r;
        const float z[2] = {limited(x[r] * -gamma), limited(x[other] * -gamma)};
        float e[2];
        ep_exp_pair_f32(z, e);
        y[r] = e[0];
        y[other] = e[1];
    }
}

void ep_polynomial_f32__ref(const float *x, float *y, float gamma, float coef0, uint32_t degree, uint32_t begin,
                            uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        float z = gamma * x[r] + coef0;
        float product = degree == 0 ? 1.0f : z;
        for (uint32_t k = 1; k < degree; k++) {
            product *= z;
        }
        y[r] = product;
    }
}

void ep_sigmoid_f32__ref(const float *x, float *y, float gamma, float coef0, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        float z = gamma * x[r] + coef0;
        // (1 - t) / (1 + t) with t = exp(-2 |z|) <= 1, and the sign of z.
        float t = exp_negative(-2.0f * ep_from_bits_f32(ep_bits_f32(z) & 0x7fffffffu));
        float magnitude = (1.0f - t) / (1.0f + t);
        y[r] = z < 0.0f ? -magnitude : magnitude;
    }
}

void ep_cosine_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        float distance = 1.0f - x[r];
        y[r] = distance < 0.0f ? 0.0f : distance;
    }
}
