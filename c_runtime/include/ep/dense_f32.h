// SPDX-License-Identifier: Apache-2.0
// y = weights * x + bias, in two steps: partial sums of products, then their combination.
//
// The columns are cut into chunks of chunk_len (the last may be shorter), chunks = ceil(cols / chunk_len), and the rows
// into blocks of `block` rows (whoever makes the table pads the last one). The unit of the first step is the pair
// (block, chunk), numbered block * chunks + chunk. The order of additions depends on chunk_len alone: neither the
// blocks nor the number of cores change a bit.
#ifndef EP_DENSE_F32_H
#define EP_DENSE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Rows that a block has at most.
#define EP_DENSE_MOST_ROWS 10u

// For each unit u of [begin, end) and each row r of its block: partial[u * block + r] = sum of weight * x over the
// columns of its chunk. The first product starts the sum, the others are added in index order; products are rounded.
// weights: [units][chunk_len][block], each unit's own columns one after the other; partial: [units][block]; both, and
// [begin, end), count from unit `first`. x: [cols]. cols, chunk_len >= 1, block in 1 .. EP_DENSE_MOST_ROWS. Nothing
// overlaps.
void ep_dense_f32__ref(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                       uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For Cortex-M4F.
void ep_dense_f32__armv7em(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_dense_f32__integer(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// The same with each product added without being rounded (ep_fma_f32); the first product alone is rounded.
void ep_dense_fma_f32__ref(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_dense_fma_f32__xpulp(const float *x, const float *weights, float *partial, uint32_t cols, uint32_t block,
                             uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// The same over segments of any length instead of chunks: segment s has the columns starts[s] .. starts[s + 1] - 1, one
// at least. Unit (block b, segment s) is u = b * segments + s. weights: [blocks][cols][block], starts: [segments + 1],
// partial: [units][block]. Nothing overlaps.
void ep_dense_segments_f32__ref(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                uint32_t block, uint32_t segments, uint32_t begin, uint32_t end);
void ep_dense_segments_f32__armv7em(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end);
void ep_dense_segments_f32__integer(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end);
void ep_dense_segments_fma_f32__ref(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                    uint32_t block, uint32_t segments, uint32_t begin, uint32_t end);
void ep_dense_segments_fma_f32__xpulp(const float *x, const float *weights, const uint32_t *starts, float *partial,
                                      uint32_t block, uint32_t segments, uint32_t begin, uint32_t end);

// y[r] = ((sum of chunk 0 + sum of chunk 1) + ...) + bias[r] for r in [begin, end): chunks in order, the bias last.
// Unit: row. partial: [blocks][chunks][block]. chunks >= 1.
void ep_dense_combine_f32__ref(const float *partial, const float *bias, float *y, uint32_t block, uint32_t chunks,
                               uint32_t begin, uint32_t end);
void ep_dense_combine_f32__xpulp(const float *partial, const float *bias, float *y, uint32_t block, uint32_t chunks,
                                 uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
