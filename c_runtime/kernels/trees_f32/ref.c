// SPDX-License-Identifier: Apache-2.0
#include "ep/math.h"
#include "ep/trees_f32.h"
#include <stddef.h>

_Static_assert(sizeof(ep_tree_node_t) == 8, "two words a node");
_Static_assert(offsetof(ep_tree_node_t, feature) == 4 && offsetof(ep_tree_node_t, right) == 6, "links in one word");
_Static_assert(sizeof(ep_tree_wide_node_t) == 12, "three words a node");

static uint32_t is_nan(float x) {
    return (ep_bits_f32(x) & 0x7fffffffu) > 0x7f800000u;
}

// Feature in the lower half, right child in the upper: node tables lie in slow memory, one load is better than two.
static uint32_t links(const ep_tree_node_t *node) {
    uint32_t word;
    const unsigned char *pair = (const unsigned char *)node + offsetof(ep_tree_node_t, feature);
    // The pair is a whole word; without saying so, a core that cannot load across words would load it byte by byte.
    __builtin_memcpy(&word, __builtin_assume_aligned(pair, 4), sizeof word);
    return word;
}

static uint32_t leaf_row(const ep_tree_node_t *node, const float *x) {
    uint32_t link = links(node);
    while (link >> 16 != 0) {
        float value = x[link & (EP_TREES_MISSING_LEFT - 1u)];
        // The test for NaN is the rarer one and comes last.
        if (value <= node->threshold || ((link & EP_TREES_MISSING_LEFT) != 0 && is_nan(value))) {
            node += 1;
        } else {
            node += link >> 16;
        }
        link = links(node);
    }
    return node->leaf;
}

static uint32_t wide_leaf_row(const ep_tree_wide_node_t *node, const float *x) {
    while (node->right != 0) {
        float value = x[node->feature & (EP_TREES_WIDE_MISSING_LEFT - 1u)];
        if (value <= node->threshold || ((node->feature & EP_TREES_WIDE_MISSING_LEFT) != 0 && is_nan(value))) {
            node += 1;
        } else {
            node += node->right;
        }
    }
    return node->leaf;
}

static void accumulate(const int32_t *leaf, int32_t *acc, uint32_t outputs) {
    for (uint32_t k = 0; k < outputs; k++) {
        acc[k] += leaf[k];
    }
}

void ep_trees_f32__ref(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                       int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        accumulate(leaves + leaf_row(nodes + roots[tree], x) * outputs, acc, outputs);
    }
}

void ep_trees_wide_f32__ref(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const int32_t *leaves,
                            const float *x, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        accumulate(leaves + wide_leaf_row(nodes + roots[tree], x) * outputs, acc, outputs);
    }
}

void ep_trees_leaf_f32__ref(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                            uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        rows[tree] = leaf_row(nodes + roots[tree], x);
    }
}

void ep_trees_wide_leaf_f32__ref(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const float *x,
                                 uint32_t *rows, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        rows[tree] = wide_leaf_row(nodes + roots[tree], x);
    }
}

void ep_sum_i32__ref(const int32_t *acc, int32_t *out, uint32_t cores, uint32_t stride, uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        int32_t sum = acc[k];
        for (uint32_t core = 1; core < cores; core++) {
            sum += acc[core * stride + k];
        }
        out[k] = sum;
    }
}

void ep_leaves_min_i32__ref(const uint32_t *rows, const int32_t *leaves, int32_t *out, uint32_t trees, uint32_t outputs,
                            uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        int32_t least = leaves[rows[0] * outputs + k];
        for (uint32_t tree = 1; tree < trees; tree++) {
            int32_t value = leaves[rows[tree] * outputs + k];
            least = value < least ? value : least;
        }
        out[k] = least;
    }
}

void ep_leaves_max_i32__ref(const uint32_t *rows, const int32_t *leaves, int32_t *out, uint32_t trees, uint32_t outputs,
                            uint32_t begin, uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        int32_t largest = leaves[rows[0] * outputs + k];
        for (uint32_t tree = 1; tree < trees; tree++) {
            int32_t value = leaves[rows[tree] * outputs + k];
            largest = value > largest ? value : largest;
        }
        out[k] = largest;
    }
}

void ep_leaves_add_i32__ref(const uint32_t *leaf, const uint32_t *target, int32_t *acc, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        acc[target[tree]] += (int32_t)leaf[tree];
    }
}

void ep_leaf_copy_f32__ref(uint32_t row, const float *values, float *y, uint32_t outputs, uint32_t begin,
                           uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        y[k] = values[row * outputs + k];
    }
}

void ep_scores_from_i32_f32__ref(const int32_t *acc, float scale, const float *base, float *y, uint32_t begin,
                                 uint32_t end) {
    for (uint32_t k = begin; k < end; k++) {
        float score = (float)acc[k] * scale;
        y[k] = base != NULL ? score + base[k] : score;
    }
}
