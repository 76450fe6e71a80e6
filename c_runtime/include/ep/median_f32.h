// SPDX-License-Identifier: Apache-2.0
// The weighted median of a few numbers, in two steps: which may be it, and the least of those.
#ifndef EP_MEDIAN_F32_H
#define EP_MEDIAN_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = x[i] where the weights of all x[j] that are not above x[i] (of equal ones, those up to i) add up to `half` or
// more, else infinity, for i in [begin, end). Unit: number. x, weights, y: [n]; the sum of all weights is below 2^32.
// Nothing overlaps.
void ep_median_candidates_f32__ref(const float *x, const uint32_t *weights, float *y, uint32_t half, uint32_t n,
                                   uint32_t begin, uint32_t end);

// y[0] = the least of x[0] .. x[n - 1]. n >= 1.
void ep_least_f32__ref(const float *x, float *y, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif
