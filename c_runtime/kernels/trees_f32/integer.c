// SPDX-License-Identifier: Apache-2.0
// Trees on cores without FPU: floats are compared by their bits.
#include "ep/math.h"
#include "ep/trees_f32.h"

// x > threshold, by the sign of the threshold: numbers of its sign are in the order of their bits, or in the reverse
// order, and all others on one side of it. Neither is NaN, and threshold is not -0.
static inline uint32_t is_greater(uint32_t x, uint32_t threshold) {
    if (__builtin_expect((int32_t)threshold >= 0, 1)) {
        return (int32_t)x > (int32_t)threshold;
    }
    return x < threshold;
}

static inline uint32_t is_nan(uint32_t x) {
    return x << 1 > 0xff000000u;
}

// Feature in the lower half, right child in the upper.
static uint32_t links(const ep_tree_node_t *node) {
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned((const unsigned char *)node + 4, 4), sizeof word);
    return word;
}

static uint32_t leaf_row(const ep_tree_node_t *node, const float *x) {
    uint32_t link = links(node);
    uint32_t word = node->leaf;
    while (link >> 16 != 0) {
        uint32_t value = ep_bits_f32(x[link & (EP_TREES_MISSING_LEFT - 1u)]);
        uint32_t right = is_greater(value, word);
        if (__builtin_expect(is_nan(value) != 0, 0)) {
            right = (link & EP_TREES_MISSING_LEFT) == 0;
        }
        node += right != 0 ? link >> 16 : 1u;
        // Both words at once: the table lies in slow memory, which answers them one behind the other.
        link = links(node);
        word = node->leaf;
    }
    return word;
}

static uint32_t wide_leaf_row(const ep_tree_wide_node_t *node, const float *x) {
    while (node->right != 0) {
        uint32_t value = ep_bits_f32(x[node->feature & (EP_TREES_WIDE_MISSING_LEFT - 1u)]);
        uint32_t right = is_greater(value, node->leaf);
        if (__builtin_expect(is_nan(value) != 0, 0)) {
            right = (node->feature & EP_TREES_WIDE_MISSING_LEFT) == 0;
        }
        node += right != 0 ? node->right : 1u;
    }
    return node->leaf;
}

static void accumulate(const int32_t *leaf, int32_t *acc, uint32_t outputs) {
    for (uint32_t k = 0; k < outputs; k++) {
        acc[k] += leaf[k];
    }
}

void ep_trees_f32__integer(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                           int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        accumulate(leaves + leaf_row(nodes + roots[tree], x) * outputs, acc, outputs);
    }
}

void ep_trees_wide_f32__integer(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const int32_t *leaves,
                                const float *x, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        accumulate(leaves + wide_leaf_row(nodes + roots[tree], x) * outputs, acc, outputs);
    }
}

void ep_trees_leaf_f32__integer(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                                uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        rows[tree] = leaf_row(nodes + roots[tree], x);
    }
}

void ep_trees_wide_leaf_f32__integer(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const float *x,
                                     uint32_t *rows, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        rows[tree] = wide_leaf_row(nodes + roots[tree], x);
    }
}
