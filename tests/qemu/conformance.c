// SPDX-License-Identifier: Apache-2.0
// A model that asks the platform for everything pal.h promises and reports what it got. Each sample is one case.
#include <stdint.h>

#include "ep/pal.h"
#include "ep/split.h"
#include "harness.h"

enum { MAX_UNITS = 400, MAX_CORES = 9, ROUNDS = 6 };

typedef struct {
    uint32_t cores, units;
} request_t;

typedef struct {
    uint32_t visited_once;      // units that exactly one core processed
    uint32_t taken_once;        // units that exactly one core took because it was free
    uint32_t cores_seen;        // bit c: core c ran
    uint32_t team_errors;       // cores that were told another team size
    uint32_t barrier_errors;    // values of other cores that were not there after a barrier
    uint32_t largest, smallest; // units of a core
    uint32_t placed_errors;     // tables and buffers that did not hold what they should, copies that went wrong
    uint32_t sum;               // of what the cores wrote, added by the caller after the fork
} reply_t;

const uint32_t ep_model_input_bytes = sizeof(request_t);
const uint32_t ep_model_output_bytes = sizeof(reply_t);

EP_L1 static uint32_t visits[MAX_UNITS];
EP_L1 static uint32_t takes[MAX_UNITS];
EP_L1 static int32_t flags[MAX_UNITS + 1];
EP_L1 static uint32_t slots[MAX_CORES];
EP_L2 static uint32_t far_buffer[16];
EP_L1 static uint32_t near_buffer[16];
EP_L1_CONST static const uint32_t near_table[4] = {3u, 5u, 7u, 11u};
EP_L2_CONST static const uint32_t far_table[16] = {1u, 2u,  3u,  4u,  5u,  6u,  7u,  8u,
                                                   9u, 10u, 11u, 12u, 13u, 14u, 15u, 16u};
static uint32_t in_data = 42u;
static uint32_t in_bss;

typedef struct {
    request_t request;
    uint32_t barrier_errors[MAX_CORES];
    uint32_t ran[MAX_CORES];
    uint32_t team_errors[MAX_CORES];
    ep_range_t range[MAX_CORES];
} shared_t;

static void step(ep_team_t *team, uint32_t core, void *arg) {
    shared_t *shared = arg;
    const uint32_t cores = shared->request.cores;
    shared->ran[core] += 1u;
    shared->team_errors[core] = ep_team_cores(team) != cores ? 1u : 0u;
    const ep_range_t range = ep_split(shared->request.units, cores, core);
    shared->range[core] = range;
    for (uint32_t unit = range.begin; unit < range.end; ++unit) {
        visits[unit] += 1u;
    }
    const uint32_t units = shared->request.units;
    uint32_t taken = 0;
    for (uint32_t unit = ep_take_unit(team, core, flags, units, taken); unit < units;
         unit = ep_take_unit(team, core, flags, units, taken)) {
        takes[unit] += 1u;
        ++taken;
    }
    for (uint32_t round = 0; round < ROUNDS; ++round) {
        slots[core] = round * 100u + core;
        ep_team_barrier(team);
        for (uint32_t other = 0; other < cores; ++other) {
            shared->barrier_errors[core] += slots[other] != round * 100u + other ? 1u : 0u;
        }
        ep_team_barrier(team);
        // Unequal work, so that another core comes last each time.
        for (volatile uint32_t i = 0; i < ((core + round) % cores) * 20u; ++i) {
        }
    }
    slots[core] = core + 1u;
}

static uint32_t placement_errors(void) {
    uint32_t errors = in_data != 42u || in_bss != 0u ? 1u : 0u;
    for (uint32_t i = 0; i < 4u; ++i) {
        errors += near_table[i] != (const uint32_t[]){3u, 5u, 7u, 11u}[i] ? 1u : 0u;
    }
    ep_dma_copy_in(near_buffer, far_table, sizeof(far_table));
    ep_dma_copy_out(far_buffer, near_buffer, sizeof(far_buffer));
    ep_dma_copy_in(near_buffer, near_buffer + 8, 0u);
    near_buffer[0] = near_buffer[15] = 0u;
    const ep_dma_t head = ep_dma_start_in(near_buffer, far_table, sizeof(far_table) / 2u);
    const ep_dma_t tail = ep_dma_start_in(near_buffer + 8, far_table + 8, sizeof(far_table) / 2u);
    ep_dma_wait(tail);
    ep_dma_wait(head);
    far_buffer[0] = far_buffer[15] = 0u;
    const ep_dma_t back = ep_dma_start_out(far_buffer, near_buffer, sizeof(far_buffer) / 2u);
    const ep_dma_t rest = ep_dma_start_out(far_buffer + 8, near_buffer + 8, sizeof(far_buffer) / 2u);
    ep_dma_wait(rest);
    ep_dma_wait(back);
    for (uint32_t i = 0; i < 16u; ++i) {
        errors += near_buffer[i] != i + 1u || far_buffer[i] != i + 1u ? 1u : 0u;
        near_buffer[i] = far_buffer[i] = 0u;
    }
    return errors;
}

void ep_model_infer(const void *input, void *output) {
    shared_t shared = {.request = *(const request_t *)input};
    const uint32_t cores = shared.request.cores;
    reply_t reply = {.smallest = UINT32_MAX};
    for (uint32_t i = 0; i < MAX_UNITS; ++i) {
        reply.placed_errors += visits[i]; // zero from start-up, or cleared by the case before
    }
    ep_team_fork(cores, step, &shared);
    for (uint32_t i = 0; i < MAX_UNITS; ++i) {
        reply.visited_once += visits[i] == 1u ? 1u : 0u;
        reply.taken_once += takes[i] == 1u ? 1u : 0u;
        visits[i] = takes[i] = 0u;
        flags[i] = 0;
    }
    flags[MAX_UNITS] = 0;
    for (uint32_t core = 0; core < cores; ++core) {
        const uint32_t units = shared.range[core].end - shared.range[core].begin;
        reply.cores_seen |= shared.ran[core] == 1u ? 1u << core : 0u;
        reply.team_errors += shared.team_errors[core];
        reply.barrier_errors += shared.barrier_errors[core];
        reply.largest = units > reply.largest ? units : reply.largest;
        reply.smallest = units < reply.smallest ? units : reply.smallest;
        reply.sum += slots[core];
    }
    reply.placed_errors += placement_errors();
    *(reply_t *)output = reply;
}
