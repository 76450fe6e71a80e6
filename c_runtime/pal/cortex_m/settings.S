// SPDX-License-Identifier: Apache-2.0
// Sizes that -Wl,--defsym=NAME=VALUE may replace: weak symbols in a file of their own, as in pal/virt. Those of an STM32L476.

    .weak __ep_flash_bytes
    .set __ep_flash_bytes, 0x100000
    .weak __ep_ram_bytes
    .set __ep_ram_bytes, 0x20000
    .weak __ep_stack_bytes
    .set __ep_stack_bytes, 0x1000
