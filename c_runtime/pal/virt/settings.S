// SPDX-License-Identifier: Apache-2.0
// Sizes that -Wl,--defsym=NAME=VALUE may replace. Weak symbols in a file of their own: lld computes wrong addresses
// from a setting that the linker script assigns or PROVIDEs itself, and the assembler would fold a value that it sees.

    .weak __ep_l2_bytes
    .set __ep_l2_bytes, 0x80000
    .weak __ep_l1_bytes
    .set __ep_l1_bytes, 0x10000
    .weak __ep_stack_bytes          // of each core
    .set __ep_stack_bytes, 0x400
    .weak __ep_harts                // 1 to 8
    .set __ep_harts, 8
