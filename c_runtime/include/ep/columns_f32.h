// SPDX-License-Identifier: Apache-2.0
// Features made of features, one by one. Nothing overlaps.
#ifndef EP_COLUMNS_F32_H
#define EP_COLUMNS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = 1 where x[i] >= edges[i], else 0, for i in [begin, end); NaN gives 0. Unit: feature.
void ep_reaches_f32__ref(const float *x, const float *edges, float *y, uint32_t begin, uint32_t end);

// y[i] = how many of the edges of feature i the feature reaches, for i in [begin, end); NaN reaches none. Unit:
// feature. Those of feature i are edges[starts[i]] to edges[starts[i + 1] - 1], ascending, fewer than 2^24.
void ep_count_edges_f32__ref(const float *x, const uint32_t *starts, const float *edges, float *y, uint32_t begin,
                             uint32_t end);

// y[i] = fill[i] where x[i] is NaN, else x[i], for i in [begin, end). Unit: feature.
void ep_fill_nan_f32__ref(const float *x, const float *fill, float *y, uint32_t begin, uint32_t end);

// y[i] = fill[i] where x[i] equals missing, else x[i], for i in [begin, end). Unit: feature.
void ep_fill_number_f32__ref(const float *x, float missing, const float *fill, float *y, uint32_t begin, uint32_t end);

// y[i] = 1 where x[i] is NaN, else 0, for i in [begin, end). Unit: feature.
void ep_nan_flags_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end);

// y[i] = 1 where x[i] equals missing, else 0, for i in [begin, end). Unit: feature.
void ep_number_flags_f32__ref(const float *x, float missing, float *y, uint32_t begin, uint32_t end);

// y[i] = the code of the category that x[i] equals, else unknown[i], or missing[i] where x[i] is NaN, for i in
// [begin, end). Unit: feature. Categories and codes of feature i are [starts[i]] to [starts[i + 1] - 1], categories
// ascending.
void ep_category_codes_f32__ref(const float *x, const uint32_t *starts, const float *categories, const float *codes,
                                const float *unknown, const float *missing, float *y, uint32_t begin, uint32_t end);

// Flags of the features i in [begin, end): y[starts[i] + p] = 1 where codes[i] is p, else 0, up to starts[i + 1].
// Unit: feature.
void ep_place_flags_f32__ref(const float *codes, const uint32_t *starts, float *y, uint32_t begin, uint32_t end);

// y[k] = a product of features for the terms k in [begin, end), each step rounded, in order. Unit: term.
// Terms come in runs, of which run r starts at term starts[r] and ends before starts[r + 1]: its first term is
// x[f[0]] * x[f[1]] * ... with f = factors + r * degree, the next one has f[0] + 1 in its place, and so on. `features`
// stands for the factor 1, and only such factors stand behind it.
void ep_products_f32__ref(const float *x, const uint32_t *starts, const uint16_t *factors, float *y, uint32_t runs,
                          uint32_t features, uint32_t degree, uint32_t begin, uint32_t end);
void ep_products_f32__xpulp(const float *x, const uint32_t *starts, const uint16_t *factors, float *y, uint32_t runs,
                            uint32_t features, uint32_t degree, uint32_t begin, uint32_t end);

// The run that term k belongs to.
static inline uint32_t ep_run_of_term(const uint32_t *starts, uint32_t runs, uint32_t k) {
    uint32_t low = 0;
    uint32_t high = runs;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (starts[middle] <= k) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

#ifdef __cplusplus
}
#endif

#endif
