// SPDX-License-Identifier: Apache-2.0
// For the xpulp variants alone: a hardware loop of CV32E40P as text for inline assembly.
//
// Compilers know no mnemonic for it, so the set-up instruction is spelled as a word (cv.setup 0, t0, length): the
// iteration count is in t0, which the statement names as an operand, and is 1 at least. The core takes broken rules in
// silence. This text keeps those on alignment and compressed instructions; whoever writes the body keeps the others:
// 3 instructions at least, no branch or jump. An operation of the FPU may be the last one only where the body does not
// start with what needs its result (tests/test_kernels_targets.py compares every loop with the reference on the RTL).
#ifndef EP_XPULP_H
#define EP_XPULP_H

#define EP_XPULP_LOOP_T0(body)                                                                                         \
    ".balign 4\n"                                                                                                      \
    ".option push\n"                                                                                                   \
    ".option norvc\n"                                                                                                  \
    "1: .4byte 0x472b | (5 << 15) | (((2f - 1b) / 4) << 20)\n" body "2:\n"                                             \
    ".option pop\n"

#endif
