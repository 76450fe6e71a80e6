// SPDX-License-Identifier: Apache-2.0
// Sums of squares on Cortex-M4F: classes in pairs that share each x, two chains side by side, so that no operation
// waits for the one before.
#include "ep/gaussian_nb_f32.h"

static void classes_2(const float *restrict x, const float *restrict high, const float *restrict low,
                      const float *restrict r, uint32_t stride, uint32_t len, float *restrict sums) {
    const float *h1 = high + stride;
    const float *l1 = low + stride;
    const float *r1 = r + stride;
    float s0 = 0.0f;
    float s1 = 0.0f;
    for (const float *stop = x + len; x != stop; x++) {
        float d0 = *x - *high++;
        float d1 = *x - *h1++;
        d0 = d0 - *low++;
        d1 = d1 - *l1++;
        d0 = d0 * *r++;
        d1 = d1 * *r1++;
        d0 = d0 * d0;
        d1 = d1 * d1;
        s0 += d0;
        s1 += d1;
    }
    sums[0] = s0;
    sums[1] = s1;
}

static void classes_1(const float *restrict x, const float *restrict high, const float *restrict low,
                      const float *restrict r, uint32_t len, float *restrict sums) {
    float sum = 0.0f;
    for (const float *stop = x + len; x != stop; x++) {
        float d = ((*x - *high++) - *low++) * *r++;
        sum += d * d;
    }
    sums[0] = sum;
}

void ep_gaussian_nb_f32__armv7em(const float *x, const float *high, const float *low, const float *r, float *partial,
                                 uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len,
                                 uint32_t begin, uint32_t end) {
    uint32_t chunk = begin / classes;
    uint32_t class = begin - chunk * classes;
    uint32_t u = begin;
    while (u < end) {
        // Classes of one chunk, up to the last class or the end of the range.
        uint32_t first = chunk * chunk_len;
        uint32_t len = features - first < chunk_len ? features - first : chunk_len;
        uint32_t stop = end - u < classes - class ? end : u + (classes - class);
        const float *v = x + first;
        uint32_t at = class * stride + first;
        for (; stop - u >= 2; u += 2, at += 2 * stride) {
            classes_2(v, high + at, low + at, r + at, stride, len, partial + u);
        }
        if (stop - u >= 1) {
            classes_1(v, high + at, low + at, r + at, len, partial + u);
            u += 1;
        }
        class = 0;
        chunk++;
    }
}
