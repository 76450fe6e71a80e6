// SPDX-License-Identifier: Apache-2.0
// The two marks of the region of interest. A file of their own, so that no caller can see into them and inline them
// away.
#include "harness.h"

__attribute__((noinline, used)) void ep_roi_begin(void) {
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline, used)) void ep_roi_end(void) {
    __asm__ volatile("" ::: "memory");
}
