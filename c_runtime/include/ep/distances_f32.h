// SPDX-License-Identifier: Apache-2.0
// Distances of one sample to the rows of a table. Unit: row; rows are counted from the pointers given, so that a call
// works on any run of rows, wherever it lies.
//
// x: [cols]; rows: [end][stride], row-major, stride >= cols floats; out: [end]. cols >= 1. Nothing overlaps. For r in
// [begin, end), with d[i] = x[i] - rows[r * stride + i] rounded, and sums in index order, every step rounded:
#ifndef EP_DISTANCES_F32_H
#define EP_DISTANCES_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// out[r] = sum of d[i] * d[i].
void ep_sqeuclidean_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_sqeuclidean_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end);
// For Cortex-M4F.
void ep_sqeuclidean_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_sqeuclidean_f32__integer(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end);

// The same with each square added without being rounded (ep_fma_f32).
void ep_sqeuclidean_fma_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                 uint32_t begin, uint32_t end);
void ep_sqeuclidean_fma_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end);

// out[r] = sum of |d[i]|.
void ep_manhattan_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end);
void ep_manhattan_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end);
void ep_manhattan_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end);

// out[r] = largest |d[i]|; a NaN is larger than any number.
void ep_chebyshev_f32__ref(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end);
void ep_chebyshev_f32__xpulp(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                             uint32_t begin, uint32_t end);
void ep_chebyshev_f32__armv7em(const float *x, const float *rows, float *out, uint32_t cols, uint32_t stride,
                               uint32_t begin, uint32_t end);

// out[r] = sum of |d[i]|^power, power >= 1, by power - 1 products.
void ep_power_distance_f32__ref(const float *x, const float *rows, float *out, uint32_t power, uint32_t cols,
                                uint32_t stride, uint32_t begin, uint32_t end);

// out[r] = sum of exp(power * log |d[i]|), power > 0; a d[i] of 0 counts 0.
void ep_minkowski_f32__ref(const float *x, const float *rows, float *out, float power, uint32_t cols, uint32_t stride,
                           uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
