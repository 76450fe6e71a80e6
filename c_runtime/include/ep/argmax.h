// SPDX-License-Identifier: Apache-2.0
// From scores to a class index. One core, whole vector, n >= 1.
#ifndef EP_ARGMAX_H
#define EP_ARGMAX_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Index of the first maximum; of the first NaN where there is one (numpy's rule).
uint32_t ep_argmax_f32__ref(const float *x, uint32_t n);
uint32_t ep_argmax_f32__xpulp(const float *x, uint32_t n);
// For cores without FPU.
uint32_t ep_argmax_f32__integer(const float *x, uint32_t n);

// The label that is known of a leaf: labels[row].
uint32_t ep_leaf_label__ref(uint32_t row, const uint16_t *labels);

// Index of the first minimum; of the first NaN where there is one (numpy's rule).
uint32_t ep_argmin_f32__ref(const float *x, uint32_t n);
// For cores without FPU.
uint32_t ep_argmin_f32__integer(const float *x, uint32_t n);

// Index of the first maximum.
uint32_t ep_argmax_i32__ref(const int32_t *x, uint32_t n);
uint32_t ep_argmax_i32__corev(const int32_t *x, uint32_t n);

// 1 when score > threshold, else 0 (also for NaN).
uint32_t ep_positive_f32__ref(float score, float threshold);
// For cores without FPU.
uint32_t ep_positive_f32__integer(float score, float threshold);

#ifdef __cplusplus
}
#endif

#endif
