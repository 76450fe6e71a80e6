// SPDX-License-Identifier: Apache-2.0
// Division of a sample by its own norm, as scikit-learn's Normalizer.
//
// Every core computes the norm of the whole sample for itself (the same bits everywhere, no barrier) and divides its
// own features: unit of the division is the feature.
#ifndef EP_NORMALIZE_F32_H
#define EP_NORMALIZE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Norms of x[0..n), n >= 1. A norm of 0 or below `smallest` (>= 0) is answered as 1, so that the sample stays as it
// is; pass 0 to keep only samples of zeros. The norm must be below 2^128.
// l1: sum of |x[i]| in index order. l2: root of the sum of squares in index order, of features that are scaled by a
// power of two first, so that no square overflows, and one that underflows is too small to count. max: largest |x[i]|.
float ep_norm_l1_f32__ref(const float *x, uint32_t n, float smallest);
float ep_norm_l2_f32__ref(const float *x, uint32_t n, float smallest);
float ep_norm_max_f32__ref(const float *x, uint32_t n, float smallest);

// y[i] = x[i] / norm for i in [begin, end). y may be x itself.
void ep_divide_f32__ref(const float *x, float norm, float *y, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
