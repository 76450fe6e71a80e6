// SPDX-License-Identifier: Apache-2.0
// What the trees of every variant of coded_trees do with the leaf that they reach; `leaf` finds its word.
#ifndef EP_CODED_TREES_INLINE_H
#define EP_CODED_TREES_INLINE_H

#include "ep/coded_trees.h"

// The word of the leaf that the codes reach from a node of the hot table.
typedef uint32_t ep_coded_leaf_t(const uint32_t *node, const uint32_t *cold, const uint32_t *codes);

static inline void ep_coded_sum(ep_coded_leaf_t *leaf, const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                const uint32_t *codes, int32_t *acc, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        uint32_t root = roots[tree];
        uint32_t word = leaf(hot + (root >> 8), cold, codes);
        // 30 bits with a sign.
        acc[root & 0xffu] += (int32_t)((word & (EP_CODED_COLD - 1u)) ^ 0x20000000u) - 0x20000000;
    }
}

static inline void ep_coded_vote(ep_coded_leaf_t *leaf, const uint32_t *hot, const uint32_t *cold,
                                 const uint32_t *roots, const uint32_t *codes, int32_t *acc, uint32_t begin,
                                 uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        acc[leaf(hot + (roots[tree] >> 8), cold, codes) & (EP_CODED_COLD - 1u)] += 1;
    }
}

static inline void ep_coded_row(ep_coded_leaf_t *leaf, const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                const int32_t *leaves, const uint32_t *codes, int32_t *acc, uint32_t outputs,
                                uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        uint32_t word = leaf(hot + (roots[tree] >> 8), cold, codes);
        const int32_t *row = leaves + (word & (EP_CODED_COLD - 1u)) * outputs;
        for (uint32_t k = 0; k < outputs; k++) {
            acc[k] += row[k];
        }
    }
}

#endif
