// SPDX-License-Identifier: Apache-2.0
#include "ep/coupling_f32.h"

#include "ep/math.h"

#define LEAST 1e-7f
#define MOST 0.9999999f

static float magnitude(float x) {
    return ep_from_bits_f32(ep_bits_f32(x) & 0x7fffffffu);
}

void ep_pairwise_proba_f32__ref(const float *scores, const float *a, const float *b, float *r, uint32_t pairs,
                                uint32_t begin, uint32_t end) {
    for (uint32_t pair = begin; pair < end; pair++) {
        const float z = scores[pair] * a[pair] + b[pair];
        const float odds = ep_exp_f32(-magnitude(z));
        const float large = 1.0f / (1.0f + odds);
        const float small = odds / (1.0f + odds);
        const float larger = large > MOST ? MOST : large;
        const float smaller = small < LEAST ? LEAST : small;
        r[pair] = z < 0.0f ? larger : smaller;
        r[pairs + pair] = z < 0.0f ? smaller : larger;
    }
}

void ep_coupling_matrix_f32__ref(const float *r, float *q, uint32_t classes, uint32_t begin, uint32_t end) {
    const uint32_t pairs = classes * (classes - 1) / 2;
    for (uint32_t t = begin; t < end; t++) {
        float *row = q + t * classes;
        float own = 0.0f;
        uint32_t pair = t - 1; // (0, t); one before (0, 1) where t is 0
        for (uint32_t j = 0; j < t; j++) {
            own += r[pair] * r[pair];
            row[j] = -(r[pair] * r[pairs + pair]);
            pair += classes - 2 - j;
        }
        for (uint32_t j = t + 1; j < classes; j++) {
            pair++; // (t, j)
            own += r[pairs + pair] * r[pairs + pair];
            row[j] = -(r[pair] * r[pairs + pair]);
        }
        row[t] = own;
    }
}

// q p and p q p; returns how far the entries of the one are from the other at most.
static float multiply(const float *q, const float *p, float *qp, float *pqp, uint32_t classes) {
    float total = 0.0f;
    for (uint32_t t = 0; t < classes; t++) {
        float sum = 0.0f;
        for (uint32_t j = 0; j < classes; j++) {
            sum += q[t * classes + j] * p[j];
        }
        qp[t] = sum;
        total += p[t] * sum;
    }
    float most = 0.0f;
    for (uint32_t t = 0; t < classes; t++) {
        const float off = magnitude(qp[t] - total);
        most = off > most ? off : most;
    }
    *pqp = total;
    return most;
}

void ep_couple_f32__ref(const float *q, float *scratch, float *y, uint32_t classes, float epsilon,
                        uint32_t most_sweeps) {
    // The answer may lie in slow memory, so it is written once.
    float *qp = scratch;
    float *p = scratch + classes;
    const float share = 1.0f / (float)classes;
    for (uint32_t c = 0; c < classes; c++) {
        p[c] = share;
    }
    for (uint32_t sweep = 0; sweep < most_sweeps; sweep++) {
        float pqp;
        if (multiply(q, p, qp, &pqp, classes) < epsilon) {
            break;
        }
        for (uint32_t t = 0; t < classes; t++) {
            const float *row = q + t * classes;
            const float difference = (pqp - qp[t]) / row[t];
            const float shrink = 1.0f / (1.0f + difference);
            // The square of the difference times row[t] and twice that times qp[t], in one.
            pqp = (pqp + difference * (pqp + qp[t])) * shrink * shrink;
            p[t] += difference;
            for (uint32_t j = 0; j < classes; j++) {
                qp[j] = (qp[j] + difference * row[j]) * shrink;
                p[j] *= shrink;
            }
        }
    }
    for (uint32_t c = 0; c < classes; c++) {
        y[c] = p[c];
    }
}
