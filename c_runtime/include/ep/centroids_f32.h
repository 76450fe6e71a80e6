// SPDX-License-Identifier: Apache-2.0
// Squared Euclidean distances from one sample to centroids, in two steps: partial sums of squares, then their
// combination.
//
// The columns are cut into chunks of chunk_len (the last may be shorter): chunks = ceil(cols / chunk_len). The unit of
// the first step is the pair (chunk, row), numbered u = chunk * rows + row, so that a few centroids still feed many
// cores. The order of additions depends on chunk_len alone, never on the number of cores.
#ifndef EP_CENTROIDS_F32_H
#define EP_CENTROIDS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// partial[u] = sum of d * d with d = x[col] - centroids[row * stride + col] over the columns of the chunk, for u in
// [begin, end). The first square starts the sum, the others are added in index order; nothing is fused.
// centroids: [rows][stride], row-major, stride >= cols floats; x: [cols]; partial: [chunks * rows];
// cols, chunk_len >= 1. Nothing overlaps.
void ep_centroids_f32__ref(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                           uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_centroids_f32__xpulp(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                             uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_centroids_f32__integer(const float *x, const float *centroids, float *partial, uint32_t rows, uint32_t cols,
                               uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end);

// squares[r] = ((partial[r] + partial[rows + r]) + ...) for r in [begin, end), chunks in order, and
// distances[r] = its root, correctly rounded, unless distances is a null pointer. Unit: row. squares may be partial
// itself when chunks is 1.
void ep_centroids_combine_f32__ref(const float *partial, float *squares, float *distances, uint32_t rows,
                                   uint32_t chunks, uint32_t begin, uint32_t end);
// With the root of the FPU.
void ep_centroids_combine_f32__xpulp(const float *partial, float *squares, float *distances, uint32_t rows,
                                     uint32_t chunks, uint32_t begin, uint32_t end);

// y[i] = root of x[i], correctly rounded, for i in [begin, end). y may be x itself.
void ep_root_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end);
void ep_root_f32__xpulp(const float *x, float *y, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
