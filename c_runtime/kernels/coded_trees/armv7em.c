// SPDX-License-Identifier: Apache-2.0
// Trees of one word a node on Cortex-M4: 11 cycles a decision beside the waits of flash, for both children alike, and
// one of four ends in a taken branch. A step of 0 words, for the left child, is as dear as a branch that is not taken.
#include "ep/coded_trees_inline.h"

#define DECIDE                                                                                                         \
    "ubfx %[code], %[word], #2, #9\n"                                                                                  \
    "ldr %[code], [%[codes], %[code], lsl #2]\n"                                                                       \
    "ubfx %[step], %[word], #11, #12\n"                                                                                \
    "cmp %[word], %[code]\n"                                                                                           \
    "it lo\n"                                                                                                          \
    "addlo %[node], %[node], %[step], lsl #2\n"                                                                        \
    "ldr %[word], [%[node]], #4\n"                                                                                     \
    "cmp %[word], #0\n"

static uint32_t leaf(const uint32_t *node, const uint32_t *cold, const uint32_t *codes) {
    uint32_t word, code, step;
    __asm__ volatile("0:\n"
                     "ldr %[word], [%[node]], #4\n"
                     "cmp %[word], #0\n"
                     "blt 2f\n"
                     "1:\n" DECIDE "blt 2f\n" DECIDE "blt 2f\n" DECIDE "blt 2f\n" DECIDE "bge 1b\n"
                     // A leaf, or a way out: its index lies 4 bytes a word into the cold table.
                     "2:\n"
                     "lsls %[code], %[word], #1\n"
                     "itt mi\n"
                     "addmi %[node], %[cold], %[word], lsl #2\n"
                     "bmi 0b\n"
                     : [node] "+&r"(node), [word] "=&r"(word), [code] "=&r"(code), [step] "=&r"(step)
                     : [codes] "r"(codes), [cold] "r"(cold)
                     : "memory", "cc");
    return word;
}

void ep_coded_trees_sum__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                 const uint32_t *codes, int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_sum(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_vote__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                  const uint32_t *codes, int32_t *acc, uint32_t begin, uint32_t end) {
    ep_coded_vote(leaf, hot, cold, roots, codes, acc, begin, end);
}

void ep_coded_trees_row__armv7em(const uint32_t *hot, const uint32_t *cold, const uint32_t *roots,
                                 const int32_t *leaves, const uint32_t *codes, int32_t *acc, uint32_t outputs,
                                 uint32_t begin, uint32_t end) {
    ep_coded_row(leaf, hot, cold, roots, leaves, codes, acc, outputs, begin, end);
}
