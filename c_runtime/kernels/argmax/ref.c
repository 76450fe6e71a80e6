// SPDX-License-Identifier: Apache-2.0
#include "ep/argmax.h"

uint32_t ep_argmax_f32__ref(const float *x, uint32_t n) {
    uint32_t best = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] != x[i]) {
            return i;
        }
        best = x[i] > x[best] ? i : best;
    }
    return best;
}

uint32_t ep_argmax_i32__ref(const int32_t *x, uint32_t n) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++) {
        best = x[i] > x[best] ? i : best;
    }
    return best;
}

uint32_t ep_positive_f32__ref(float score, float threshold) {
    return score > threshold;
}
