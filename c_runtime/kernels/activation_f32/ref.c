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

// The quantile of p is (2p - 1) g(w) with w = -log(4 p (1 - p)), g smooth: it behaves as sqrt(2 w) for large w.
static float quantile(float p) {
    if (p == 0.0f || p == 1.0f) {
        return ep_from_bits_f32(p == 0.0f ? 0x80000000u | INFINITY_BITS : INFINITY_BITS);
    }
    float w = -ep_log_f32(4.0f * (p * (1.0f - p))); // NaN outside [0, 1]
    float g;
    if (w <= 5.0f) {
        float t = w - 2.5f;
        g = -0x1.bc10c4p-27f;
        g = g * t + 0x1.020a84p-25f;
        g = g * t + 0x1.657940p-21f;
        g = g * t - 0x1.4627f4p-18f;
        g = g * t - 0x1.d8ee6ap-18f;
        g = g * t + 0x1.439fb6p-12f;
        g = g * t - 0x1.d06a72p-10f;
        g = g * t - 0x1.832778p-8f;
        g = g * t + 0x1.652c5cp-2f;
        g = g * t + 0x1.0fc8bcp+1f;
    } else if (w <= 16.5f) {
        float t = ep_sqrt_f32(w) - 3.0f;
        g = -0x1.c2547cp-13f;
        g = g * t + 0x1.d0334ep-14f;
        g = g * t + 0x1.dab9cep-10f;
        g = g * t - 0x1.52770ap-8f;
        g = g * t + 0x1.0b687ep-7f;
        g = g * t - 0x1.617756p-7f;
        g = g * t + 0x1.b535fap-7f;
        g = g * t + 0x1.6aa514p+0f;
        g = g * t + 0x1.00696cp+2f;
    } else {
        float t = ep_sqrt_f32(w) - 7.0f;
        g = 0x1.8229e2p-26f;
        g = g * t - 0x1.20b546p-23f;
        g = g * t + 0x1.6655c4p-22f;
        g = g * t - 0x1.e9a506p-20f;
        g = g * t + 0x1.306374p-17f;
        g = g * t + 0x1.fdff30p-18f;
        g = g * t - 0x1.7c9416p-11f;
        g = g * t + 0x1.6d269ep+0f;
        g = g * t + 0x1.36db3ap+3f;
    }
    return (p - 0.5f) * (g + g);
}

void ep_probit_f32__ref(const float *x, float *y, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        y[i] = quantile(x[i]);
    }
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
