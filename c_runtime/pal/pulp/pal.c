// SPDX-License-Identifier: Apache-2.0
// The PULP cluster as platform: event unit for fork and barrier, MCHAN for copies. One source for images with and
// without CORE-V operations: with them a core that waits sleeps (cv.elw), without them the same address is read by a
// plain load, which the event unit answers as late, and the core waits awake.
//
// EP_CORE_V: 1 when the compiler has cv.elw. EP_GAP8: 1 for GAP8, whose MCHAN and stdout differ.
//
// Everything that waits lies in section .text.ep_wait.
#include "ep/pal.h"

#include "harness.h"

#ifndef EP_CORE_V
#define EP_CORE_V 0
#endif
#ifndef EP_GAP8
#define EP_GAP8 0
#endif

#define EP_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define EP_WAIT __attribute__((noinline, aligned(4), section(".text.ep_wait")))

// Event unit, as each core sees it.
#define EP_EVENT_UNIT 0x10204000u
#define EP_EVENT_MASK EP_REGISTER(EP_EVENT_UNIT + 0x00u)
#define EP_EVENT_WAIT_CLEAR 0x3Cu
#define EP_SOFTWARE_EVENT_0 EP_REGISTER(EP_EVENT_UNIT + 0x100u)
#define EP_BARRIER_TRIGGER_MASK EP_REGISTER(EP_EVENT_UNIT + 0x200u)
#define EP_BARRIER_TARGET_MASK EP_REGISTER(EP_EVENT_UNIT + 0x20Cu)
#define EP_BARRIER_WAIT_CLEAR 0x21Cu
#define EP_WAKE_EVENTS 0x00010001u // barrier and software event 0, as in start.S
#define EP_DMA_EVENT 0x00000100u

// DMA engine, as each core sees it.
#define EP_DMA_COMMAND EP_REGISTER(0x10204400u)
#define EP_DMA_STATUS EP_REGISTER(0x10204404u)
#define EP_DMA_FLAG(bit) (1u << ((bit) - (EP_GAP8 ? 1u : 0u)))
#define EP_DMA_TO_L1 EP_DMA_FLAG(17u)
#define EP_DMA_INCREMENT EP_DMA_FLAG(18u)
#define EP_DMA_RAISE_EVENT EP_DMA_FLAG(20u)
#define EP_DMA_MAX_BYTES 0x8000u // of one transfer; the length field has 16 or 17 bits

#define EP_STDOUT ((EP_GAP8 != 0) ? 0x1A110000u : 0x1A10F000u)
#define EP_EXIT EP_REGISTER(0x1A1040A0u)
#define EP_STATUS_PLATFORM 67 // a call that pal.h does not allow

#if EP_CORE_V
#define EP_EVENT_LOAD "cv.elw"
#else
#define EP_EVENT_LOAD "lw"
#endif

struct ep_team {
    uint32_t cores;
    ep_step_fn step;
    void *arg;
};

// What core 0 leaves for the others. In L1, where reading it costs one cycle.
static EP_L1 ep_team_t ep_pulp_team;

extern const char __ep_cores[]; // the value of the symbol is the number
_Noreturn void ep_pulp_dispatch(uint32_t core);

// Reads an event unit register that answers once an event of this core's mask is there. start.S leaves the unit's
// address in tp, which nothing else uses: a barrier is this one instruction between call and return.
#define EP_WAIT_EVENT(offset)                                                                                          \
    do {                                                                                                               \
        uint32_t event;                                                                                                \
        __asm__ volatile(EP_EVENT_LOAD " %0, %1(tp)" : "=r"(event) : "i"(offset) : "memory");                          \
    } while (0)

// The barrier's own event wakes all cores in the same cycle, so a software event that core 0 raises after it cannot be
// taken for it.
EP_WAIT void ep_team_barrier(ep_team_t *team) {
    (void)team;
    EP_WAIT_EVENT(EP_BARRIER_WAIT_CLEAR);
}

EP_WAIT void ep_team_fork(uint32_t cores, ep_step_fn step, void *arg) {
    if (cores == 0u || cores > (uint32_t)(uintptr_t)__ep_cores) {
        ep_exit(EP_STATUS_PLATFORM);
    }
    const uint32_t mask = (1u << cores) - 1u;
    ep_team_t *team = &ep_pulp_team;
    if (team->cores != cores) { // the barrier keeps its cores
        EP_BARRIER_TRIGGER_MASK = mask;
        EP_BARRIER_TARGET_MASK = mask;
        team->cores = cores;
    }
    team->step = step;
    team->arg = arg;
    __asm__ volatile("" ::: "memory"); // the others read what was stored so far
    if (cores > 1u) {                  // an empty mask would mean all
        EP_SOFTWARE_EVENT_0 = mask & ~1u;
    }
    step(team, 0u, arg);
    EP_WAIT_EVENT(EP_BARRIER_WAIT_CLEAR);
}

EP_WAIT _Noreturn void ep_pulp_dispatch(uint32_t core) {
    for (;;) {
        EP_WAIT_EVENT(EP_EVENT_WAIT_CLEAR);
        ep_pulp_team.step(&ep_pulp_team, core, ep_pulp_team.arg);
        EP_WAIT_EVENT(EP_BARRIER_WAIT_CLEAR);
    }
}

// A read at this distance from a word of L1 gives the word and leaves all ones in it, in one step.
#define EP_TEST_AND_SET(word) EP_REGISTER((uintptr_t)(word) + 0x100000u)

// The last flag says where to begin to ask. Two cores may write it in the wrong order; then some ask for units that are
// gone.
uint32_t ep_take_unit(const ep_team_t *team, uint32_t core, int32_t *flags, uint32_t units, uint32_t taken) {
    (void)team;
    (void)core;
    (void)taken;
    volatile int32_t *const first = flags + units;
    for (uint32_t unit = (uint32_t)*first; unit < units; ++unit) {
        if (EP_TEST_AND_SET(flags + unit) == 0u) {
            *first = (int32_t)(unit + 1u);
            return unit;
        }
    }
    return units;
}

uint32_t ep_team_cores(const ep_team_t *team) {
    return team->cores;
}

// Starts a copy in parts, and gives back their numbers as bits.
static uint32_t ep_pulp_start(uint32_t l1, uint32_t l2, uint32_t bytes, uint32_t direction) {
    uint32_t started = 0u;
    __asm__ volatile("" ::: "memory"); // the engine reads what was stored so far
    while (bytes > 0u) {
        const uint32_t part = bytes < EP_DMA_MAX_BYTES ? bytes : EP_DMA_MAX_BYTES;
        const uint32_t id = EP_DMA_COMMAND;
        EP_DMA_COMMAND = part | direction | EP_DMA_INCREMENT | EP_DMA_RAISE_EVENT;
        EP_DMA_COMMAND = l1;
        EP_DMA_COMMAND = l2;
        started |= 1u << id;
        l1 += part;
        l2 += part;
        bytes -= part;
    }
    return started;
}

// No other event may end this wait, and the event of one transfer no wait for another: the mask holds it alone,
// meanwhile, and the engine says which transfers are under way.
EP_WAIT static void ep_pulp_wait(uint32_t started) {
    if (started == 0u) {
        return;
    }
    if ((EP_DMA_STATUS & started) != 0u) {
        EP_EVENT_MASK = EP_DMA_EVENT;
        while ((EP_DMA_STATUS & started) != 0u) {
            EP_WAIT_EVENT(EP_EVENT_WAIT_CLEAR);
        }
        EP_EVENT_MASK = EP_WAKE_EVENTS;
    }
    EP_DMA_STATUS = started;
}

void ep_dma_copy_in(void *l1, const void *l2, uint32_t bytes) {
    ep_pulp_wait(ep_pulp_start((uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2, bytes, EP_DMA_TO_L1));
}

void ep_dma_copy_out(void *l2, const void *l1, uint32_t bytes) {
    ep_pulp_wait(ep_pulp_start((uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2, bytes, 0u));
}

ep_dma_t ep_dma_start_in(void *l1, const void *l2, uint32_t bytes) {
    return ep_pulp_start((uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2, bytes, EP_DMA_TO_L1);
}

ep_dma_t ep_dma_start_out(void *l2, const void *l1, uint32_t bytes) {
    return ep_pulp_start((uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2, bytes, 0u);
}

void ep_dma_wait(ep_dma_t copy) {
    ep_pulp_wait(copy);
}

void ep_console_write(const char *text, uint32_t len) {
    uint32_t hart;
    __asm__ volatile("csrr %0, mhartid" : "=r"(hart));
    const uint32_t place = EP_STDOUT + ((hart & 31u) << 3) + ((hart >> 5) << 7);
    for (uint32_t i = 0; i < len; ++i) {
        EP_REGISTER(place) = (uint8_t)text[i];
    }
}

_Noreturn void ep_exit(int32_t status) {
    EP_EXIT = 0x80000000u | (uint32_t)status;
    for (;;) {
    }
}

// The test bench reads the memory.
void ep_pal_dump(const void *start, uint32_t bytes) {
    (void)start;
    (void)bytes;
}
