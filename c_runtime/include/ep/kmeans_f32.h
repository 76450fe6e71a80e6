// SPDX-License-Identifier: Apache-2.0
// The parts of Lloyd's algorithm. Samples are split into blocks that do not depend on the number of cores; each block
// has sums, counts, an inertia and a count of changes of its own, and every total adds the blocks in order.
#ifndef EP_KMEANS_F32_H
#define EP_KMEANS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Shapes: x is [samples][cols] without padding; centroids and next are [rows][stride], stride >= cols; sums of one
// block are [rows][cols], counts of one block [rows]. rows, cols >= 1. Nothing overlaps.

// sums, counts, inertia and changed of one block become 0.
void ep_kmeans_clear_f32__ref(float *sums, uint32_t *counts, float *inertia, uint32_t *changed, uint32_t rows,
                              uint32_t cols);

// For sample s in [begin, end): labels[s] = the first of the nearest centroids, nearest[s] = its squared distance
// (squares of rounded differences, summed in index order). Adds the squared distances to *inertia in order, and to
// *changed how many labels were others before. Unit: sample, counted from the pointers given.
void ep_kmeans_assign_f32__ref(const float *x, const float *centroids, int32_t *labels, float *nearest, float *inertia,
                               uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride, uint32_t begin,
                               uint32_t end);
// For cores without FPU.
void ep_kmeans_assign_f32__integer(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                   float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end);

// The same with each square added without being rounded (ep_fma_f32); the first square alone is rounded.
void ep_kmeans_assign_fma_f32__ref(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                   float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_kmeans_assign_fma_f32__xpulp(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                     float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                     uint32_t begin, uint32_t end);

// For sample s in [begin, end), in order, with r = labels[s]: sums[r] += x[s] - centroids[r], counts[r] += 1. Sums of
// differences to the old centroid stay small wherever the data lie. Unit: sample, counted from the pointers given.
void ep_kmeans_add_f32__ref(const float *x, const int32_t *labels, const float *centroids, float *sums,
                            uint32_t *counts, uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end);
void ep_kmeans_add_f32__xpulp(const float *x, const int32_t *labels, const float *centroids, float *sums,
                              uint32_t *counts, uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end);

// After the first assignment: spread[f] = sum of (x[f] - mean[f])^2 over all samples, less sum of (x[f] - c[f])^2 with
// each sample's centroid c, for f in [begin, end). Unit: feature.
void ep_kmeans_spread_f32__ref(const float *centroids, const float *sums, const uint32_t *counts, float *spread,
                               uint32_t blocks, uint32_t rows, uint32_t cols, uint32_t stride, uint32_t begin,
                               uint32_t end);

// tol times the mean variance of the features: (inertia of all blocks + spread of all features) / (samples * cols).
// 0 where rounding leaves less than 0. One core.
float ep_kmeans_tolerance_f32__ref(const float *inertia, const float *spread, float tol, uint32_t blocks, uint32_t cols,
                                   uint32_t samples);

// totals[r] = samples of cluster r, and source[r] = -1. A cluster without samples takes the sample that is farthest
// from its centroid, the next one the next farthest and so on (equally far: the lower index), which leaves its own
// cluster: sums of block 0 and totals are corrected, and source[r] is its index. Where all samples lie on their
// centroids nothing moves. A cluster that is empty nevertheless gets source[r] = -2 - b, b being the first of the
// largest clusters. Returns the changes of all blocks. One core.
uint32_t ep_kmeans_relocate_f32__ref(const float *x, const int32_t *labels, const float *nearest,
                                     const float *centroids, float *sums, const uint32_t *counts,
                                     const uint32_t *changed, uint32_t *totals, int32_t *source, uint32_t blocks,
                                     uint32_t samples, uint32_t rows, uint32_t cols, uint32_t stride);

// next = centroids + sums of all blocks / totals, or as source says: a sample, or where cluster b goes. shift[f] = sum
// of (next - centroids)^2 over the clusters in order. For f in [begin, end). Unit: feature.
void ep_kmeans_update_f32__ref(const float *x, const float *centroids, const float *sums, const uint32_t *totals,
                               const int32_t *source, float *next, float *shift, uint32_t blocks, uint32_t rows,
                               uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end);

// Sum of values[0..n) in index order.
float ep_kmeans_total_f32__ref(const float *values, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif
