// SPDX-License-Identifier: Apache-2.0
#include "ep/math.h"
#include "ep/normalize_f32.h"

static float magnitude(float x) {
    return ep_from_bits_f32(ep_bits_f32(x) & 0x7fffffffu);
}

// A NaN is not replaced: it must reach the result.
static float or_one(float norm, float smallest) {
    return norm == 0.0f || norm < smallest ? 1.0f : norm;
}

static float largest_magnitude(const float *x, uint32_t n) {
    // Magnitudes of floats are ordered as their bits are, with NaN above all: integers find the maximum.
    uint32_t largest = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits = ep_bits_f32(x[i]) & 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    return ep_from_bits_f32(largest);
}

float ep_norm_l1_f32__ref(const float *x, uint32_t n, float smallest) {
    float sum = magnitude(x[0]);
    for (uint32_t i = 1; i < n; i++) {
        sum += magnitude(x[i]);
    }
    return or_one(sum, smallest);
}

float ep_norm_l2_f32__ref(const float *x, uint32_t n, float smallest) {
    float largest = largest_magnitude(x, n);
    uint32_t exponent = ep_bits_f32(largest) >> 23;
    if (exponent == 255u) {
        return largest; // infinity or NaN
    }
    // down = 2^-e and up = 2^e with e the exponent of the largest feature, kept where both are normal numbers: the
    // largest scaled feature lies in [1, 4), or below 1 when it was denormal, and scaling it is exact.
    exponent = exponent < 1u ? 1u : exponent > 253u ? 253u : exponent;
    float down = ep_from_bits_f32((254u - exponent) << 23);
    float up = ep_from_bits_f32(exponent << 23);
    float first = x[0] * down;
    float sum = first * first;
    for (uint32_t i = 1; i < n; i++) {
        float scaled = x[i] * down;
        sum += scaled * scaled;
    }
    return or_one(ep_sqrt_f32(sum) * up, smallest);
}

float ep_norm_max_f32__ref(const float *x, uint32_t n, float smallest) {
    return or_one(largest_magnitude(x, n), smallest);
}

void ep_divide_f32__ref(const float *x, float norm, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] / norm;
    }
}
