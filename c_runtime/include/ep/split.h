// SPDX-License-Identifier: Apache-2.0
// The one place that divides work over cores: exact and even for every number of units and cores.
#ifndef EP_SPLIT_H
#define EP_SPLIT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint32_t begin;
    uint32_t end; // one past the last unit
} ep_range_t;

// Units of `core` (0 .. cores-1, cores >= 1). The ranges of all cores are disjoint, in order and cover 0 .. units-1;
// their sizes differ by at most one, the first cores take the larger ones. No intermediate value exceeds `units`.
static inline ep_range_t ep_split(uint32_t units, uint32_t cores, uint32_t core) {
    const uint32_t share = units / cores;
    const uint32_t left_over = units % cores;
    const uint32_t begin = core * share + (core < left_over ? core : left_over);
    const ep_range_t range = {begin, begin + share + (core < left_over ? 1u : 0u)};
    return range;
}

#ifdef __cplusplus
}
#endif

#endif
