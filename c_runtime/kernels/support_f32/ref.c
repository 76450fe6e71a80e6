// SPDX-License-Identifier: Apache-2.0
#include "ep/support_f32.h"

// The sum over the segments of a class of one row; the first block needs no division.
static float share(const float *partial, const uint32_t *first, uint32_t class, uint32_t row, uint32_t block,
                   uint32_t segments) {
    uint32_t b = row < block ? 0 : row / block;
    const float *p = partial + b * segments * block + (row - b * block);
    float sum = 0.0f;
    for (uint32_t s = first[class]; s < first[class + 1]; s++) {
        sum += p[s * block];
    }
    return sum;
}

void ep_support_scores_f32__ref(const float *partial, const uint32_t *first, const float *intercepts, float *scores,
                                uint32_t classes, uint32_t block, uint32_t begin, uint32_t end) {
    uint32_t segments = first[classes];
    uint32_t i = 0;
    uint32_t past = classes - 1; // one past the last pair of class i
    for (uint32_t pair = begin; pair < end; pair++) {
        while (pair >= past) {
            i++;
            past += classes - 1 - i;
        }
        uint32_t j = classes - (past - pair);
        float of_i = share(partial, first, i, j - 1, block, segments);
        float of_j = share(partial, first, j, i, block, segments);
        scores[pair] = of_i + of_j + intercepts[pair];
    }
}

void ep_support_votes_f32__ref(const float *scores, float *votes, uint32_t classes, uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        float wins = 0.0f;
        uint32_t pair = c - 1; // (0, c); one before (0, 1) where c is 0
        for (uint32_t i = 0; i < c; i++) {
            wins += scores[pair] > 0.0f ? 0.0f : 1.0f;
            pair += classes - 2 - i;
        }
        for (uint32_t j = c + 1; j < classes; j++) {
            wins += scores[++pair] > 0.0f ? 1.0f : 0.0f; // (c, j)
        }
        votes[c] = wins;
    }
}
