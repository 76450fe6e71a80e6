// SPDX-License-Identifier: Apache-2.0
// What happens between the cores. Every case runs in two lengths, each twice (the second with a warm cache); a run is
// one region. The order of the regions is that of `cases`, which tests/test_rtl_cluster.py repeats.
#include "ep/pal.h"

#include "harness.h"

#define CORES 8u
#define WORDS 512u

static EP_L1 uint32_t words[WORDS];
static EP_L1 uint32_t block[2048];
static EP_L2 uint32_t image[2048];

typedef struct {
    ep_step_fn step;
    uint32_t length;
    uint32_t stride; // in words, between the places of two cores
} case_t;

#define LOADS(count, place)                                                                                            \
    __asm__ volatile(".option push\n\t.option norvc\n\t.balign 4\n\t.rept " #count                                     \
                     "\n\tlw t0, 0(%0)\n\t.endr\n\t.option pop"                                                        \
                     :                                                                                                 \
                     : "r"(place)                                                                                      \
                     : "t0", "memory")

// Cores load from one place each, as fast as they can.
static void load_step(ep_team_t *team, uint32_t core, void *arg) {
    const case_t *now = arg;
    const uint32_t *place = words + core * now->stride;
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_begin();
    }
    if (now->length == 64u) {
        LOADS(64, place);
    } else {
        LOADS(128, place);
    }
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_end();
    }
}

// Calls and nothing between them. Like every function of the platform, the barrier may change the caller-saved
// registers.
#define BARRIERS(count)                                                                                                \
    __asm__ volatile(".option push\n\t.option norvc\n\t.balign 4\n\t.rept " #count                                     \
                     "\n\tjal ep_team_barrier\n\t.endr\n\t.option pop"                                                 \
                     :                                                                                                 \
                     :                                                                                                 \
                     : "ra", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6", \
                       "memory")

// Barriers in a row: all cores arrive together at each.
static void barrier_step(ep_team_t *team, uint32_t core, void *arg) {
    const case_t *now = arg;
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_begin();
    }
    if (now->length == 8u) {
        BARRIERS(8);
    } else {
        BARRIERS(24);
    }
    if (core == 0u) {
        ep_roi_end();
    }
    ep_team_barrier(team);
}

// Core 1 comes late to a barrier, by about three cycles a round.
static void late_step(ep_team_t *team, uint32_t core, void *arg) {
    const case_t *now = arg;
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_begin();
    }
    if (core == 1u) {
        for (uint32_t i = 0; i < now->length; ++i) {
            __asm__ volatile("" : : "r"(i));
        }
    }
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_end();
    }
}

static void copy_in_step(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    (void)core;
    const case_t *now = arg;
    ep_roi_begin();
    ep_dma_copy_in(block, image, now->length);
    ep_roi_end();
}

static void copy_out_step(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    (void)core;
    const case_t *now = arg;
    ep_roi_begin();
    ep_dma_copy_out(image, block, now->length);
    ep_roi_end();
}

// Core 0 copies, the others load from all banks in turn.
static void contend_step(ep_team_t *team, uint32_t core, void *arg) {
    const case_t *now = arg;
    ep_team_barrier(team);
    if (core == 0u) {
        copy_in_step(team, core, arg);
    } else {
        for (uint32_t i = 0; i < now->length / 8u; ++i) {
            const uint32_t *place = words + (i + core) % WORDS;
            LOADS(1, place);
        }
    }
    ep_team_barrier(team);
}

// All cores load from L2 at once.
static void l2_step(ep_team_t *team, uint32_t core, void *arg) {
    const case_t *now = arg;
    const uint32_t *place = image + core * now->stride;
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_begin();
    }
    if (now->length == 64u) {
        LOADS(64, place);
    } else {
        LOADS(128, place);
    }
    ep_team_barrier(team);
    if (core == 0u) {
        ep_roi_end();
    }
}

static const struct {
    case_t run;
    uint32_t cores;
} cases[] = {
    {{load_step, 64u, 16u}, CORES},     {{load_step, 128u, 16u}, CORES}, // one bank
    {{load_step, 64u, 0u}, CORES},      {{load_step, 128u, 0u}, CORES},  // one word
    {{load_step, 64u, 1u}, CORES},      {{load_step, 128u, 1u}, CORES},  // a bank each
    {{barrier_step, 8u, 0u}, CORES},    {{barrier_step, 24u, 0u}, CORES}, {{late_step, 100u, 0u}, CORES},
    {{late_step, 500u, 0u}, CORES},     {{copy_in_step, 2048u, 0u}, 1u},  {{copy_in_step, 6144u, 0u}, 1u},
    {{copy_out_step, 2048u, 0u}, 1u},   {{copy_out_step, 6144u, 0u}, 1u}, {{contend_step, 2048u, 0u}, CORES},
    {{contend_step, 6144u, 0u}, CORES}, {{l2_step, 64u, 1u}, CORES},      {{l2_step, 128u, 1u}, CORES},
};

int main(void) {
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        for (uint32_t pass = 0; pass < 2u; ++pass) {
            case_t now = cases[i].run;
            ep_team_fork(cases[i].cores, now.step, &now);
        }
    }
    ep_exit(0);
}
