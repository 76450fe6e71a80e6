// SPDX-License-Identifier: Apache-2.0
// Joint log likelihood of Gaussian naive Bayes, in two steps: partial sums of squares, then their combination.
//
// With d = ((x - high) - low) * r, where high + low is the mean as a pair of floats and r = 1 / sqrt(2 var):
//     jll[class] = base[class] - sum of d * d over the features.
// Features are cut into chunks of chunk_len (the last may be shorter). The unit of the first step is the pair
// (chunk, class), u = chunk * classes + class. The order of additions depends on chunk_len alone.
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

// partial[u] = sum of d * d over the features of the chunk, for u in [begin, end); the first square starts the sum, the
// others are added in index order, nothing is fused.
// high, low, r: [classes][stride], stride >= features floats; x: [features]; partial: [chunks * classes];
// features, chunk_len >= 1. Nothing overlaps.
void ep_gaussian_nb_f32__ref(const float *x, const float *high, const float *low, const float *r, float *partial,
                             uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len, uint32_t begin,
                             uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_gaussian_nb_f32__xpulp(const float *x, const float *high, const float *low, const float *r, float *partial,
                               uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len, uint32_t begin,
                               uint32_t end);
// For Cortex-M4F.
void ep_gaussian_nb_f32__armv7em(const float *x, const float *high, const float *low, const float *r, float *partial,
                                 uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len,
                                 uint32_t begin, uint32_t end);

// The same with d = ((x * shrink - high * shrink) - low * shrink) * (r * shrink): partial sums are smaller by
// shrink^4. shrink is a power of two.
void ep_gaussian_nb_shrunk_f32__ref(const float *x, const float *high, const float *low, const float *r, float shrink,
                                    float *partial, uint32_t classes, uint32_t features, uint32_t stride,
                                    uint32_t chunk_len, uint32_t begin, uint32_t end);

// jll[c] = base[c] - (((partial[c] + partial[classes + c]) + ...)) for c in [begin, end), chunks in order. Unit: class.
// jll may be partial itself when chunks is 1.
void ep_gaussian_nb_combine_f32__ref(const float *partial, const float *base, float *jll, uint32_t classes,
                                     uint32_t chunks, uint32_t begin, uint32_t end);

// After the shrunk step: jll[c] = 0 for the classes with the least sum, -inf for the others; -inf for all when every
// sum overflowed. So arg-max and softmax go on as after the plain step: the gap to the next class is beyond any float.
// Whole vector, one core. jll: [classes], must not overlap partial.
void ep_gaussian_nb_combine_shrunk_f32__ref(const float *partial, float *jll, uint32_t classes, uint32_t chunks);

// 1 when jll[0..classes) is -inf throughout, else 0.
uint32_t ep_gaussian_nb_overflowed_f32__ref(const float *jll, uint32_t classes);

#ifdef __cplusplus
}
#endif

#endif
