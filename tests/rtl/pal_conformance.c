// SPDX-License-Identifier: Apache-2.0
// The platform interface as a model: the input says how many cores and how many words, the output what each of them
// saw. tests/test_rtl_pal.py computes the same.
#include "ep/pal.h"

#include "harness.h"

#define CORES 8u
#define WORDS 64u

typedef struct {
    uint32_t cores;
    uint32_t words; // that are copied, 0 .. WORDS
    uint32_t data[WORDS];
} input_t;

typedef struct {
    uint32_t team_cores[CORES]; // what ep_team_cores told each core, 0 for a core that was not asked
    uint32_t before[CORES];     // what each core found of its neighbour's word after the first barrier
    uint32_t after[CORES];      // and after the second
    uint32_t steps;             // how often a step ran in all
    uint32_t constant;          // a constant that was copied to L1 at start-up
    uint32_t cleared;           // what zero-initialised variables hold
    uint32_t data[WORDS];       // the input's words, through L1 by DMA, each plus its core
} output_t;

const uint32_t ep_model_input_bytes = sizeof(input_t);
const uint32_t ep_model_output_bytes = sizeof(output_t);

static EP_L1_CONST const uint32_t constants[3] = {0x12345678u, 2u, 3u};
static EP_L1 uint32_t l1_zero[5];
static EP_L2 uint32_t l2_zero[5];
static EP_L1 uint32_t marks[CORES];
static EP_L1 uint32_t runs[CORES];
static EP_L1 uint32_t copy[CORES][WORDS];
static EP_L2 uint32_t copied[CORES][WORDS];

typedef struct {
    const input_t *in;
    output_t *out;
} call_t;

static void step(ep_team_t *team, uint32_t core, void *arg) {
    const call_t *call = arg;
    const uint32_t cores = call->in->cores;
    const uint32_t neighbour = (core + 1u) % cores;
    runs[core] += 1u;
    call->out->team_cores[core] = ep_team_cores(team);
    marks[core] = 100u + core;
    // The cores come to the barrier one after the other, the last first.
    for (uint32_t i = 0; i < 20u * (cores - core); ++i) {
        __asm__ volatile("" : : "r"(i));
    }
    ep_team_barrier(team);
    call->out->before[core] = marks[neighbour];
    ep_team_barrier(team);
    marks[core] = 200u + core;
    ep_team_barrier(team);
    call->out->after[core] = marks[neighbour];

    // Every core copies the data to its own place and back, all at the same time.
    const uint32_t words = call->in->words;
    // In two parts that are under way at once, and waited for in the other order.
    const uint32_t half = words / 2u;
    const ep_dma_t head = ep_dma_start_in(copy[core], call->in->data, half * 4u);
    const ep_dma_t tail = ep_dma_start_in(copy[core] + half, call->in->data + half, (words - half) * 4u);
    ep_dma_wait(tail);
    ep_dma_wait(head);
    for (uint32_t i = 0; i < words; ++i) {
        copy[core][i] += core;
    }
    const ep_dma_t back = ep_dma_start_out(copied[core], copy[core], half * 4u);
    ep_dma_copy_out(copied[core] + half, copy[core] + half, (words - half) * 4u);
    ep_dma_wait(back);
    ep_team_barrier(team);
    if (core == 0u) {
        for (uint32_t i = 0; i < words; ++i) {
            call->out->data[i] = copied[i % cores][i];
        }
    }
}

static void count(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    (void)arg;
    runs[core] += 1u;
}

void ep_model_infer(const void *input, void *output) {
    call_t call = {input, output};
    uint32_t *words = output;
    for (uint32_t i = 0; i < sizeof(output_t) / 4u; ++i) {
        words[i] = 0u;
    }
    for (uint32_t i = 0; i < CORES; ++i) {
        runs[i] = 0u;
    }
    ep_team_fork(call.in->cores, step, &call);
    // Forks in a row, of all sizes: a worker must be back in time for the next.
    for (uint32_t cores = 1u; cores <= call.in->cores; ++cores) {
        ep_team_fork(cores, count, &call);
    }
    for (uint32_t i = 0; i < CORES; ++i) {
        call.out->steps += runs[i];
    }
    call.out->constant = constants[0];
    for (uint32_t i = 0; i < 5u; ++i) {
        call.out->cleared |= l1_zero[i] | l2_zero[i];
    }
}
