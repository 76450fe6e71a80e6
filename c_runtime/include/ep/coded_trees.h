// SPDX-License-Identifier: Apache-2.0
// Ensembles of decision trees as tables of one word a node, on features that have been made codes of 8 bits.
//
// A feature has at most 255 thresholds here, in ascending order; its code is the number of them that it exceeds, so
// that x <= threshold i is code <= i: decisions compare integers and are those of the floats. A feature of more
// thresholds counts as several. No floating-point operation is needed on the way.
//
// A node that asks:   0 | index of its threshold:8 | step:12 | code:9 | 00
// A leaf:             1 0 | what it gives:30
// A way out:          1 1 | index of a node of the table `cold`:30
// `code` is an index of the codes below. Where the code is not above the threshold's index the path goes on with the
// next word, else with the word `step` further on than that. Busy nodes lie in the table `hot`, in fast memory, the
// others in `cold`, from where no path comes back.
//
// Leaf values are int32 fixed point: sums are exact, so their order and the number of cores do not matter. Whoever
// makes the tables chooses the scale such that the sum of all trees stays within int32.
#ifndef EP_CODED_TREES_H
#define EP_CODED_TREES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EP_CODED_END 0x80000000u  // a leaf or a way out
#define EP_CODED_COLD 0x40000000u // with it: a way out
#define EP_CODED_SHIFT 23         // of a code and of a threshold's index
#define EP_CODED_MOST 255u        // code of a NaN that goes right, above every threshold's index

// Thresholds of one feature, or of a part of them.
typedef struct {
    uint16_t feature;
    uint16_t cuts;  // how many, 1 to 255
    uint32_t first; // index of the first in the table of cuts
} ep_coded_feature_t;

// codes[2 i] and codes[2 i + 1], shifted by EP_CODED_SHIFT: the code of x[features[i].feature] for nodes that send NaN
// to the right and for those that send it to the left; for i in [begin, end). Unit: feature. cuts: thresholds as
// integers in the order of floats, see ep_order_f32; ascending for each feature.
void ep_codes_by_rank_f32__ref(const ep_coded_feature_t *features, const int32_t *cuts, const float *x, uint32_t *codes,
                               uint32_t begin, uint32_t end);

// The same for all features of x where every threshold is, as such an integer, a multiple of 2^shift and
// (base + i) 2^shift for some i from 0 to 254: the code is found without a search. shift <= 22.
void ep_codes_by_grid_f32__ref(const float *x, uint32_t *codes, uint32_t shift, int32_t base, uint32_t begin,
                               uint32_t end);
void ep_codes_by_grid_f32__corev(const float *x, uint32_t *codes, uint32_t shift, int32_t base, uint32_t begin,
                                 uint32_t end);

// Unit of all below: tree. roots[tree]: index of the tree's root in hot << 8 | number of the sum it adds to (0 where
// the leaf says it). acc: [outputs], zeroed by the caller, one for each core. Nothing overlaps.

// Each tree adds to one sum what its leaf says, a signed number.
void ep_coded_trees_sum__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                             int32_t *acc, uint32_t begin, uint32_t end);
void ep_coded_trees_sum__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                               int32_t *acc, uint32_t begin, uint32_t end);
void ep_coded_trees_sum__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                 const uint32_t *codes, int32_t *acc, uint32_t begin, uint32_t end);

// Each tree adds 1 to the sum that its leaf names.
void ep_coded_trees_vote__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                              int32_t *acc, uint32_t begin, uint32_t end);
void ep_coded_trees_vote__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                                int32_t *acc, uint32_t begin, uint32_t end);
void ep_coded_trees_vote__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                  const uint32_t *codes, int32_t *acc, uint32_t begin, uint32_t end);

// Each tree adds to all sums the row of `leaves` [rows][outputs] that its leaf names.
void ep_coded_trees_row__ref(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const int32_t *leaves,
                             const uint32_t *codes, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
void ep_coded_trees_row__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const int32_t *leaves,
                               const uint32_t *codes, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end);
void ep_coded_trees_row__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                 const int32_t *leaves, const uint32_t *codes, int32_t *acc, uint32_t outputs,
                                 uint32_t begin, uint32_t end);

#ifdef __cplusplus
}
#endif

#endif
