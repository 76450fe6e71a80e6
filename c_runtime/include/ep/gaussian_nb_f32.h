// SPDX-License-Identifier: Apache-2.0
// Joint log likelihood of Gaussian naive Bayes, in two steps: partial sums of squares, then their combination.
//
// With d the distance of a feature from its mean in units of 1 / r, r = 1 / sqrt(2 var):
//     jll[class] = base[class] - sum of d * d over the features.
// The mean is a pair of floats, high + low. Products and sums apart: d = ((x - high) - low) * r. Fused:
// d = fma(x - high, r, shift), where shift = -low * r.
//
// Features are cut into chunks of chunk_len (the last may be shorter), chunks = ceil(features / chunk_len), and the
// classes into blocks of `block` classes (whoever makes the table pads the last one). The unit of the first step is
// the pair (block, chunk), numbered block * chunks + chunk. The order of additions depends on chunk_len alone.
//
// Squares overflow when a sample lies more than about 2^64 standard deviations from a class. Where some class is
// nearer, that is right: its jll is finite, the others are -inf. Where every class overflows, the labels still differ:
// ep_gaussian_nb_overflowed_f32 tells (each core asks for itself, after the combination), and the two steps are run
// again in their `shrunk` form with EP_GAUSSIAN_NB_SHRINK_1, and if it tells again, with EP_GAUSSIAN_NB_SHRINK_2.
// The second cannot overflow for any finite input (features <= 2^32).
#ifndef EP_GAUSSIAN_NB_F32_H
#define EP_GAUSSIAN_NB_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EP_GAUSSIAN_NB_SHRINK_1 0x1p-56f
#define EP_GAUSSIAN_NB_SHRINK_2 0x1p-110f

// Classes that a block has at most.
#define EP_GAUSSIAN_NB_MOST_CLASSES 10u

// For each unit u of [begin, end) and each class c of its block: partial[u * block + c] = sum of d * d over the
// features of its chunk; the first square starts the sum, the others are added in index order, each rounded.
// table: [units][chunk_len][block] of high, low, r; partial: [units][block]; both, and [begin, end), count from unit
// `first`. x: [features]; features, chunk_len >= 1. Nothing overlaps.
void ep_gaussian_nb_f32__ref(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                             uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For Cortex-M4F.
void ep_gaussian_nb_f32__armv7em(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_gaussian_nb_f32__integer(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// The same fused: d as above, and each square added without being rounded (ep_fma_f32), from 0 on.
// table: [units][chunk_len][block] of high, r, shift.
void ep_gaussian_nb_fma_f32__ref(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx); block is even.
void ep_gaussian_nb_fma_f32__xpulp(const float *x, const float *table, float *partial, uint32_t features,
                                   uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);

// The same with d = ((x * shrink - high * shrink) - low * shrink) * (r * shrink): partial sums are smaller by
// shrink^4. shrink is a power of two.
void ep_gaussian_nb_shrunk_f32__ref(const float *x, const float *table, float shrink, float *partial, uint32_t features,
                                    uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end);
// On the table of the fused form: d = (x * shrink - high * shrink) * (r * shrink) + shift * shrink * shrink.
void ep_gaussian_nb_shrunk_fma_f32__ref(const float *x, const float *table, float shrink, float *partial,
                                        uint32_t features, uint32_t block, uint32_t chunk_len, uint32_t first,
                                        uint32_t begin, uint32_t end);

// jll[c] = base[c] - ((sum of chunk 0 + sum of chunk 1) + ...) for c in [begin, end), chunks in order. Unit: class.
// partial: [blocks][chunks][block].
void ep_gaussian_nb_combine_f32__ref(const float *partial, const float *base, float *jll, uint32_t block,
                                     uint32_t chunks, uint32_t begin, uint32_t end);
void ep_gaussian_nb_combine_f32__xpulp(const float *partial, const float *base, float *jll, uint32_t block,
                                       uint32_t chunks, uint32_t begin, uint32_t end);

// After the shrunk step: jll[c] = 0 for the classes with the least sum, -inf for the others; -inf for all when every
// sum overflowed. So arg-max and softmax go on as after the plain step: the gap to the next class is beyond any float.
// Whole vector, one core. jll: [classes], must not overlap partial.
void ep_gaussian_nb_combine_shrunk_f32__ref(const float *partial, float *jll, uint32_t classes, uint32_t block,
                                            uint32_t chunks);

// 1 when jll[0..classes) is -inf throughout, else 0.
uint32_t ep_gaussian_nb_overflowed_f32__ref(const float *jll, uint32_t classes);

#ifdef __cplusplus
}
#endif

#endif
