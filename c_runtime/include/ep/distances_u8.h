// SPDX-License-Identifier: Apache-2.0
// Squared distances of one sample to rows of whole numbers from 0 to 255, a byte each. Where the features of the sample
// are such numbers too, the sum is one of integers, exact, and rounded to float once; else it is that of
// ep_sqeuclidean_f32.
//
// Bytes lie four in a word, the first in the lowest bits; words = (cols + 3) / 4, and bytes beyond cols are 0.
#ifndef EP_DISTANCES_U8_H
#define EP_DISTANCES_U8_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// narrow[w] = features 4 w .. 4 w + 3 of x as bytes. Unit: word. Of the range [begin, end), found[0] = number of
// features that are no whole number from 0 to 255, found[1] = sum of the squares; where that number is not 0, bytes and
// squares have no meaning. x: [cols]; narrow: [words]; found: [2]. Nothing overlaps.
void ep_narrow_u8__ref(const float *x, uint32_t *narrow, uint32_t *found, uint32_t cols, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_narrow_u8__integer(const float *x, uint32_t *narrow, uint32_t *found, uint32_t cols, uint32_t begin,
                           uint32_t end);

// What was found in a whole sample from that of its parts. parts: [count][2]; found: [2]. Nothing overlaps.
void ep_narrow_sum_u8__ref(const uint32_t *parts, uint32_t *found, uint32_t count);

// out[r] = sum of (x[i] - rows[r][i])^2 for r in [begin, end). Unit: row; rows are counted from the pointers given.
// x: [cols] and narrow: [words], the same sample; found: [2], what was found in it; rows: [end][words + 1], in the last
// word of each the sum of its squares; out: [end]. 1 <= cols <= 66051, so that no sum of integers exceeds 32 bits.
void ep_sqeuclidean_u8__ref(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                            float *out, uint32_t cols, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations.
void ep_sqeuclidean_u8__corev(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                              float *out, uint32_t cols, uint32_t begin, uint32_t end);
// For Cortex-M4F.
void ep_sqeuclidean_u8__armv7em(const float *x, const uint32_t *narrow, const uint32_t *found, const uint32_t *rows,
                                float *out, uint32_t cols, uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
