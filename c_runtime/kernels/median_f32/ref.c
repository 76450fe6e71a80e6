// SPDX-License-Identifier: Apache-2.0
#include "ep/median_f32.h"

#include "ep/math.h"

#define INFINITE 0x7f800000u

void ep_median_candidates_f32__ref(const float *x, const uint32_t *weights, float *y, uint32_t half, uint32_t n,
                                   uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        uint32_t sum = 0;
        for (uint32_t j = 0; j <= i; j++) {
            sum += x[j] <= x[i] ? weights[j] : 0u;
        }
        for (uint32_t j = i + 1; j < n; j++) {
            sum += x[j] < x[i] ? weights[j] : 0u;
        }
        y[i] = sum >= half ? x[i] : ep_from_bits_f32(INFINITE);
    }
}

void ep_least_f32__ref(const float *x, float *y, uint32_t n) {
    float least = x[0];
    for (uint32_t i = 1; i < n; i++) {
        least = x[i] < least ? x[i] : least;
    }
    y[0] = least;
}
