// SPDX-License-Identifier: Apache-2.0
// Trees on CV32E40P with floats in integer registers (Zfinx).
//
// Node tables of forests lie in L2, 15 cycles away: both words of a node are asked for back to back, which the core
// overlaps, and nothing else touches the table. Both comparisons are made, the second in the shadow of the first: for
// a number one of them holds, so that only a NaN gets to look at the missing bit.
#include "ep/xpulp.h"
#include "ep/trees_f32.h"

static uint32_t leaf_row(const ep_tree_node_t *node, const float *x) {
    uint32_t row, link, right, less, greater;
    float value;
    __asm__ volatile(".balign 4\n"
                     ".option push\n"
                     ".option norvc\n"
                     "j 2f\n"
                     // Right: the distance is counted from the node, which the pointer has already left.
                     "1: addi %[right], %[right], -8\n"
                     "add %[node], %[node], %[right]\n"
                     "2: lw %[link], 4(%[node])\n"
                     "lw %[row], 0(%[node])\n"
                     "srli %[right], %[link], 16\n"
                     "beqz %[right], 3f\n"
                     "slli %[less], %[link], 17\n"
                     "srli %[less], %[less], 15\n"
                     "cv.lw %[value], %[less](%[x])\n"
                     "slli %[right], %[right], 3\n"
                     "addi %[node], %[node], 8\n"
                     "fle.s %[less], %[value], %[row]\n"
                     "flt.s %[greater], %[row], %[value]\n"
                     "bnez %[less], 2b\n"
                     "bnez %[greater], 1b\n"
                     // NaN: bit 15 of the link says left.
                     "slli %[link], %[link], 16\n"
                     "bltz %[link], 2b\n"
                     "j 1b\n"
                     "3:\n"
                     ".option pop\n"
                     : [node] "+&r"(node), [row] "=&r"(row), [link] "=&r"(link), [right] "=&r"(right),
                       [less] "=&r"(less), [greater] "=&r"(greater), [value] "=&r"(value)
                     : [x] "r"(x)
                     : "memory");
    return row;
}

static void accumulate(const int32_t *leaf, int32_t *acc, uint32_t outputs) {
    register uint32_t count __asm__("t0") = outputs / 2;
    if (count != 0) {
        int32_t a, b, c, d;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[a], (%[leaf]), 4\n"
                                          "cv.lw %[b], (%[leaf]), 4\n"
                                          "lw %[c], 0(%[acc])\n"
                                          "lw %[d], 4(%[acc])\n"
                                          "add %[a], %[a], %[c]\n"
                                          "add %[b], %[b], %[d]\n"
                                          "cv.sw %[a], (%[acc]), 4\n"
                                          "cv.sw %[b], (%[acc]), 4\n")
                         : [leaf] "+&r"(leaf), [acc] "+&r"(acc), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                         : "r"(count)
                         : "memory");
    }
    if (outputs % 2 != 0) {
        *acc += *leaf;
    }
}

void ep_trees_f32__xpulp(const ep_tree_node_t *nodes, const uint32_t *roots, const int32_t *leaves, const float *x,
                         int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        accumulate(leaves + leaf_row(nodes + roots[tree], x) * outputs, acc, outputs);
    }
}

void ep_trees_leaf_f32__xpulp(const ep_tree_node_t *nodes, const uint32_t *roots, const float *x, uint32_t *rows,
                              uint32_t begin, uint32_t end) {
    for (uint32_t tree = begin; tree < end; tree++) {
        rows[tree] = leaf_row(nodes + roots[tree], x);
    }
}
