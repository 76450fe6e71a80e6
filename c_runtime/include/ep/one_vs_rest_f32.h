// SPDX-License-Identifier: Apache-2.0
// Probabilities from one score a class, each class against the rest, made to sum to 1. One core computes a whole
// vector (these are short); y may be x itself where it is as long.
#ifndef EP_ONE_VS_REST_F32_H
#define EP_ONE_VS_REST_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = p(x[i]) / sum of p(x[j]) in index order, p(s) = 1 / (1 + exp(-s)); n >= 1. All p are scaled by one factor
// where all are small, so that none is lost that a double would hold. A p that is 0 as a double (of a score
// below -709.78) is 0; where all are, y[i] = 1 / n. A NaN gives NaN throughout.
void ep_one_vs_rest_f32__ref(const float *x, float *y, uint32_t n);

// The same with p(s) = (s + 1) / 2, at least 0 and at most 1; 1 / n where every p is 0.
void ep_modified_huber_f32__ref(const float *x, float *y, uint32_t n);

// y[0] = 1 - p, y[1] = p with that p of one score.
void ep_binary_modified_huber_f32__ref(float s, float *y);

#ifdef __cplusplus
}
#endif

#endif
