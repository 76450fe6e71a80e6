// SPDX-License-Identifier: Apache-2.0
#include "ep/categories_f32.h"

void ep_categories_f32__ref(const float *x, const uint32_t *starts, const float *table, float *partial,
                            uint32_t features, uint32_t cols, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        float *sums = partial + u * cols;
        uint32_t i = u * chunk_len;
        const uint32_t stop = features - i < chunk_len ? features : i + chunk_len;
        for (uint32_t c = 0; c < cols; c++) {
            sums[c] = 0.0f;
        }
        for (; i < stop; i++) {
            const float count = (float)(starts[i + 1] - starts[i]);
            if (x[i] > -1.0f && x[i] < count) {
                const float *row = table + (starts[i] + (uint32_t)(int32_t)x[i]) * cols;
                for (uint32_t c = 0; c < cols; c++) {
                    sums[c] += row[c];
                }
            }
        }
    }
}
