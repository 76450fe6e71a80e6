// SPDX-License-Identifier: Apache-2.0
#include "ep/coded_trees_inline.h"
#include "ep/math.h"

_Static_assert(sizeof(ep_coded_feature_t) == 8, "two words a feature");

#define STEP(word) (((word) >> 11) & 0xfffu)
#define CODE(word) (((word) >> 2) & 0x1ffu)

// An integer of the same order as the float; -0.0 comes right before 0.0. Not for NaN.
static int32_t order(uint32_t bits) {
    return (int32_t)(bits >> 31 != 0 ? bits ^ 0x7fffffffu : bits);
}

static uint32_t is_nan(uint32_t bits) {
    return (bits & 0x7fffffffu) > 0x7f800000u;
}

static void store(uint32_t *pair, uint32_t nan, uint32_t code) {
    pair[0] = (nan ? EP_CODED_MOST : code) << EP_CODED_SHIFT;
    pair[1] = (nan ? 0u : code) << EP_CODED_SHIFT;
}

void ep_codes_by_rank_f32__ref(const ep_coded_feature_t *features, const int32_t *cuts, const float *x, uint32_t *codes,
                               uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++) {
        const int32_t *low = cuts + features[i].first;
        uint32_t left = features[i].cuts;
        uint32_t bits = ep_bits_f32(x[features[i].feature]);
        int32_t value = order(bits);
        const int32_t *first = low;
        while (left > 1) {
            uint32_t half = left / 2;
            low += low[half - 1] < value ? half : 0;
            left -= half;
        }
        low += *low < value ? 1 : 0;
        store(codes + 2 * i, is_nan(bits), (uint32_t)(low - first));
    }
}

void ep_codes_by_grid_f32__ref(const float *x, uint32_t *codes, uint32_t shift, int32_t base, uint32_t begin,
                               uint32_t end) {
    int32_t round_up = (int32_t)((1u << shift) - 1u);
    for (uint32_t i = begin; i < end; i++) {
        uint32_t bits = ep_bits_f32(x[i]);
        uint32_t nan = is_nan(bits);
        // A NaN may overflow here, so it is replaced.
        int32_t code = ((order(nan ? 0u : bits) + round_up) >> shift) - base;
        code = code < 0 ? 0 : code;
        code = code > (int32_t)EP_CODED_MOST ? (int32_t)EP_CODED_MOST : code;
        store(codes + 2 * i, nan, (uint32_t)code);
    }
}

// The word of the leaf that the codes reach.
static uint32_t leaf(const uint32_t *node, const uint32_t *cold, const uint32_t *codes) {
    for (;;) {
        uint32_t word = *node++;
        if (word < EP_CODED_END) {
            // The bits below the index of the threshold do not change what the comparison says.
            node += word >= codes[CODE(word)] ? 0 : STEP(word);
        } else if ((word & EP_CODED_COLD) == 0) {
            return word;
        } else {
            node = cold + (word & (EP_CODED_COLD - 1u));
        }
    }
}

void ep_coded_trees_sum__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                             int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_sum(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_vote__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                              int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_vote(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_row__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const int32_t *leaves,
                             const uint32_t *codes, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    ep_coded_row(leaf, hot, cold, roots, leaves, codes, acc, outputs, begin, end);
}
