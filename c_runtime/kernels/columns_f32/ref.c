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

void ep_fill_nan_f32__ref(const float *x, const float *fill, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] != x[i] ? fill[i] : x[i];
    }
}

void ep_fill_number_f32__ref(const float *x, float missing, const float *fill, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] == missing ? fill[i] : x[i];
    }
}

void ep_nan_flags_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] != x[i] ? 1.0f : 0.0f;
    }
}

void ep_number_flags_f32__ref(const float *x, float missing, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[i] == missing ? 1.0f : 0.0f;
    }
}

void ep_category_codes_f32__ref(const float *x, const uint32_t *starts, const float *categories, const float *codes,
                                const float *unknown, const float *missing, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        // Categories before low are smaller, those from high on are not.
        uint32_t low = starts[i];
        uint32_t high = starts[i + 1];
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (categories[middle] < x[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low < starts[i + 1] && categories[low] == x[i]) {
            y[i] = codes[low];
        } else {
            y[i] = x[i] != x[i] ? missing[i] : unknown[i];
        }
    }
}

void ep_place_flags_f32__ref(const float *codes, const uint32_t *starts, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        float place = 0.0f;
        for (uint32_t k = starts[i]; k < starts[i + 1]; k++) {
            y[k] = codes[i] == place ? 1.0f : 0.0f;
            place += 1.0f;
        }
    }
}

void ep_products_f32__ref(const float *x, const uint32_t *starts, const uint16_t *factors, float *y, uint32_t runs,
                          uint32_t features, uint32_t degree, uint32_t begin, uint32_t end) {
    uint32_t run = ep_run_of_term(starts, runs, begin);
    for (uint32_t k = begin; k < end; run++) {
        const uint16_t *factor = factors + run * degree;
        const uint32_t stop = starts[run + 1] < end ? starts[run + 1] : end;
        if (factor[0] == features) {
            for (uint32_t i = k; i < stop; i++) {
                y[i] = 1.0f;
            }
            k = stop;
            continue;
        }
        const float *first = x + factor[0] + (k - starts[run]);
        const float second = degree > 1 && factor[1] != features ? x[factor[1]] : 1.0f;
        for (uint32_t i = k; i < stop; i++) {
            y[i] = *first * second;
            first++;
        }
        for (uint32_t d = 2; d < degree && factor[d] != features; d++) {
            const float next = x[factor[d]];
            for (uint32_t i = k; i < stop; i++) {
                y[i] *= next;
            }
        }
        k = stop;
    }
}
