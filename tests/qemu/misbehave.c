// SPDX-License-Identifier: Apache-2.0
// A model that does what a sample asks for: echo it, or go wrong in one of several ways.
#include <stdint.h>

#include "ep/pal.h"
#include "harness.h"

enum {
    ECHO,
    READ_NOWHERE,
    WRITE_NOWHERE,
    RUN_OVER,
    LOOP,
    DEADLOCK,
    EXIT,
    ILLEGAL,
    TOO_MANY_CORES,
    WORKER_READS,
    CALL_NOWHERE
};

typedef struct {
    uint32_t what, value;
} request_t;

const uint32_t ep_model_input_bytes = sizeof(request_t);
const uint32_t ep_model_output_bytes = sizeof(request_t);

#if defined(__riscv)
#define NOWHERE ((volatile uint32_t *)0x00200000u)
#define ILLEGAL_WORD ".4byte 0"
#else
#define NOWHERE ((volatile uint32_t *)0x70000000u)
#define ILLEGAL_WORD "udf #0"
#endif

static uint32_t run_over(volatile uint32_t *above) {
    volatile uint32_t here[64];
    here[0] = *above + 1u;
    return here[0] == 0u ? 0u : run_over(here) + here[0];
}

static void wait_once(ep_team_t *team, uint32_t core, void *arg) {
    (void)arg;
    if (core == 0u) {
        ep_team_barrier(team);
    }
}

static void nothing(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    (void)core;
    (void)arg;
}

static void worker_reads(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    if (core == 3u) {
        *(uint32_t *)arg = *NOWHERE;
    }
}

void ep_model_infer(const void *input, void *output) {
    const request_t request = *(const request_t *)input;
    request_t reply = request;
    volatile uint32_t zero = 0u;
    switch (request.what) {
    case READ_NOWHERE:
        reply.value = *NOWHERE;
        break;
    case WRITE_NOWHERE:
        *NOWHERE = 1u;
        break;
    case RUN_OVER:
        reply.value = run_over(&zero);
        break;
    case LOOP:
        while (zero == 0u) {
        }
        break;
    case DEADLOCK:
        ep_team_fork(8u, wait_once, &reply);
        break;
    case EXIT:
        ep_console_write("the model gives up\n", 19u);
        ep_exit((int32_t)request.value);
    case ILLEGAL:
        __asm__ volatile(ILLEGAL_WORD);
        break;
    case TOO_MANY_CORES:
        ep_team_fork(9u, nothing, &reply);
        break;
    case WORKER_READS:
        ep_team_fork(8u, worker_reads, &reply.value);
        break;
    case CALL_NOWHERE:
        ((void (*)(void))(uintptr_t)NOWHERE)();
        break;
    default:
        reply.value = request.value * 3u;
        break;
    }
    *(request_t *)output = reply;
}
