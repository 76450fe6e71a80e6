// SPDX-License-Identifier: Apache-2.0
// Log likelihoods of Gaussian components: constants less the squared length of T (x - mean), with a lower triangle T a
// component, in three steps.
//
// Rows p and features - 1 - p of a triangle have features + 1 numbers together, so that such pairs are units of equal
// work: pairs = (features + 1) / 2 a component, numbered u = component * pairs + p. The table holds, for each unit, row
// p (p + 1 numbers) and then row features - 1 - p (features - p numbers); the middle row of an odd number stands alone.
#ifndef EP_QUADRATIC_F32_H
#define EP_QUADRATIC_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// d[u] = (x[f] - high[u]) - low[u] with f = u mod features, for u in [begin, end). high + low is the mean as a pair of
// floats, [components][features] as d. Unit: feature of a component.
void ep_differences_f32__ref(const float *x, const float *high, const float *low, float *d, uint32_t features,
                             uint32_t begin, uint32_t end);

// partial[u] = a * a + b * b with a, b = the products of the two rows with d of the unit's component, summed in index
// order from the first product; a row that stands alone gives a * a. For u in [begin, end), counted from the pointers
// `table` and `partial`, which belong to unit `first`.
// d: [components][features]; table: [units][features + 1]; features >= 1. Nothing overlaps.
void ep_quadratic_f32__ref(const float *d, const float *table, float *partial, uint32_t features, uint32_t first,
                           uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_quadratic_f32__xpulp(const float *d, const float *table, float *partial, uint32_t features, uint32_t first,
                             uint32_t begin, uint32_t end);

// scores[k] = constants[k] - (((partial of pair 0) + pair 1) + ...) for k in [begin, end). Unit: component.
void ep_quadratic_combine_f32__ref(const float *partial, const float *constants, float *scores, uint32_t pairs,
                                   uint32_t begin, uint32_t end);

// *y = log of the sum of exp(x[i]), n >= 1; ep_log_sum_exp_f32 says how.
void ep_evidence_f32__ref(const float *x, float *y, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif
