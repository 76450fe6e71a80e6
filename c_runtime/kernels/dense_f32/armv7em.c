// SPDX-License-Identifier: Apache-2.0
// Dense layer on Cortex-M4F: rows in blocks that share each x. A float load takes 2 cycles and a sum waits for its
// product, so four rows side by side halve the cycles of one.
#include "ep/dense_f32.h"

static void rows_4(const float *restrict x, const float *restrict weights, uint32_t stride, uint32_t len,
                   float *restrict sums) {
    const float *w0 = weights;
    const float *w1 = w0 + stride;
    const float *w2 = w1 + stride;
    const float *w3 = w2 + stride;
    float s0 = *w0++ * *x;
    float s1 = *w1++ * *x;
    float s2 = *w2++ * *x;
    float s3 = *w3++ * *x;
    for (const float *stop = x + len; ++x != stop;) {
        float v = *x;
        float p0 = *w0++ * v;
        float p1 = *w1++ * v;
        float p2 = *w2++ * v;
        float p3 = *w3++ * v;
        s0 += p0;
        s1 += p1;
        s2 += p2;
        s3 += p3;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

static void rows_2(const float *restrict x, const float *restrict weights, uint32_t stride, uint32_t len,
                   float *restrict sums) {
    const float *w0 = weights;
    const float *w1 = w0 + stride;
    float s0 = *w0++ * *x;
    float s1 = *w1++ * *x;
    for (const float *stop = x + len; ++x != stop;) {
        float v = *x;
        float p0 = *w0++ * v;
        float p1 = *w1++ * v;
        s0 += p0;
        s1 += p1;
    }
    sums[0] = s0;
    sums[1] = s1;
}

static void rows_1(const float *restrict x, const float *restrict w, uint32_t len, float *restrict sums) {
    float sum = *w++ * *x;
    for (const float *stop = x + len; ++x != stop;) {
        sum += *w++ * *x;
    }
    sums[0] = sum;
}

void ep_dense_f32__armv7em(const float *x, const float *weights, float *partial, uint32_t rows, uint32_t cols,
                           uint32_t stride, uint32_t chunk_len, uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / rows;
    uint32_t row = begin - chunk * rows;
    uint32_t u = begin;
    while (u < end) {
        // Rows of one chunk, up to its last row or the end of the range.
        uint32_t first = chunk * chunk_len;
        uint32_t len = cols - first < chunk_len ? cols - first : chunk_len;
        uint32_t stop = end - u < rows - row ? end : u + (rows - row);
        const float *v = x + first;
        const float *w = weights + row * stride + first;
        for (; stop - u >= 4; u += 4, w += 4 * stride) {
            rows_4(v, w, stride, len, partial + u);
        }
        if (stop - u >= 2) {
            rows_2(v, w, stride, len, partial + u);
            u += 2;
            w += 2 * stride;
        }
        if (stop - u >= 1) {
            rows_1(v, w, len, partial + u);
            u += 1;
        }
        row = 0;
        chunk++;
    }
}
