// SPDX-License-Identifier: Apache-2.0
// Trees of one word a node on CV32E40P with CORE-V operations.
//
// The comparison sees the whole word of a node, since the bits below the threshold's index do not matter to it, and a
// step is a multiply-accumulate. In the hot table a decision to the left takes 5 instructions and as many cycles: the
// left child is loaded while the code comes, before anyone knows whether it is wanted. In the cold table, where a load
// takes 15 cycles, nothing is loaded that is not needed: 5 instructions to the left, 7 to the right.
#include "ep/coded_trees_inline.h"
#include "ep/xpulp.h"

// A node's word is in `now`; the left child's goes to `next`.
#define DECIDE_HOT(now, next, right)                                                                                   \
    "andi %[at], %[" now "], 0x7fc\n"                                                                                  \
    "cv.lw %[code], %[at](%[codes])\n"                                                                                 \
    "cv.lw %[" next "], (%[node]), 4\n"                                                                                \
    "bltu %[" now "], %[code], " right "\n"

// The right child stands `step` words behind the left one, which the pointer has passed.
#define STEP_RIGHT(now)                                                                                                \
    "cv.extractu %[at], %[" now "], 11, 11\n"                                                                          \
    "cv.mac %[node], %[at], %[four]\n"                                                                                 \
    "lw %[a], -4(%[node])\n"

#define DECIDE_COLD                                                                                                    \
    "cv.lw %[a], (%[node]), 4\n"                                                                                       \
    "bltz %[a], 8f\n"                                                                                                  \
    "andi %[at], %[a], 0x7fc\n"                                                                                        \
    "cv.lw %[code], %[at](%[codes])\n"                                                                                 \
    "bltu %[a], %[code], 7f\n"

static uint32_t leaf(const uint32_t *node, const uint32_t *cold, const uint32_t *codes) {
    uint32_t a, b, at, code;
    // clang-format off
    __asm__ volatile(
        ".balign 4\n"
        ".option push\n"
        ".option norvc\n"
        "cv.lw %[a], (%[node]), 4\n"
        "bltz %[a], 5f\n"
        "1:\n"
        DECIDE_HOT("a", "b", "2f") "bltz %[b], 4f\n"
        DECIDE_HOT("b", "a", "3f") "bltz %[a], 5f\n"
        DECIDE_HOT("a", "b", "2f") "bltz %[b], 4f\n"
        DECIDE_HOT("b", "a", "3f") "bgez %[a], 1b\n"
        "j 5f\n"
        "2:\n"
        STEP_RIGHT("a")
        "bgez %[a], 1b\n"
        "j 5f\n"
        "3:\n"
        STEP_RIGHT("b")
        "bgez %[a], 1b\n"
        "j 5f\n"
        "4:\n"
        "mv %[a], %[b]\n"
        // A leaf, or a way out: its index lies 4 bytes a word into the cold table.
        "5:\n"
        "slli %[at], %[a], 1\n"
        "bgez %[at], 8f\n"
        "slli %[at], %[a], 2\n"
        "add %[node], %[cold], %[at]\n"
        "6:\n"
        DECIDE_COLD
        DECIDE_COLD
        "j 6b\n"
        "7:\n"
        "cv.extractu %[at], %[a], 11, 11\n"
        "cv.mac %[node], %[at], %[four]\n"
        "cv.lw %[a], (%[node]), 4\n"
        "bltz %[a], 8f\n"
        "andi %[at], %[a], 0x7fc\n"
        "cv.lw %[code], %[at](%[codes])\n"
        "bltu %[a], %[code], 7b\n"
        "j 6b\n"
        "8:\n"
        ".option pop\n"
        : [node] "+&r"(node), [a] "=&r"(a), [b] "=&r"(b), [at] "=&r"(at), [code] "=&r"(code)
        : [codes] "r"(codes), [cold] "r"(cold), [four] "r"(4)
        : "memory");
    // clang-format on
    return a;
}

// Any float, NaN among them.
static void any_codes(const float *from, uint32_t *to, uint32_t shift, int32_t base, uint32_t len) {
    register uint32_t count __asm__("t0") = len;
    uint32_t value, other, nan;
    __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[value], (%[from]), 4\n"
                                      "slli %[nan], %[value], 1\n"
                                      "srai %[other], %[value], 31\n"
                                      "sltu %[nan], %[infinity], %[nan]\n"
                                      "srli %[other], %[other], 1\n"
                                      "xor %[value], %[value], %[other]\n"
                                      "add %[value], %[value], %[up]\n"
                                      "sra %[value], %[value], %[shift]\n"
                                      "sub %[value], %[value], %[base]\n"
                                      "cv.clipu %[value], %[value], 9\n"
                                      "slli %[value], %[value], 23\n"
                                      // A NaN: nothing for the left, the highest code for the right.
                                      "addi %[other], %[nan], -1\n"
                                      "and %[value], %[value], %[other]\n"
                                      "mul %[nan], %[nan], %[most]\n"
                                      "add %[nan], %[nan], %[value]\n"
                                      "cv.sw %[nan], (%[to]), 4\n"
                                      "cv.sw %[value], (%[to]), 4\n")
                     : [from] "+&r"(from), [to] "+&r"(to), [value] "=&r"(value), [other] "=&r"(other), [nan] "=&r"(nan)
                     : "r"(count), [infinity] "r"(0xff000000u), [up] "r"((1u << shift) - 1u), [shift] "r"(shift),
                       [base] "r"(base), [most] "r"(EP_CODED_MOST << EP_CODED_SHIFT)
                     : "memory");
}

// Thresholds that are not negative: every negative number is below them all, and a NaN, which the unsigned maximum
// shows, sends the range to the other loop.
void ep_codes_by_grid_f32__corev(const float *x, uint32_t *codes, uint32_t shift, int32_t base, uint32_t begin,
                                 uint32_t end) {
    if (begin >= end) {
        return;
    }
    uint32_t largest = 0xff000001u;
    if (base >= 0) {
        register uint32_t count __asm__("t0") = end - begin;
        const float *from = x + begin;
        uint32_t *to = codes + 2 * begin;
        uint32_t value, magnitude;
        largest = 0;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[value], (%[from]), 4\n"
                                          "slli %[magnitude], %[value], 1\n"
                                          "cv.max %[value], %[value], zero\n"
                                          "cv.maxu %[largest], %[largest], %[magnitude]\n"
                                          "cv.addnr %[value], %[up], %[shift]\n"
                                          "cv.clipu %[value], %[value], 9\n"
                                          "slli %[value], %[value], 23\n"
                                          "cv.sw %[value], (%[to]), 4\n"
                                          "cv.sw %[value], (%[to]), 4\n")
                         : [from] "+&r"(from), [to] "+&r"(to), [value] "=&r"(value), [magnitude] "=&r"(magnitude),
                           [largest] "+&r"(largest)
                         : "r"(count), [shift] "r"(shift), [up] "r"((1u << shift) - 1u - ((uint32_t)base << shift))
                         : "memory");
    }
    if (__builtin_expect(largest > 0xff000000u, 0)) {
        any_codes(x + begin, codes + 2 * begin, shift, base, end - begin);
    }
}

void ep_coded_trees_sum__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                               int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_sum(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_vote__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const uint32_t *codes,
                                int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_vote(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_row__corev(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots, const int32_t *leaves,
                               const uint32_t *codes, int32_t *acc, uint32_t outputs, uint32_t begin, uint32_t end) {
    ep_coded_row(leaf, hot, cold, roots, leaves, codes, acc, outputs, begin, end);
}
