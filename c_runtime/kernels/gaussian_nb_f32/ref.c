// SPDX-License-Identifier: Apache-2.0
#include "ep/gaussian_nb_f32.h"
#include "ep/math.h"

#define INFINITY_BITS 0x7f800000u
#define MINUS_INFINITY_BITS 0xff800000u

void ep_gaussian_nb_f32__ref(const float *x, const float *high, const float *low, const float *r, float *partial,
                             uint32_t classes, uint32_t features, uint32_t stride, uint32_t chunk_len, uint32_t begin,
                             uint32_t end) {
    uint32_t chunk = begin / classes;
    uint32_t class = begin - chunk * classes;
    for (uint32_t u = begin; u < end; u++) {
        uint32_t first = chunk * chunk_len;
        uint32_t len = features - first < chunk_len ? features - first : chunk_len;
        const float *v = x + first;
        const float *h = high + class * stride + first;
        const float *l = low + class * stride + first;
        const float *s = r + class * stride + first;
        float d = ((v[0] - h[0]) - l[0]) * s[0];
        float sum = d * d;
        for (uint32_t i = 1; i < len; i++) {
            d = ((v[i] - h[i]) - l[i]) * s[i];
            sum += d * d;
        }
        partial[u] = sum;
        class++;
        if (class == classes) {
            class = 0;
            chunk++;
        }
    }
}

void ep_gaussian_nb_shrunk_f32__ref(const float *x, const float *high, const float *low, const float *r, float shrink,
                                    float *partial, uint32_t classes, uint32_t features, uint32_t stride,
                                    uint32_t chunk_len, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        uint32_t chunk = u / classes;
        uint32_t class = u - chunk * classes;
        uint32_t first = chunk * chunk_len;
        uint32_t len = features - first < chunk_len ? features - first : chunk_len;
        const float *v = x + first;
        const float *h = high + class * stride + first;
        const float *l = low + class * stride + first;
        const float *s = r + class * stride + first;
        float sum = 0.0f;
        for (uint32_t i = 0; i < len; i++) {
            // Every operand is shrunk before it meets another one: nothing can overflow on the way.
            float d = ((v[i] * shrink - h[i] * shrink) - l[i] * shrink) * (s[i] * shrink);
            sum += d * d;
        }
        partial[u] = sum;
    }
}

static float chunk_sum(const float *partial, uint32_t class, uint32_t classes, uint32_t chunks) {
    float sum = partial[class];
    for (uint32_t k = 1; k < chunks; k++) {
        sum += partial[k * classes + class];
    }
    return sum;
}

void ep_gaussian_nb_combine_f32__ref(const float *partial, const float *base, float *jll, uint32_t classes,
                                     uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        jll[c] = base[c] - chunk_sum(partial, c, classes, chunks);
    }
}

void ep_gaussian_nb_combine_shrunk_f32__ref(const float *partial, float *jll, uint32_t classes, uint32_t chunks) {
    float least = ep_from_bits_f32(INFINITY_BITS);
    for (uint32_t c = 0; c < classes; c++) {
        jll[c] = chunk_sum(partial, c, classes, chunks);
        least = jll[c] < least ? jll[c] : least;
    }
    float below_all = ep_from_bits_f32(MINUS_INFINITY_BITS);
    for (uint32_t c = 0; c < classes; c++) {
        jll[c] = jll[c] == least && ep_bits_f32(least) != INFINITY_BITS ? 0.0f : below_all;
    }
}

uint32_t ep_gaussian_nb_overflowed_f32__ref(const float *jll, uint32_t classes) {
    uint32_t overflowed = 1;
    for (uint32_t c = 0; c < classes; c++) {
        overflowed &= ep_bits_f32(jll[c]) == MINUS_INFINITY_BITS;
    }
    return overflowed;
}
