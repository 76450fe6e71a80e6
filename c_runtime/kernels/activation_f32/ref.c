// SPDX-License-Identifier: Apache-2.0
#include "ep/activation_f32.h"
#include "ep/math.h"

#define INFINITY_BITS 0x7f800000u

// NaN in x[0] stays, NaN elsewhere is passed over: the sums that follow carry it on.
static float largest(const float *x, uint32_t n) {
    float max = x[0];
    for (uint32_t i = 1; i < n; i++) {
        max = x[i] > max ? x[i] : max;
    }
    return max;
}

void ep_softmax_exp_f32__ref(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end) {
    float max = largest(x, n);
    for (uint32_t i = begin; i < end; i++) {
        e[i] = ep_exp_f32(x[i] - max);
    }
}

void ep_softmax_divide_f32__ref(const float *e, float *y, uint32_t n, uint32_t begin, uint32_t end) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        sum += e[i];
    }
    for (uint32_t i = begin; i < end; i++) {
        y[i] = e[i] / sum;
    }
}

void ep_softmax_f32__ref(const float *x, float *y, uint32_t n) {
    ep_softmax_exp_f32__ref(x, y, n, 0, n);
    ep_softmax_divide_f32__ref(y, y, n, 0, n);
}

void ep_softmax_zero_f32__ref(const float *x, float *y, uint32_t n) {
    float max = largest(x, n);
    float of_zero = ep_exp_f32(-max);
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] > 1e-7f || x[i] < -1e-7f) {
            y[i] = ep_exp_f32(x[i] - max);
            sum += y[i];
        } else {
            y[i] = x[i] * of_zero;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        y[i] = sum == 0.0f ? 0.0f : y[i] / sum;
    }
}

void ep_exponential_f32__ref(const float *x, float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        y[i] = ep_exp_f32(x[i]);
    }
}

void ep_logistic_f32__ref(const float *x, float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        float v = x[i];
        float e = ep_exp_f32(v < 0.0f ? v : -v);
        y[i] = (v < 0.0f ? e : 1.0f) / (1.0f + e);
    }
}

void ep_binary_logistic_f32__ref(float s, float *y) {
    float e = ep_exp_f32(s < 0.0f ? s : -s);
    float total = 1.0f + e;
    y[0] = (s < 0.0f ? 1.0f : e) / total;
    y[1] = (s < 0.0f ? e : 1.0f) / total;
}

void ep_complement_f32__ref(float p, float *y) {
    y[0] = 1.0f - p;
    y[1] = p;
}

float ep_log_sum_exp_f32__ref(const float *x, uint32_t n) {
    float max = x[0];
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] != x[i]) {
            return x[i];
        }
        max = x[i] > max ? x[i] : max;
    }
    if ((ep_bits_f32(max) & 0x7fffffffu) == INFINITY_BITS) {
        return max;
    }
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        sum += ep_exp_f32(x[i] - max);
    }
    return max + ep_log_f32(sum);
}
