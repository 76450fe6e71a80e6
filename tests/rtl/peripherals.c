// SPDX-License-Identifier: Apache-2.0
// The rest of the memory map, each on its own: exit status 0, or the number of the first check that failed.
#include "ep/pal.h"

#include "harness.h"

#define CORES 8u
#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define TEST_AND_SET(place) REGISTER((uintptr_t)(place) + 0x00100000u)
#define TIMER_CONFIG REGISTER(0x10200400u)
#define TIMER_COUNT REGISTER(0x10200408u)
#define CHECK(number, condition)                                                                                       \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            ep_exit(number);                                                                                           \
        }                                                                                                              \
    } while (0)

static EP_L1 volatile uint32_t word;
static EP_L1 volatile uint32_t lock;
static EP_L1 volatile uint32_t counter;
static EP_L2 volatile uint32_t far[2];

// A counter that every core raises under a lock; it is right only if test-and-set is one access.
static void locked_step(ep_team_t *team, uint32_t core, void *arg) {
    (void)arg;
    for (uint32_t i = 0; i < 20u; ++i) {
        while (TEST_AND_SET(&lock) != 0u) {
        }
        const uint32_t seen = counter;
        ep_team_cores(team);
        counter = seen + core;
        lock = 0u;
    }
}

int main(void) {
    // The bench has started all cores, as the controller does.
    CHECK(1, REGISTER(0x10200008u) == 0xFFu);
    CHECK(2, REGISTER(0x10200040u) == 0x1C008080u && REGISTER(0x1020005Cu) == 0x1C008080u);

    // L1 is at address 0 too.
    word = 0x11223344u;
    CHECK(3, REGISTER((uintptr_t)&word - 0x10000000u) == 0x11223344u);
    *(volatile uint8_t *)((uintptr_t)&word - 0x10000000u + 1u) = 0xAAu;
    CHECK(4, word == 0x1122AA44u);

    // Parts of words, in both memories.
    far[0] = 0x11223344u;
    *((volatile uint8_t *)&far[0] + 3) = 0x55u;
    *(volatile uint16_t *)&far[0] = 0x6677u;
    CHECK(5, far[0] == 0x55226677u && far[1] == 0u);

    // Test-and-set returns the old word and leaves all ones.
    CHECK(6, TEST_AND_SET(&word) == 0x1122AA44u && word == 0xFFFFFFFFu);
    ep_team_fork(CORES, locked_step, (void *)0);
    CHECK(7, counter == 20u * 28u && lock == 0u);

    // The timer counts cycles, from 0 after a reset, and holds its count when it is off.
    TIMER_CONFIG = 3u;
    const uint32_t first = TIMER_COUNT;
    __asm__ volatile(".option push\n\t.option norvc\n\t.rept 100\n\tnop\n\t.endr\n\t.option pop");
    const uint32_t second = TIMER_COUNT;
    CHECK(8, first < 20u && second - first >= 101u && second - first < 700u);
    TIMER_CONFIG = 0u;
    const uint32_t held = TIMER_COUNT;
    CHECK(9, held == TIMER_COUNT && held > second);

    ep_roi_begin();
    ep_console_write("edgepar says hello\n", 19u);
    ep_roi_end();
    ep_exit(0);
}
