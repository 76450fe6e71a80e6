// SPDX-License-Identifier: Apache-2.0
// Programs that go wrong; FAULT chooses one. The function that does it is `culprit`, on core CORE.
#include "ep/pal.h"

#include "harness.h"

enum { ILLEGAL = 1, STORE_NOWHERE, LOAD_NOWHERE, ENDLESS, ENDS_BADLY, COPY_NOWHERE, STACK_OVERFLOW, JUMP_NOWHERE };

const uint32_t ep_model_input_bytes = 4u;
const uint32_t ep_model_output_bytes = 4u;

__attribute__((noinline)) static void culprit(void) {
#if FAULT == 1
    __asm__ volatile(".4byte 0xffffffff");
#elif FAULT == 2
    *(volatile uint32_t *)0x20000000u = 1u;
#elif FAULT == 3
    (void)*(volatile uint32_t *)0x1c080000u; // the first word after L2
#elif FAULT == 4
    for (;;) {
        __asm__ volatile("");
    }
#elif FAULT == 5
    ep_exit(3);
#elif FAULT == 6
    static EP_L1 uint32_t place[4];
    ep_dma_copy_in(place, (const void *)0x30000000u, 16u);
#elif FAULT == 7
    __asm__ volatile("lui sp, 0x10000\n\tsw zero, -4(sp)");
#elif FAULT == 8
    ((void (*)(void))0x1c07fff0u)(); // memory that holds zeros
#endif
}

static void step(ep_team_t *team, uint32_t core, void *arg) {
    (void)arg;
    if (core == CORE) {
        culprit();
    }
    ep_team_barrier(team);
}

void ep_model_infer(const void *input, void *output) {
    (void)input;
    (void)output;
    ep_team_fork(8u, step, (void *)0);
}
