// SPDX-License-Identifier: Apache-2.0
// For the xpulp variants alone: a hardware loop of CV32E40P as text for inline assembly.
//
// Compilers know no mnemonic for it, so the set-up instruction is spelled as a word (cv.setup 0, t0, length): the
// iteration count is in t0, which the statement names as an operand, and is 1 at least. The core takes broken rules in
// silence. This text keeps those on alignment and compressed instructions; whoever writes the body keeps the others:
// 3 instructions at least, no branch or jump. An operation of the FPU may be the last one only where the body does not
// start with what needs its result (tests/test_kernels_targets.py compares every loop with the reference on the RTL).
// Operands that the body writes are "+&r" or "=&r": an input of the same value, a stride of 0 and a sum that begins
// with 0 say, would share the register otherwise.
#ifndef EP_XPULP_H
#define EP_XPULP_H

#include <stdint.h>

#define EP_XPULP_LOOP_T0(body)                                                                                         \
    ".balign 4\n"                                                                                                      \
    ".option push\n"                                                                                                   \
    ".option norvc\n"                                                                                                  \
    "1: .4byte 0x472b | (5 << 15) | (((2f - 1b) / 4) << 20)\n" body "2:\n"                                             \
    ".option pop\n"

// ((p[0] + p[stride]) + p[2 * stride]) + ..., count >= 1 terms: 2 cycles a term. The second term of a pair is added in
// the next iteration, where it waits for nothing; the first iteration adds -0, which changes no number.
static inline float ep_xpulp_strided_sum(const float *p, uint32_t stride, uint32_t count) {
    float sum = -0.0f;
    register uint32_t pairs __asm__("t0") = count / 2u;
    if (pairs != 0u) {
        float p1 = -0.0f;
        float p0;
        __asm__ volatile(EP_XPULP_LOOP_T0("cv.lw %[p0], (%[p]), %[step]\n"
                                          "fadd.s %[sum], %[sum], %[p1]\n"
                                          "cv.lw %[p1], (%[p]), %[step]\n"
                                          "fadd.s %[sum], %[sum], %[p0]\n")
                         : [sum] "+&r"(sum), [p] "+&r"(p), [p0] "=&r"(p0), [p1] "+&r"(p1)
                         : "r"(pairs), [step] "r"(4u * stride)
                         : "memory");
        sum += p1;
    }
    return count % 2u != 0u ? sum + *p : sum;
}

#endif
