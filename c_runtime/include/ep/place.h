// SPDX-License-Identifier: Apache-2.0
// Where a buffer lies. EP_L1 and EP_L2 mark zero-initialised variables, EP_L1_CONST and EP_L2_CONST mark const tables.
// The linker script of a platform gives their sections a memory:
//
//   platform     .ep_l1_bss   .ep_l1_data                 .ep_l2_bss   .ep_l2_rodata
//   pulp, virt   L1           L1, copied from L2          L2           L2
//   cortex_m     RAM          RAM, copied from flash      RAM          flash
//
// Copies are made at the start. A host has one memory, so the attributes are empty.
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
