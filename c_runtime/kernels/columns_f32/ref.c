// SPDX-License-Identifier: Apache-2.0
#include "ep/columns_f32.h"

void ep_reaches_f32__ref(const float *x, const float *edges, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] >= edges[i] ? 1.0f : 0.0f;
    }
}

void ep_count_edges_f32__ref(const float *x, const uint32_t *starts, const float *edges, float *y, uint32_t begin,
                             uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        // Edges before low are reached, those from high on are not.
        uint32_t low = starts[i];
        uint32_t high = starts[i + 1];
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (x[i] >= edges[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        y[i] = (float)(low - starts[i]);
    }
}

void ep_products_f32__ref(const float *x, const uint16_t *factors, float *y, uint32_t features, uint32_t degree,
                            uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        const uint16_t *factor = factors + k * degree;
        float product = 1.0f;
        for (uint32_t d = 0; d < degree && factor[d] != features; d++) {
            product *= x[factor[d]];
        }
        y[k] = product;
    }
}
