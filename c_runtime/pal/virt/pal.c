// SPDX-License-Identifier: Apache-2.0
// QEMU's riscv32 virt machine as platform: up to eight harts that sleep (wfi) until another one raises their software
// interrupt bit in the CLINT. Interrupts stay disabled; mip is polled.
//
// Everything that waits or serves waiting lies in section .text.ep_wait. A timing model leaves those instructions out
// and charges a fixed price instead, each time some hart executes ep_release_barrier or ep_release_fork (at the begin
// and at the end of a step): at that moment every hart of the team is inside the section. Likewise the copies that
// stand for DMA lie in section .text.ep_dma, and are charged by their bytes.
#include "ep/pal.h"

#include "harness.h"
#include "semihost.h"

#define EP_WAIT __attribute__((noinline, section(".text.ep_wait")))
#define EP_DMA __attribute__((noinline, section(".text.ep_dma")))
#define EP_CLINT_MSIP ((volatile uint32_t *)0x02000000u)
#define EP_MIP_MSIP 8u
#define EP_MAX_HARTS 8u

struct ep_team {
    uint32_t cores;
    uint32_t arrived;    // at the current barrier
    uint32_t generation; // completed barriers, the end of the step being one
    ep_step_fn step;
    void *arg;
};

// Where hart 0 leaves work for the others. A ticket that changed means new work, so a stray interrupt does no harm.
static struct {
    ep_team_t *team;
    uint32_t ticket[EP_MAX_HARTS];
} ep_virt_mailbox;

extern const char __ep_harts[]; // the value of the symbol is the number
void ep_release_barrier(void);
void ep_release_fork(void);
void ep_release_dma(void);
_Noreturn void ep_virt_dispatch(uint32_t hart);
_Noreturn void ep_virt_trap(uint32_t hart, uint32_t pc, uint32_t cause, uint32_t address);

static inline uint32_t ep_virt_hart(void) {
    uint32_t hart;
    __asm__ volatile("csrr %0, mhartid" : "=r"(hart));
    return hart;
}

// Returns after this hart's interrupt bit was set by another one, and clears it.
static inline void ep_virt_sleep(uint32_t hart) {
    uint32_t pending;
    for (;;) {
        __asm__ volatile("csrr %0, mip" : "=r"(pending));
        if ((pending & EP_MIP_MSIP) != 0u) {
            break;
        }
        __asm__ volatile("wfi");
    }
    EP_CLINT_MSIP[hart] = 0u;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void ep_virt_wake(uint32_t hart) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    EP_CLINT_MSIP[hart] = 1u;
}

// Two bodies that differ, so that no compiler or linker makes one of them.
EP_WAIT void ep_release_barrier(void) {
    __asm__ volatile("" ::: "memory");
}

EP_WAIT void ep_release_fork(void) {
    __asm__ volatile("nop" ::: "memory");
}

EP_WAIT void ep_team_barrier(ep_team_t *team) {
    if (team->cores == 1u) {
        return;
    }
    const uint32_t hart = ep_virt_hart();
    const uint32_t cores = team->cores;
    const uint32_t generation = __atomic_load_n(&team->generation, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&team->arrived, 1u, __ATOMIC_ACQ_REL) == cores) {
        ep_release_barrier();
        team->arrived = 0u;
        __atomic_store_n(&team->generation, generation + 1u, __ATOMIC_RELEASE);
        for (uint32_t other = 0; other < cores; ++other) {
            if (other != hart) {
                ep_virt_wake(other);
            }
        }
        return;
    }
    while (__atomic_load_n(&team->generation, __ATOMIC_ACQUIRE) == generation) {
        ep_virt_sleep(hart);
    }
}

// The end of a step. Workers do not wait here, and touch the team for the last time when they arrive: it dies with hart
// 0's return.
EP_WAIT static void ep_virt_join(ep_team_t *team, uint32_t hart) {
    const uint32_t cores = team->cores;
    const uint32_t generation = __atomic_load_n(&team->generation, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&team->arrived, 1u, __ATOMIC_ACQ_REL) == cores) {
        ep_release_fork();
        __atomic_store_n(&team->generation, generation + 1u, __ATOMIC_RELEASE);
        if (hart != 0u) {
            ep_virt_wake(0u);
        }
    }
    if (hart == 0u) {
        while (__atomic_load_n(&team->generation, __ATOMIC_ACQUIRE) == generation) {
            ep_virt_sleep(hart);
        }
    }
}

EP_WAIT void ep_team_fork(uint32_t cores, ep_step_fn step, void *arg) {
    if (cores == 0u || cores > (uint32_t)(uintptr_t)__ep_harts) {
        ep_exit(EP_STATUS_PLATFORM);
    }
    ep_team_t team = {.cores = cores, .arrived = 0u, .generation = 0u, .step = step, .arg = arg};
    ep_release_fork();
    if (cores == 1u) {
        step(&team, 0u, arg);
        ep_release_fork();
        return;
    }
    ep_virt_mailbox.team = &team;
    for (uint32_t hart = 1; hart < cores; ++hart) {
        (void)__atomic_add_fetch(&ep_virt_mailbox.ticket[hart], 1u, __ATOMIC_RELEASE);
        ep_virt_wake(hart);
    }
    step(&team, 0u, arg);
    ep_virt_join(&team, 0u);
}

EP_WAIT _Noreturn void ep_virt_dispatch(uint32_t hart) {
    uint32_t seen = 0u;
    for (;;) {
        ep_virt_sleep(hart);
        const uint32_t ticket = __atomic_load_n(&ep_virt_mailbox.ticket[hart], __ATOMIC_ACQUIRE);
        if (ticket != seen) {
            seen = ticket;
            ep_team_t *team = ep_virt_mailbox.team;
            team->step(team, hart, team->arg);
            ep_virt_join(team, hart);
        }
    }
}

uint32_t ep_take_unit(const ep_team_t *team, uint32_t core, int32_t *flags, uint32_t units, uint32_t taken) {
    (void)flags;
    (void)units;
    return core + taken * team->cores;
}

uint32_t ep_team_cores(const ep_team_t *team) {
    return team->cores;
}

EP_DMA static void ep_virt_copy(uint32_t *to, const uint32_t *from, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes / 4u; ++i) {
        to[i] = from[i];
    }
}

EP_DMA ep_dma_t ep_dma_start_in(void *l1, const void *l2, uint32_t bytes) {
    ep_virt_copy(l1, l2, bytes);
    return 1u;
}

EP_DMA ep_dma_t ep_dma_start_out(void *l2, const void *l1, uint32_t bytes) {
    ep_virt_copy(l2, l1, bytes);
    return 1u;
}

EP_DMA __attribute__((used)) void ep_release_dma(void) {
    __asm__ volatile("");
}

void ep_dma_wait(ep_dma_t copy) {
    if (copy != 0u) {
        ep_release_dma();
    }
}

void ep_dma_copy_in(void *l1, const void *l2, uint32_t bytes) {
    ep_dma_wait(ep_dma_start_in(l1, l2, bytes));
}

void ep_dma_copy_out(void *l2, const void *l1, uint32_t bytes) {
    ep_dma_wait(ep_dma_start_out(l2, l1, bytes));
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

_Noreturn void ep_virt_trap(uint32_t hart, uint32_t pc, uint32_t cause, uint32_t address) {
    ep_semihost_trap("riscv", hart, pc, cause, address);
}
