// SPDX-License-Identifier: Apache-2.0
// Where a buffer lies. The linker script of a platform gives the sections their memory:
//   pulp, virt   .ep_l1_bss, .ep_l1_data in L1 (the latter is copied from L2 at start-up), .ep_l2_bss, .ep_l2_rodata in
//   L2 cortex_m     .ep_l1_bss, .ep_l2_bss in RAM; .ep_l1_data, .ep_l2_rodata in flash host         one memory, so the
//   attributes are empty
// EP_L1 and EP_L2 mark zero-initialised variables, EP_L1_CONST and EP_L2_CONST mark const tables.
#ifndef EP_PLACE_H
#define EP_PLACE_H

#if defined(__linux__) || defined(__APPLE__) || defined(_WIN32)
#define EP_L1
#define EP_L1_CONST
#define EP_L2
#define EP_L2_CONST
#else
#define EP_L1 __attribute__((section(".ep_l1_bss")))
#define EP_L1_CONST __attribute__((section(".ep_l1_data")))
#define EP_L2 __attribute__((section(".ep_l2_bss")))
#define EP_L2_CONST __attribute__((section(".ep_l2_rodata")))
#endif

#endif
