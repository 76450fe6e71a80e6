// SPDX-License-Identifier: Apache-2.0
// The nearest rows of a table, from distances. Lists are in the order of (distance, row), so that equal distances go
// to the lower row, and one list of the whole table has the bits of merged lists of its parts.
#ifndef EP_NEIGHBOURS_F32_H
#define EP_NEIGHBOURS_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// An empty list: rows 0xffffffff at NaN. nearest, rows: [k]; k >= 1.
void ep_nearest_clear_f32__ref(float *nearest, uint32_t *rows, uint32_t k);

// The list becomes the k nearest of its rows and of those that distances [begin, end) belong to, which have the numbers
// first + begin .. first + end - 1, all above those in the list. Unit: row. distances >= +0 or NaN, which is farther
// than any number (floats that are not negative are in the order of their bits). nearest, rows: [k], one list a core.
void ep_nearest_f32__ref(const float *distances, float *nearest, uint32_t *rows, uint32_t k, uint32_t first,
                         uint32_t begin, uint32_t end);

// The first list becomes the k nearest of `lists` lists that follow each other. One core.
void ep_nearest_merge_f32__ref(float *nearest, uint32_t *rows, uint32_t k, uint32_t lists);

// weights[i] = (nearest[0] / nearest[i])^exponent; where nearest[0] is 0, 1 for distances of 0 and 0 for the others.
// One core. exponent > 0; 0.5 and 1 need no logarithm.
void ep_neighbour_weights_f32__ref(const float *nearest, float *weights, float exponent, uint32_t k);

// y[c] = number of the k rows that are of class c; with weights (not NULL), the sum of theirs in list order.
// One core. classes: the class of each row of the table. y: [n].
void ep_neighbour_votes_f32__ref(const uint32_t *rows, const uint16_t *classes, const float *weights, float *y,
                                 uint32_t k, uint32_t n);

// y[o] = sum over the k rows of targets[row * n + o], times the weight where there are weights, in list order.
// One core. y: [n].
void ep_neighbour_sums_f32__ref(const uint32_t *rows, const float *targets, const float *weights, float *y, uint32_t k,
                                uint32_t n);

// y[o] = y[o] / (sum of the k weights in list order). One core. y: [n].
void ep_neighbour_divide_f32__ref(const float *weights, float *y, uint32_t k, uint32_t n);

// y[0] = -(mean of density[row]) ((mean of the larger of distance and reach[row]) + 1e-10) over the k rows of the list,
// whose distances are nearest[i]^exponent; sums in the order of the list. Nothing overlaps.
void ep_outlier_factor_f32__ref(const float *nearest, const uint32_t *rows, const float *reach, const float *density,
                                float *y, float exponent, uint32_t k);

#ifdef __cplusplus
}
#endif

#endif
