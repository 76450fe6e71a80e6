// SPDX-License-Identifier: Apache-2.0
#include "ep/neighbours_f32.h"

#include <stddef.h>

#include "ep/math.h"

#define NOWHERE 0x7fffffffu // bits of a NaN, beyond every distance
#define NO_ROW 0xffffffffu

// Puts (key, row) into a full list; it has to be nearer than the last one.
static void insert(float *nearest, uint32_t *rows, uint32_t k, uint32_t key, uint32_t row) {
    uint32_t at = k - 1;
    while (at > 0 &&
           (ep_bits_f32(nearest[at - 1]) > key || (ep_bits_f32(nearest[at - 1]) == key && rows[at - 1] > row))) {
        nearest[at] = nearest[at - 1];
        rows[at] = rows[at - 1];
        at--;
    }
    nearest[at] = ep_from_bits_f32(key);
    rows[at] = row;
}

void ep_nearest_f32__ref(const float *distances, float *nearest, uint32_t *rows, uint32_t k, uint32_t begin,
                         uint32_t end) {
    for (uint32_t i = 0; i < k; i++) {
        nearest[i] = ep_from_bits_f32(NOWHERE);
        rows[i] = NO_ROW;
    }
    uint32_t last = NOWHERE;
    for (uint32_t r = begin; r < end; r++) {
        uint32_t key = ep_bits_f32(distances[r]);
        if (key < last) { // rows come in order, so an equal one is not nearer
            insert(nearest, rows, k, key, r);
            last = ep_bits_f32(nearest[k - 1]);
        }
    }
}

void ep_nearest_merge_f32__ref(float *nearest, uint32_t *rows, uint32_t k, uint32_t lists) {
    for (uint32_t i = k; i < k * lists; i++) {
        uint32_t key = ep_bits_f32(nearest[i]);
        uint32_t last = ep_bits_f32(nearest[k - 1]);
        if (key < last || (key == last && rows[i] < rows[k - 1])) {
            insert(nearest, rows, k, key, rows[i]);
        }
    }
}

static float power(float ratio, float exponent) {
    if (exponent == 1.0f) {
        return ratio;
    }
    return exponent == 0.5f ? ep_sqrt_f32(ratio) : ep_exp_f32(exponent * ep_log_f32(ratio));
}

void ep_neighbour_weights_f32__ref(const float *nearest, float *weights, float exponent, uint32_t k) {
    float least = nearest[0];
    for (uint32_t i = 0; i < k; i++) {
        if (least == 0.0f) {
            weights[i] = nearest[i] == 0.0f ? 1.0f : 0.0f;
        } else {
            weights[i] = power(least / nearest[i], exponent);
        }
    }
}

void ep_neighbour_votes_f32__ref(const uint32_t *rows, const uint16_t *classes, const float *weights, float *y,
                                 uint32_t k, uint32_t n) {
    for (uint32_t c = 0; c < n; c++) {
        y[c] = 0.0f;
    }
    for (uint32_t i = 0; i < k; i++) {
        y[classes[rows[i]]] += weights == NULL ? 1.0f : weights[i];
    }
}

void ep_neighbour_sums_f32__ref(const uint32_t *rows, const float *targets, const float *weights, float *y, uint32_t k,
                                uint32_t n) {
    for (uint32_t o = 0; o < n; o++) {
        float sum = 0.0f;
        for (uint32_t i = 0; i < k; i++) {
            float target = targets[rows[i] * n + o];
            sum += weights == NULL ? target : weights[i] * target;
        }
        y[o] = sum;
    }
}

void ep_neighbour_divide_f32__ref(const float *weights, float *y, uint32_t k, uint32_t n) {
    float total = 0.0f;
    for (uint32_t i = 0; i < k; i++) {
        total += weights[i];
    }
    for (uint32_t o = 0; o < n; o++) {
        y[o] = y[o] / total;
    }
}
