// SPDX-License-Identifier: Apache-2.0
#include "ep/similarity_f32.h"

#include "ep/exp_inline.h"
#include "ep/math.h"

// exp of z <= 0 without a branch: a choice of two values, so that several run side by side.
static inline float exp_negative(float z) {
    float y = ep_exp_inner_f32(z < -104.0f ? -104.0f : z);
    y = z < -104.0f ? 0.0f : y;
    return z <= 0.0f ? y : z; // NaN
}

void ep_rbf_f32__ref(const float *x, float *y, float gamma, uint32_t begin, uint32_t end) {
    uint32_t r = begin;
    for (; end - r >= 2; r += 2) {
        float z0 = x[r] * -gamma;
        float z1 = x[r + 1] * -gamma;
        float y0 = exp_negative(z0);
        float y1 = exp_negative(z1);
        y[r] = y0;
        y[r + 1] = y1;
    }
    if (r < end) {
        y[r] = exp_negative(x[r] * -gamma);
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
