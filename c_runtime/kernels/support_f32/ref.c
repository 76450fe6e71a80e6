// SPDX-License-Identifier: Apache-2.0
#include "ep/support_f32.h"

#include "ep/math.h"

void ep_support_sums_f32__ref(const float *x, const float *weights, const uint32_t *starts, float *partial,
                              uint32_t rows, uint32_t stride, uint32_t begin, uint32_t end) {
    uint32_t segment = begin / rows;
    uint32_t row = begin - segment * rows;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t stop = starts[segment + 1];
        const float *w = weights + row * stride;
        uint32_t i = starts[segment];
        float sum = w[i] * x[i];
        for (i++; i < stop; i++) {
            sum += w[i] * x[i];
        }
        partial[u] = sum;
        row++;
        if (row == rows) {
            row = 0;
            segment++;
        }
    }
}

static float share(const float *partial, const uint32_t *first, uint32_t class, uint32_t row, uint32_t rows) {
    float sum = 0.0f;
    for (uint32_t s = first[class]; s < first[class + 1]; s++) {
        sum += partial[s * rows + row];
    }
    return sum;
}

void ep_support_scores_f32__ref(const float *partial, const uint32_t *first, const float *intercepts, float *scores,
                                uint32_t classes, uint32_t begin, uint32_t end) {
    uint32_t i = 0;
    uint32_t past = classes - 1; // one past the last pair of class i
    for (uint32_t pair = begin; pair < end; pair++) {
        while (pair >= past) {
            i++;
            past += classes - 1 - i;
        }
        uint32_t j = classes - (past - pair);
        float of_i = share(partial, first, i, j - 1, classes - 1);
        float of_j = share(partial, first, j, i, classes - 1);
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

void ep_support_confidences_f32__ref(const float *scores, float *y, uint32_t classes, uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        float sum = 0.0f;
        float wins = 0.0f;
        uint32_t pair = c - 1; // (0, c); one before (0, 1) where c is 0
        for (uint32_t i = 0; i < c; i++) {
            sum -= scores[pair];
            wins += scores[pair] < 0.0f ? 1.0f : 0.0f;
            pair += classes - 2 - i;
        }
        for (uint32_t j = c + 1; j < classes; j++) {
            sum += scores[++pair]; // (c, j)
            wins += scores[pair] < 0.0f ? 0.0f : 1.0f;
        }
        float magnitude = ep_from_bits_f32(ep_bits_f32(sum) & 0x7fffffffu);
        y[c] = wins + sum / (3.0f * (magnitude + 1.0f));
    }
}
