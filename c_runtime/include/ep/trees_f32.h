// SPDX-License-Identifier: Apache-2.0
// Ensembles of decision trees as node tables. Unit: tree.
//
// A sample goes left where x[feature] <= threshold (float comparison), right where it is greater; a NaN goes right
// unless the node's missing bit is set. The left child of a node is the next node of the table, the right child stands
// `right` nodes further on; a node with right = 0 is a leaf and holds the row of its values.
// Leaf values are int32 fixed point: sums are exact, so their order and the number of cores do not matter. Whoever
// makes the tables chooses the scale such that the sum of all trees stays within int32.
#ifndef EP_TREES_F32_H
#define EP_TREES_F32_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EP_TREES_MISSING_LEFT 0x8000u          // in ep_tree_node_t.feature
#define EP_TREES_WIDE_MISSING_LEFT 0x80000000u // in ep_tree_wide_node_t.feature

// Up to 32768 features, right children at most 65535 nodes away.
typedef struct {
    union {
        float threshold; // inner node; not NaN
        uint32_t leaf;   // leaf: row of the leaf values
    };
    uint16_t feature; // index | EP_TREES_MISSING_LEFT; 0 in a leaf
    uint16_t right;   // distance of the right child in nodes (>= 1); 0 marks a leaf
} ep_tree_node_t;

// The same without these limits.
typedef struct {
    union {
        float threshold;
        uint32_t leaf;
    };
    uint32_t feature; // index | EP_TREES_WIDE_MISSING_LEFT
    uint32_t right;
} ep_tree_wide_node_t;

// acc[k] += leaves[row * outputs + k] for each tree in [begin, end), where row is the leaf that x reaches.
// roots[tree]: index of the tree's root in nodes; leaves: [rows][outputs]; acc: [outputs], zeroed by the caller, one
// for each core. Nothing overlaps.
void ep_trees_f32__ref(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                       int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
// For CV32E40P with CORE-V operations and floats in integer registers (Zfinx).
void ep_trees_f32__xpulp(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                         int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_trees_f32__integer(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                           int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
void ep_trees_wide_f32__ref(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const int32_t *leaves,
                            const float *x, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_trees_wide_f32__integer(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const int32_t *leaves,
                                const float *x, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);

// rows[tree] = the leaf row that x reaches, for each tree in [begin, end).
void ep_trees_leaf_f32__ref(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                            uint32_t begin, uint32_t end);
void ep_trees_leaf_f32__xpulp(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                              uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_trees_leaf_f32__integer(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                                uint32_t begin, uint32_t end);
void ep_trees_wide_leaf_f32__ref(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const float *x,
                                 uint32_t *rows, uint32_t begin, uint32_t end);
// For cores without FPU.
void ep_trees_wide_leaf_f32__integer(const ep_tree_wide_node_t *nodes, const uint32_t *roots, const float *x,
                                     uint32_t *rows, uint32_t begin, uint32_t end);

// out[k] = acc[k] + acc[stride + k] + ... over the cores, for k in [begin, end). Unit: output. acc: [cores][stride],
// stride >= outputs. out may be the first row of acc.
void ep_sum_i32__ref(const int32_t *acc, int32_t *out, uint32_t cores, uint32_t stride, uint32_t begin, uint32_t end);
void ep_sum_i32__corev(const int32_t *acc, int32_t *out, uint32_t cores, uint32_t stride, uint32_t begin, uint32_t end);

// out[k] = least (largest) of leaves[rows[tree] * outputs + k] over all trees, for k in [begin, end). Unit: output.
// trees >= 1.
void ep_leaves_min_i32__ref(const uint32_t *rows, const int32_t *leaves, int32_t *out, uint32_t trees, uint32_t outputs,
                            uint32_t begin, uint32_t end);
void ep_leaves_max_i32__ref(const uint32_t *rows, const int32_t *leaves, int32_t *out, uint32_t trees, uint32_t outputs,
                            uint32_t begin, uint32_t end);

// acc[target[tree]] += leaf[tree], a signed number, for trees in [begin, end). Unit: tree.
void ep_leaves_add_i32__ref(const uint32_t *leaf, const uint32_t *target, int32_t *acc, uint32_t begin, uint32_t end);

// y[k] = values[row * outputs + k] for k in [begin, end): the float leaf of a single tree as it is. Unit: output.
void ep_leaf_copy_f32__ref(uint32_t row, const float *values, float *y, uint32_t outputs, uint32_t begin, uint32_t end);

// y[k] = (float)acc[k] * scale, and where base is not NULL, + base[k]; for k in [begin, end). Unit: output.
// Three roundings at most: the conversion, the product, the sum.
void ep_scores_from_i32_f32__ref(const int32_t *acc, float scale, const float *base, float *y, uint32_t begin,
                                 uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
