// SPDX-License-Identifier: Apache-2.0
// Probabilities of classes from those of all pairs of classes (Wu, Lin, Weng: Probability Estimates for Multi-class
// Classification by Pairwise Coupling, JMLR 5, 2004, second method). Pairs (i, j) of classes with i < j are numbered
// (0, 1), (0, 2), ..., (1, 2), ...; nothing overlaps.
#ifndef EP_COUPLING_F32_H
#define EP_COUPLING_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// For each pair of [begin, end): r[pair] = 1 / (1 + exp(z)), the probability of i, and r[pairs + pair], that of j, both
// between 1e-7 and 1 - 1e-7 and each with all digits of its own; z = scores[pair] * a[pair] + b[pair]. Unit: pair.
void ep_pairwise_proba_f32__ref(const float *scores, const float *a, const float *b, float *r, uint32_t pairs,
                                uint32_t begin, uint32_t end);

// Rows [begin, end) of the symmetric matrix q: [classes][classes], with r(i, j) the probability of i against j:
// q[t][t] = sum of the squares of r(j, t) over j, and q[t][j] = -r(j, t) r(t, j). Unit: class. r is that of
// ep_pairwise_proba_f32.
void ep_coupling_matrix_f32__ref(const float *r, float *q, uint32_t classes, uint32_t begin, uint32_t end);

// The shares y of the classes: from equal ones on, most_sweeps times at most, each class in turn is given what is best
// beside the shares of the others. It ends before a sweep in which no entry of q y is farther than epsilon from y q y.
// q: that of ep_coupling_matrix_f32; scratch: [2 * classes], y: [classes]. classes >= 2.
void ep_couple_f32__ref(const float *q, float *scratch, float *y, uint32_t classes, float epsilon,
                        uint32_t most_sweeps);

#ifdef __cplusplus
}
#endif

#endif
