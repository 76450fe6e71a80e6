// SPDX-License-Identifier: Apache-2.0
// Parts of values, and answers of several estimators made into one. Nothing overlaps.
#ifndef EP_COMPOSE_F32_H
#define EP_COMPOSE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[offset + i] = x[i] for i in [begin, end). Unit: element.
void ep_copy_f32__ref(const float *x, float *y, uint32_t offset, uint32_t begin, uint32_t end);

// y[i] = x[columns[i]] for i in [begin, end). Unit: element.
void ep_select_f32__ref(const float *x, const uint32_t *columns, float *y, uint32_t begin, uint32_t end);

// y[k] = weights[0] * x[k] + weights[1] * x[outputs + k] + ... over the members in order, for k in [begin, end).
// Unit: output. x: [members][outputs], members >= 1. Each product and sum is rounded once.
void ep_weighted_sum_f32__ref(const float *x, const float *weights, float *y, uint32_t members, uint32_t outputs,
                              uint32_t begin, uint32_t end);

// y[k] = 1 where k is the class, else 0, for k in [begin, end). Unit: class.
void ep_one_vote_f32__ref(int32_t label, float *y, uint32_t begin, uint32_t end);

// y[i] = x[i] / sum, or where the sum of x is 0, of_nothing; for i in [0, n), n >= 1. The sum goes in index order.
void ep_shares_f32__ref(const float *x, float of_nothing, float *y, uint32_t n);

// The broken line through (knots[i], values[i]) at x[k], one line of `len` >= 1 points for each k in [begin, end);
// before the first and behind the last knot the line is level. Unit: feature. knots, values: [features][len], knots
// ascending; equal ones at the end fill a row up.
void ep_interpolate_f32__ref(const float *x, const float *knots, const float *values, float *y, uint32_t len,
                             uint32_t begin, uint32_t end);

// One-vs-one answers to one score a class, for the classes [begin, end): votes, and the sum s of the confidences in
// the class, which s / (3 (|s| + 1)) takes between -1/3 and 1/3. Unit: class. predictions (1 where the second class of
// the pair is predicted, else 0) and confidences (in the second class) have one entry a pair (0, 1), (0, 2), ...,
// (1, 2), ... Without predictions (NULL) the confidences are scores that speak for the first class from 0 on.
void ep_pair_votes_f32__ref(const float *predictions, const float *confidences, float *y, uint32_t classes,
                            uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
