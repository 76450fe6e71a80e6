// SPDX-License-Identifier: Apache-2.0
#include "ep/math.h"
#include "ep/one_vs_rest_f32.h"

// exp(709.78...) is the last that a double holds; the float next to it. p of a lower score is 0.
#define LEAST_SCORE (-709.78271f)

static void to_shares(float *y, uint32_t n) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        sum += y[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        y[i] = sum == 0.0f ? 1.0f / (float)n : y[i] / sum;
    }
}

void ep_one_vs_rest_f32__ref(const float *x, float *y, uint32_t n) {
    float max = x[0];
    for (uint32_t i = 1; i < n; i++) {
        max = x[i] > max ? x[i] : max;
    }
    float shift = max < 0.0f ? max : 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        float v = x[i];
        // A positive score leaves the shift at 0, so both are scaled alike. A NaN takes the last branch.
        if (v < LEAST_SCORE) {
            y[i] = 0.0f;
        } else if (v <= 0.0f) {
            y[i] = ep_exp_f32(v - shift) / (1.0f + ep_exp_f32(v));
        } else {
            y[i] = 1.0f / (1.0f + ep_exp_f32(-v));
        }
    }
    to_shares(y, n);
}

// Written so that a NaN, for which no comparison holds, passes through.
static float half_open(float s) {
    float v = s < -1.0f ? -1.0f : s;
    v = v > 1.0f ? 1.0f : v;
    return (v + 1.0f) / 2.0f;
}

void ep_modified_huber_f32__ref(const float *x, float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        y[i] = half_open(x[i]);
    }
    to_shares(y, n);
}

void ep_binary_modified_huber_f32__ref(float s, float *y) {
    float p = half_open(s);
    y[0] = 1.0f - p;
    y[1] = p;
}
