// SPDX-License-Identifier: Apache-2.0
#include "ep/distances_u8.h"
#include "ep/distances_u8_inline.h"
#include "ep/math.h"

#define SHIFT 8388608.0f // 2^23: whole numbers up to it, added, are the lowest bits of the sum
#define SHIFT_BITS 0x4b000000u

// The feature as a byte, of no meaning where it is none; then `others` counts it.
static inline uint32_t narrowed(float x, uint32_t *others) {
    float shifted = x + SHIFT;
    uint32_t byte = ep_bits_f32(shifted) - SHIFT_BITS;
    *others += (uint32_t)(byte > 255u) | (uint32_t)(shifted - SHIFT != x);
    return byte;
}

void ep_narrow_u8__ref(const float *x, uint32_t *narrow, uint32_t *found, uint32_t cols, uint32_t begin, uint32_t end) {
    ep_narrow_by(narrowed, x, narrow, found, cols, begin, end);
}

void ep_narrow_sum_u8__ref(const uint32_t *parts, uint32_t *found, uint32_t count) {
    uint32_t others = 0;
    uint32_t square = 0;
    for (uint32_t p = 0; p < count; p++) {
        others += parts[2 * p];
        square += parts[2 * p + 1];
    }
    found[0] = others;
    found[1] = square;
}

static uint32_t byte_of(const uint32_t *words, uint32_t i) {
    return words[i / 4] >> 8 * (i % 4) & 0xffu;
}

static float term(float x, uint32_t byte) {
    float d = x - (float)(int32_t)byte;
    return d * d;
}

// Four rows share each x, and no sum waits for its own last term.
static void float_rows(const float *x, const uint32_t *rows, float *out, uint32_t cols, uint32_t stride, uint32_t begin,
                       uint32_t end) {
    uint32_t r = begin;
    for (; end - r >= 4; r += 4) {
        const uint32_t *w0 = rows + r * stride;
        const uint32_t *w1 = w0 + stride;
        const uint32_t *w2 = w1 + stride;
        const uint32_t *w3 = w2 + stride;
        float s0 = 0.0f;
        float s1 = 0.0f;
        float s2 = 0.0f;
        float s3 = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            float t0 = term(x[i], byte_of(w0, i));
            float t1 = term(x[i], byte_of(w1, i));
            float t2 = term(x[i], byte_of(w2, i));
            float t3 = term(x[i], byte_of(w3, i));
            s0 += t0;
            s1 += t1;
            s2 += t2;
            s3 += t3;
        }
        out[r] = s0;
        out[r + 1] = s1;
        out[r + 2] = s2;
        out[r + 3] = s3;
    }
    for (; r < end; r++) {
        const uint32_t *w = rows + r * stride;
        float sum = 0.0f;
        for (uint32_t i = 0; i < cols; i++) {
            sum += term(x[i], byte_of(w, i));
        }
        out[r] = sum;
    }
}

void ep_sqeuclidean_u8__ref(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                            float *out, uint32_t cols, uint32_t begin, uint32_t end) {
    const uint32_t words = (cols + 3) / 4;
    const uint32_t stride = words + 1;
    if (found[0] != 0) {
        float_rows(x, rows, out, cols, stride, begin, end);
        return;
    }
    for (uint32_t r = begin; r < end; r++) {
        const uint32_t *row = rows + r * stride;
        uint32_t product = 0;
        for (uint32_t w = 0; w < words; w++) {
            uint32_t a = narrow[w];
            uint32_t b = row[w];
            product += (a & 0xffu) * (b & 0xffu) + (a >> 8 & 0xffu) * (b >> 8 & 0xffu);
            product += (a >> 16 & 0xffu) * (b >> 16 & 0xffu) + (a >> 24) * (b >> 24);
        }
        // |x|^2 - 2 x row + |row|^2 in 32 bits: what overflows on the way comes back.
        out[r] = (float)(found[1] + row[words] - 2 * product);
    }
}
