// SPDX-License-Identifier: Apache-2.0
// One Cortex-M core: a team of one, no DMA, console and files by semihosting.
#include "ep/pal.h"

#include "harness.h"
#include "semihost.h"

struct ep_team {
    uint32_t cores;
};

void ep_team_fork(uint32_t cores, ep_step_fn step, void *arg) {
    if (cores != 1u) {
        ep_exit(EP_STATUS_PLATFORM);
    }
    ep_team_t team = {cores};
    step(&team, 0u, arg);
}

void ep_team_barrier(ep_team_t *team) {
    (void)team;
}

uint32_t ep_take_unit(const ep_team_t *team, uint32_t core, int32_t *flags, uint32_t units, uint32_t taken) {
    (void)flags;
    (void)units;
    return core + taken * team->cores;
}

uint32_t ep_team_cores(const ep_team_t *team) {
    return team->cores;
}

static void ep_cortex_m_copy(uint32_t *to, const uint32_t *from, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes / 4u; ++i) {
        to[i] = from[i];
    }
}

void ep_dma_copy_in(void *l1, const void *l2, uint32_t bytes) {
    ep_cortex_m_copy(l1, l2, bytes);
}

void ep_dma_copy_out(void *l2, const void *l1, uint32_t bytes) {
    ep_cortex_m_copy(l2, l1, bytes);
}

ep_dma_t ep_dma_start_in(void *l1, const void *l2, uint32_t bytes) {
    ep_cortex_m_copy(l1, l2, bytes);
    return 0u;
}

ep_dma_t ep_dma_start_out(void *l2, const void *l1, uint32_t bytes) {
    ep_cortex_m_copy(l2, l1, bytes);
    return 0u;
}

void ep_dma_wait(ep_dma_t copy) {
    (void)copy;
}

void ep_console_write(const char *text, uint32_t len) {
    ep_semihost_write(text, len);
}

_Noreturn void ep_exit(int32_t status) {
    ep_semihost_exit(status);
}

void ep_pal_dump(const void *start, uint32_t bytes) {
    ep_semihost_dump(start, bytes);
}
