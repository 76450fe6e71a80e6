// SPDX-License-Identifier: Apache-2.0
// From distances or products of a sample with the rows of a table to similarities. Unit: row.
//
// For r in [begin, end), every step rounded; y may be x itself.
#ifndef EP_SIMILARITY_F32_H
#define EP_SIMILARITY_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[r] = exp(-gamma * x[r]), gamma >= 0, x[r] >= 0; a NaN stays.
void ep_rbf_f32__ref(const float *x, float *y, float gamma, uint32_t begin, uint32_t end);

// y[r] = (gamma * x[r] + coef0)^degree by degree - 1 products; 1 for a degree of 0.
void ep_polynomial_f32__ref(const float *x, float *y, float gamma, float coef0, uint32_t degree, uint32_t begin,
                            uint32_t end);

// y[r] = tanh(gamma * x[r] + coef0).
void ep_sigmoid_f32__ref(const float *x, float *y, float gamma, float coef0, uint32_t begin, uint32_t end);

// y[r] = max(1 - x[r], 0), the cosine distance of two vectors of length 1 with the product x[r].
void ep_cosine_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
