// SPDX-License-Identifier: Apache-2.0
#include "ep/distances_f32.h"

#include "ep/math.h"

// By the sign bit: a NaN stays one.
static float magnitude(float d) {
    return ep_from_bits_f32(ep_bits_f32(d) & 0x7fffffffu);
}

void ep_sqeuclidean_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            float d = x[i] - row[i];
            sum += d * d;
        }
        out[r] = sum;
    }
}

void ep_sqeuclidean_fma_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            float d = x[i] - row[i];
            sum = ep_fma_f32(d, d, sum);
        }
        out[r] = sum;
    }
}

void ep_manhattan_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            sum += magnitude(x[i] - row[i]);
        }
        out[r] = sum;
    }
}

void ep_chebyshev_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        // Magnitudes are in the order of their bits, and NaN comes last.
        uint32_t largest = 0;
        for (uint32_t i = 0; i < cols; i++) {
            uint32_t bits = ep_bits_f32(x[i] - row[i]) & 0x7fffffffu;
            largest = bits > largest ? bits : largest;
        }
        out[r] = ep_from_bits_f32(largest);
    }
}

void ep_power_distance_f32__ref(const float *x, const float *rows, float *out, uint32_t power, uint32_t cols,
                                uint32_t stride, uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            float d = magnitude(x[i] - row[i]);
            float product = d;
            for (uint32_t k = 1; k < power; k++) {
                product *= d;
            }
            sum += product;
        }
        out[r] = sum;
    }
}

void ep_minkowski_f32__ref(const float *x, const float *rows, float *out, float power, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; r++) {
        const float *row = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            // log 0 is -infinity, whose exponential is 0.
            sum += ep_exp_f32(power * ep_log_f32(magnitude(x[i] - row[i])));
        }
        out[r] = sum;
    }
}
