// SPDX-License-Identifier: Apache-2.0
// From scores to probabilities. One core computes a whole vector (these are short); y may be x itself everywhere.
// docs/kernels.md derives the error bound of each.
#ifndef EP_ACTIVATION_F32_H
#define EP_ACTIVATION_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = exp(x[i] - max) / sum of exp(x[j] - max), summed in index order. n >= 1. A score of -inf gives 0; a NaN, +inf,
// or -inf throughout gives NaN throughout (as numpy's expression does).
void ep_softmax_f32__ref(const float *x, float *y, uint32_t n);

// The same in two steps for many classes, unit: class. The first needs all of x, the second all of e; each core finds
// the maximum and the sum for itself. e and y are different arrays where the range is not the whole vector.
void ep_softmax_exp_f32__ref(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end);
void ep_softmax_exp_f32__xpulp(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end);
// For cores without FPU: within 1 ulp as well, other bits.
void ep_softmax_exp_f32__integer(const float *x, float *e, uint32_t n, uint32_t begin, uint32_t end);
void ep_softmax_divide_f32__ref(const float *e, float *y, uint32_t n, uint32_t begin, uint32_t end);
void ep_softmax_divide_f32__xpulp(const float *e, float *y, uint32_t n, uint32_t begin, uint32_t end);

// The SOFTMAX_ZERO post transform of ai.onnx.ml: softmax over the scores beyond +-1e-7 only; a score s within it gives
// s * exp(-max) over the same sum, so 0 for 0. All scores 0 give all 0 (onnxruntime gives NaN).
void ep_softmax_zero_f32__ref(const float *x, float *y, uint32_t n);

// y[i] = exp(x[i]).
void ep_exponential_f32__ref(const float *x, float *y, uint32_t n);
// For cores without FPU: within 1 ulp as well, other bits.
void ep_exponential_f32__integer(const float *x, float *y, uint32_t n);

// y[i] = 1 / (1 + exp(-x[i])), small results to full relative precision.
void ep_logistic_f32__ref(const float *x, float *y, uint32_t n);

// y[0] = 1 / (1 + exp(s)), y[1] = 1 / (1 + exp(-s)): both accurate, neither by subtraction from 1.
void ep_binary_logistic_f32__ref(float s, float *y);

// y[0] = 1 - p, y[1] = p.
void ep_complement_f32__ref(float p, float *y);

// max + log(sum of exp(x[i] - max)), n >= 1; -inf when all are -inf, +inf when one is +inf, NaN when one is NaN.
float ep_log_sum_exp_f32__ref(const float *x, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif
