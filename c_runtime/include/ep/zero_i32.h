// SPDX-License-Identifier: Apache-2.0
// Accumulators back to zero.
#ifndef EP_ZERO_I32_H
#define EP_ZERO_I32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// acc[i] = 0 for i in [0, n).
void ep_zero_i32__ref(int32_t *acc, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif
