// SPDX-License-Identifier: Apache-2.0
// y = weights * x + bias, in two steps: partial sums of products, then their combination.
//
// The columns are cut into chunks of chunk_len (the last may be shorter): chunks = ceil(cols / chunk_len). The unit of
// the first step is the pair (chunk, row), numbered u = chunk * rows + row, so that a layer with few rows still feeds
// many cores. The order of additions depends on chunk_len alone, never on the number of cores.
#ifndef EP_DENSE_F32_H
#define EP_DENSE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// partial[u] = sum of weights[row * stride + col] * x[col] over the columns of the chunk, for u in [begin, end).
// The first product starts the sum, the others are added in index order; products are rounded (no fused operation).
// weights: [rows][stride], row-major, stride >= cols floats (pad by one word where rows would start in one L1 bank);
// x: [cols]; partial: [chunks * rows]; cols, chunk_len >= 1. Nothing overlaps.
void ep_dense_f32__ref(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
                       uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_dense_f32__xpulp(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
                         uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);
// For Cortex-M4F.
void ep_dense_f32__armv7em(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
                           uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);

// y[r] = (((partial[r] + partial[rows + r]) + partial[2 * rows + r]) + ...) + bias[r] for r in [begin, end): chunks in
// order, the bias last. Unit: row. chunks >= 1. y may be partial itself when chunks is 1.
void ep_dense_combine_f32__ref(const float *partial, const float *bias, float *y, uint32_t rows, uint32_t chunks,
                               uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
