// SPDX-License-Identifier: Apache-2.0
#include "ep/zero_i32.h"

void ep_zero_i32__ref(int32_t *acc, uint32_t n) {
    for (uint32_t i = 0; i < n; ++i) {
        acc[i] = 0;
    }
}
