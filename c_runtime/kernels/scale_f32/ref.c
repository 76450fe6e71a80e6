// SPDX-License-Identifier: Apache-2.0
#include "ep/scale_f32.h"

void ep_scale_f32__ref(const float *x, const float *high, const float *low, const float *factor, float *y,
                       uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = ((x[i] - high[i]) - low[i]) * factor[i];
    }
}

void ep_affine_f32__ref(const float *x, const float *factor, const float *addend, float *y, uint32_t begin,
                        uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] * factor[i] + addend[i];
    }
}

void ep_clip_f32__ref(const float *x, const float *lowest, const float *highest, float *y, uint32_t begin,
                      uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        float v = x[i];
        // Written so that a NaN, for which no comparison holds, passes through.
        v = v < lowest[i] ? lowest[i] : v;
        y[i] = v > highest[i] ? highest[i] : v;
    }
}
