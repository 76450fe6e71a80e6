// SPDX-License-Identifier: Apache-2.0
#include "ep/argmax.h"

uint32_t ep_argmax_f32__ref(const float *x, uint32_t n) {
    uint32_t at = 0;
    float best = x[0];
    for (uint32_t i = 0; i < n; i++) {
        const float value = x[i];
        // True for NaN as well, whichever of the two it is.
        if (!(best >= value)) {
            if (value != value) {
                return i;
            }
            best = value;
            at = i;
        }
    }
    return at;
}

uint32_t ep_leaf_label__ref(uint32_t row, const uint16_t *labels) {
    return labels[row];
}

uint32_t ep_argmin_f32__ref(const float *x, uint32_t n) {
    uint32_t at = 0;
    float best = x[0];
    for (uint32_t i = 0; i < n; i++) {
        const float value = x[i];
        // True for NaN as well, whichever of the two it is.
        if (!(best <= value)) {
            if (value != value) {
                return i;
            }
            best = value;
            at = i;
        }
    }
    return at;
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
