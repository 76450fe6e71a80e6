// SPDX-License-Identifier: Apache-2.0
// Squared Euclidean distances from one sample to centroids, in two steps: partial sums of squares, then their
// combination.
//
// The columns are cut into chunks of chunk_len (the last may be shorter), chunks = ceil(cols / chunk_len), and the
// centroids into blocks of `block` rows (whoever makes the table pads the last one). The unit of the first step is the
// pair (block, chunk), numbered block * chunks + chunk, so that a few centroids still feed many cores. The order of
// additions depends on chunk_len alone: neither the blocks nor the number of cores change a bit.
#ifndef EP_CENTROIDS_F32_H
#define EP_CENTROIDS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Rows that a block has at most.
#define EP_CENTROIDS_MOST_ROWS 10u

// For each unit u of [begin, end) and each row r of its block: partial[u * block + r] = sum of d * d with
// d = x - centroid, rounded, over the columns of its chunk. The first square starts the sum, the others are added in
// index order; squares are rounded.
// centroids: [units][chunk_len][block], each unit's own columns one after the other; partial: [units][block]; both, and
// [begin, end), count from unit `first`. x: [cols]. cols, chunk_len >= 1, block in 1 .. EP_CENTROIDS_MOST_ROWS. Nothing
// overlaps.
void ep_centroids_f32__ref(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                           uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For cores without FPU: squares and sums in integers with an exponent, rounded to float once a chunk; other bits.
void ep_centroids_f32__integer(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                               uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// The same with each square added without being rounded (ep_fma_f32); the first square alone is rounded.
void ep_centroids_fma_f32__ref(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                               uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_centroids_fma_f32__xpulp(const float *x, const float *centroids, float *partial, uint32_t cols, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// squares[r] = (sum of chunk 0 + sum of chunk 1) + ... for r in [begin, end), chunks in order, and distances[r] = its
// root, correctly rounded, unless distances is a null pointer. Unit: row. partial: [blocks][chunks][block].
void ep_centroids_combine_f32__ref(const float *partial, float *squares, float *distances, uint32_t block,
                                   uint32_t chunks, uint32_t begin, uint32_t end);
// With the root of the FPU.
void ep_centroids_combine_f32__xpulp(const float *partial, float *squares, float *distances, uint32_t block,
                                     uint32_t chunks, uint32_t begin, uint32_t end);

// y[i] = root of x[i], correctly rounded, for i in [begin, end). y may be x itself.
void ep_root_f32__ref(const float *x, float *y, uint32_t begin, uint32_t end);
void ep_root_f32__xpulp(const float *x, float *y, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
