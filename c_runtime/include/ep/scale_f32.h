// SPDX-License-Identifier: Apache-2.0
// Per-feature maps. Unit: feature; every call computes the features [begin, end).
//
// x, y and the parameter tables have one entry a feature. y may be x itself; otherwise nothing overlaps.
#ifndef EP_SCALE_F32_H
#define EP_SCALE_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// y[i] = ((x[i] - high[i]) - low[i]) * factor[i], each operation rounded once.
// high + low is an offset of twice the precision of a float: high = (float)offset, low = (float)(offset - high).
void ep_scale_f32__ref(const float *x, const float *high, const float *low, const float *factor, float *y,
                       uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_scale_f32__xpulp(const float *x, const float *high, const float *low, const float *factor, float *y,
                         uint32_t begin, uint32_t end);

// y[i] = x[i] * factor[i] + addend[i]; the product is rounded before the addition.
void ep_affine_f32__ref(const float *x, const float *factor, const float *addend, float *y, uint32_t begin,
                        uint32_t end);

// y[i] = min(max(x[i], lowest[i]), highest[i]), lowest[i] <= highest[i]; a NaN in x stays.
void ep_clip_f32__ref(const float *x, const float *lowest, const float *highest, float *y, uint32_t begin,
                      uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
