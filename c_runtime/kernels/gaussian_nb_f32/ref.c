// SPDX-License-Identifier: Apache-2.0
#include "ep/gaussian_nb_f32.h"
#include "ep/math.h"

#define INFINITY_BITS 0x7f800000u
#define MINUS_INFINITY_BITS 0xff800000u

// Features of a unit's chunk, and where they start.
typedef struct {
    uint32_t start;
    uint32_t len;
} chunk_t;

static chunk_t chunk_of(uint32_t unit, uint32_t features, uint32_t chunk_len) {
    uint32_t chunks = (features - 1u) / chunk_len + 1u;
    uint32_t start = unit % chunks * chunk_len;
    chunk_t chunk = {start, features - start < chunk_len ? features - start : chunk_len};
    return chunk;
}

void ep_gaussian_nb_f32__ref(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                             uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, features, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t c = 0; c < block; c++) {
            const float *t = table + 3 * (u * block * chunk_len + c);
            float d = ((v[0] - t[0]) - t[1]) * t[2];
            float sum = d * d;
            for (uint32_t i = 1; i < chunk.len; i++) {
                t += 3 * block;
                d = ((v[i] - t[0]) - t[1]) * t[2];
                sum += d * d;
            }
            partial[u * block + c] = sum;
        }
    }
}

void ep_gaussian_nb_fma_f32__ref(const float *x, const float *table, float *partial, uint32_t features, uint32_t block,
                                 uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, features, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t c = 0; c < block; c++) {
            const float *t = table + 3 * (u * block * chunk_len + c);
            float sum = 0.0f;
            for (uint32_t i = 0; i < chunk.len; i++) {

                float d = ep_fma_f32(v[i] - t[0], t[1], t[2]);
                sum = ep_fma_f32(d, d, sum);
                t += 3 * block;
            }
            partial[u * block + c] = sum;
        }
    }
}

void ep_gaussian_nb_shrunk_f32__ref(const float *x, const float *table, float shrink, float *partial, uint32_t features,
                                    uint32_t block, uint32_t chunk_len, uint32_t first, uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, features, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t c = 0; c < block; c++) {
            const float *t = table + 3 * (u * block * chunk_len + c);
            float sum = 0.0f;
            for (uint32_t i = 0; i < chunk.len; i++) {

                // Every operand is shrunk before it meets another one: nothing can overflow on the way.
                float d = ((v[i] * shrink - t[0] * shrink) - t[1] * shrink) * (t[2] * shrink);
                sum += d * d;
                t += 3 * block;
            }
            partial[u * block + c] = sum;
        }
    }
}

void ep_gaussian_nb_shrunk_fma_f32__ref(const float *x, const float *table, float shrink, float *partial,
                                        uint32_t features, uint32_t block, uint32_t chunk_len, uint32_t first,
                                        uint32_t begin, uint32_t end) {
    for (uint32_t u = begin; u < end; u++) {
        chunk_t chunk = chunk_of(first + u, features, chunk_len);
        const float *v = x + chunk.start;
        for (uint32_t c = 0; c < block; c++) {
            const float *t = table + 3 * (u * block * chunk_len + c);
            float sum = 0.0f;
            for (uint32_t i = 0; i < chunk.len; i++) {

                float d = ep_fma_f32(v[i] * shrink - t[0] * shrink, t[1] * shrink, t[2] * shrink * shrink);
                sum = ep_fma_f32(d, d, sum);
                t += 3 * block;
            }
            partial[u * block + c] = sum;
        }
    }
}

static float chunk_sum(const float *partial, uint32_t class, uint32_t block, uint32_t chunks) {
    // The first block needs no division, which takes some processors 35 cycles.
    const float *p = partial + (class < block ? class : class / block * chunks * block + class % block);
    float sum = p[0];
    for (uint32_t k = 1; k < chunks; k++) {
        sum += p[k * block];
    }
    return sum;
}

void ep_gaussian_nb_combine_f32__ref(const float *partial, const float *base, float *jll, uint32_t block,
                                     uint32_t chunks, uint32_t begin, uint32_t end) {
    for (uint32_t c = begin; c < end; c++) {
        jll[c] = base[c] - chunk_sum(partial, c, block, chunks);
    }
}

void ep_gaussian_nb_combine_shrunk_f32__ref(const float *partial, float *jll, uint32_t classes, uint32_t block,
                                            uint32_t chunks) {
    float least = ep_from_bits_f32(INFINITY_BITS);
    for (uint32_t c = 0; c < classes; c++) {
        jll[c] = chunk_sum(partial, c, block, chunks);
        least = jll[c] < least ? jll[c] : least;
    }
    float below_all = ep_from_bits_f32(MINUS_INFINITY_BITS);
    for (uint32_t c = 0; c < classes; c++) {
        jll[c] = jll[c] == least && ep_bits_f32(least) != INFINITY_BITS ? 0.0f : below_all;
    }
}

uint32_t ep_gaussian_nb_overflowed_f32__ref(const float *jll, uint32_t classes) {
    for (uint32_t c = 0; c < classes; c++) {
        if (ep_bits_f32(jll[c]) != MINUS_INFINITY_BITS) {
            return 0;
        }
    }
    return 1;
}
