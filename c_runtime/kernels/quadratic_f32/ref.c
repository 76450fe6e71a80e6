// SPDX-License-Identifier: Apache-2.0
#include "ep/activation_f32.h"
#include "ep/quadratic_f32.h"

void ep_differences_f32__ref(const float *x, const float *high, const float *low, float *d, uint32_t features,
                             uint32_t begin, uint32_t end) {
    uint32_t f = begin % features;
    for (uint32_t u = begin; u < end; u++) {
        d[u] = (x[f] - high[u]) - low[u];
        f++;
        f = f == features ? 0 : f;
    }
}

static float product(const float *row, const float *d, uint32_t len) {
    float sum = row[0] * d[0];
    for (uint32_t i = 1; i < len; i++) {
        sum += row[i] * d[i];
    }
    return sum;
}

void ep_quadratic_f32__ref(const float *d, const float *table, float *partial, uint32_t features, uint32_t first,
                           uint32_t begin, uint32_t end) {
    const uint32_t pairs = (features + 1) / 2;
    uint32_t component = (first + begin) / pairs;
    uint32_t p = first + begin - component * pairs;
    for (uint32_t u = begin; u < end; u++) {
        const float *row = table + u * (features + 1);
        const float *v = d + component * features;
        float a = product(row, v, p + 1);
        float sum = a * a;
        if (features - 1 - p > p) {
            float b = product(row + p + 1, v, features - p);
            sum += b * b;
        }
        partial[u] = sum;
        p++;
        if (p == pairs) {
            p = 0;
            component++;
        }
    }
}

void ep_quadratic_combine_f32__ref(const float *partial, const float *constants, float *scores, uint32_t pairs,
                                   uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        const float *p = partial + k * pairs;
        float sum = p[0];
        for (uint32_t i = 1; i < pairs; i++) {
            sum += p[i];
        }
        scores[k] = constants[k] - sum;
    }
}

void ep_evidence_f32__ref(const float *x, float *y, uint32_t n) {
    *y = ep_log_sum_exp_f32__ref(x, n);
}
