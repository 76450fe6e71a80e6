// SPDX-License-Identifier: Apache-2.0
// One-vs-one: scores of all pairs of classes, and their votes.
//
// Pairs (i, j) of classes with i < j are numbered (0, 1), (0, 2), ..., (1, 2), ...; a score above 0 speaks for i.
#ifndef EP_SUPPORT_F32_H
#define EP_SUPPORT_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Score of each pair in [begin, end). Unit: pair. partial: [blocks][segments][block], sums over segments of support
// vectors (ep_dense_segments_f32) of classes - 1 rows, where the segments of class c are first[c] .. first[c + 1] - 1
// and row m of class c is its share in the pair with the m-th other class. score(i, j) = (sum over the segments of i of
// row j - 1, in order) + (the same for j, row i) + intercepts[pair]. first: [classes + 1]. Nothing overlaps.
void ep_support_scores_f32__ref(const float *partial, const uint32_t *first, const float *intercepts, float *scores,
                                uint32_t classes, uint32_t block, uint32_t begin, uint32_t end);

// votes[c] = number of pairs that class c wins, for c in [begin, end): i where the score is above 0, else j. Unit:
// class.
void ep_support_votes_f32__ref(const float *scores, float *votes, uint32_t classes, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
