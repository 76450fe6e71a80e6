// SPDX-License-Identifier: Apache-2.0
#include "ep/compose_f32.h"

#include <stddef.h>

void ep_copy_f32__ref(const float *x, float *y, uint32_t offset, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[offset + i] = x[i];
    }
}

void ep_select_f32__ref(const float *x, const uint32_t *columns, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        y[i] = x[columns[i]];
    }
}

void ep_weighted_sum_f32__ref(const float *x, const float *weights, float *y, uint32_t members, uint32_t outputs,
                              uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        float sum = weights[0] * x[k];
        for (uint32_t m = 1; m < members; m++) {
            sum += weights[m] * x[m * outputs + k];
        }
        y[k] = sum;
    }
}

void ep_one_vote_f32__ref(int32_t label, float *y, uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        y[k] = (uint32_t)label == k ? 1.0f : 0.0f;
    }
}

void ep_shares_f32__ref(const float *x, float of_nothing, float *y, uint32_t n) {
    float sum = x[0];
    for (uint32_t i = 1; i < n; i++) {
        sum += x[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        y[i] = sum == 0.0f ? of_nothing : x[i] / sum;
    }
}

void ep_interpolate_f32__ref(const float *x, const float *knots, const float *values, float *y, uint32_t len,
                             uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        const float *knot = knots + k * len;
        const float *value = values + k * len;
        if (!(x[k] > knot[0])) {
            y[k] = value[0];
            continue;
        }
        if (x[k] >= knot[len - 1]) {
            y[k] = value[len - 1];
            continue;
        }
        // knot[low] <= x < knot[high], until they are neighbours.
        uint32_t low = 0;
        uint32_t high = len - 1;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (knot[middle] <= x[k]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        float share = (x[k] - knot[low]) / (knot[high] - knot[low]);
        y[k] = value[low] + (value[high] - value[low]) * share;
    }
}

void ep_pair_votes_f32__ref(const float *predictions, const float *confidences, float *y, uint32_t classes,
                            uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        float votes = 0.0f;
        float confidence = 0.0f;
        uint32_t pair = c - 1; // (0, c), then (1, c) and so on, as long as c is the second
        for (uint32_t other = 0; other < c; other++) {
            const float score = confidences[pair];
            if (predictions == NULL) {
                votes += score < 0.0f ? 1.0f : 0.0f;
                confidence -= score;
            } else {
                votes += predictions[pair];
                confidence += score;
            }
            pair += classes - 2 - other;
        }
        pair = c * (2 * classes - c - 1) / 2; // (c, c + 1) and those behind it
        for (uint32_t other = c + 1; other < classes; other++) {
            const float score = confidences[pair];
            if (predictions == NULL) {
                votes += score < 0.0f ? 0.0f : 1.0f;
                confidence += score;
            } else {
                votes += 1.0f - predictions[pair];
                confidence -= score;
            }
            pair++;
        }
        float size = confidence < 0.0f ? -confidence : confidence;
        y[c] = votes + confidence / (3.0f * (size + 1.0f));
    }
}
