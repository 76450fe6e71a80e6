// SPDX-License-Identifier: Apache-2.0
#include "ep/neighbours_f32.h"

#include <stddef.h>

#include "ep/math.h"

#define NOWHERE 0x7fffffffu // bits of a NaN, beyond every distance
#define NO_ROW 0xffffffffu

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Whether (key, row) stands before place i of a list.
static uint32_t before(const float *nearest, const uint32_t *rows, uint32_t i, uint32_t key, uint32_t row) {
    uint32_t other = ep_bits_f32(nearest[i]);
    return key < other || (key == other && row < rows[i]);
}

void ep_nearest_clear_f32__ref(float *nearest, uint32_t *rows, uint32_t k) {
    for (uint32_t i = 0; i < k; i++) {
        nearest[i] = ep_from_bits_f32(NOWHERE);
        rows[i] = NO_ROW;
    }
}

// Rows come in order, so an equal distance is not nearer than what is there; `last` is the farthest of the list.
static uint32_t take(float *nearest, uint32_t *rows, uint32_t last_place, uint32_t last, uint32_t key, uint32_t row) {
    if (key >= last) {
        return last;
    }
    float *place = nearest + last_place;
    uint32_t *row_place = rows + last_place;
    while (place != nearest && ep_bits_f32(place[-1]) > key) {
        *place = place[-1];
        *row_place = row_place[-1];
        place--;
        row_place--;
    }
    *place = ep_from_bits_f32(key);
    *row_place = row;
    return ep_bits_f32(nearest[last_place]);
}

void ep_nearest_f32__ref(const float *distances, float *nearest, uint32_t *rows, uint32_t k, uint32_t first,
                         uint32_t begin, uint32_t end) {
    uint32_t last = ep_bits_f32(nearest[k - 1]);
    uint32_t r = begin;
    for (; end - r >= 4; r += 4) { // the least of four says whether any is near enough
        uint32_t a = ep_bits_f32(distances[r]);
        uint32_t b = ep_bits_f32(distances[r + 1]);
        uint32_t c = ep_bits_f32(distances[r + 2]);
        uint32_t d = ep_bits_f32(distances[r + 3]);
        if (least(least(a, b), least(c, d)) < last) {
            last = take(nearest, rows, k - 1, last, a, first + r);
            last = take(nearest, rows, k - 1, last, b, first + r + 1);
            last = take(nearest, rows, k - 1, last, c, first + r + 2);
            last = take(nearest, rows, k - 1, last, d, first + r + 3);
        }
    }
    for (; r < end; r++) {
        last = take(nearest, rows, k - 1, last, ep_bits_f32(distances[r]), first + r);
    }
}

void ep_nearest_merge_f32__ref(float *nearest, uint32_t *rows, uint32_t k, uint32_t lists) {
    for (uint32_t list = 1; list < lists; list++) {
        for (uint32_t i = k * list; i < k * (list + 1); i++) {
            uint32_t key = ep_bits_f32(nearest[i]);
            uint32_t row = rows[i];
            uint32_t at = k - 1;
            if (!before(nearest, rows, at, key, row)) {
                break; // nor is the rest of the list, which is in order
            }
            for (; at > 0 && before(nearest, rows, at - 1, key, row); at--) {
                nearest[at] = nearest[at - 1];
                rows[at] = rows[at - 1];
            }
            nearest[at] = ep_from_bits_f32(key);
            rows[at] = row;
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

void ep_outlier_factor_f32__ref(const float *nearest, const uint32_t *rows, const float *reach, const float *density,
                                float *y, float exponent, uint32_t k) {
    float reached = 0.0f;
    float dense = 0.0f;
    for (uint32_t i = 0; i < k; i++) {
        const float distance = power(nearest[i], exponent);
        const float least = reach[rows[i]];
        reached += distance > least ? distance : least;
        dense += density[rows[i]];
    }
    y[0] = -(dense / (float)k) * (reached / (float)k + 1e-10f);
}
