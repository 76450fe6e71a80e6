// SPDX-License-Identifier: Apache-2.0
// The host as platform: a core is a thread that lives for one fork, the team lies on the caller's stack.
#define _POSIX_C_SOURCE 200809L
#include "ep/pal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// More threads than this in one team is a mistake of the caller.
enum { EP_HOST_MAX_CORES = 64, EP_HOST_THREAD_RETRIES = 1000 };

struct ep_team {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t cores;
    uint32_t arrived;
    uint32_t generation; // counts completed barriers, so that a fast core cannot pass the same one twice
    ep_step_fn step;
    void *arg;
};

typedef struct {
    ep_team_t *team;
    uint32_t core;
} ep_host_worker_t;

static _Noreturn void ep_host_fail(const char *what) {
    fprintf(stderr, "edgepar host runtime: %s\n", what);
    abort();
}

static void *ep_host_work(void *data) {
    const ep_host_worker_t *worker = data;
    worker->team->step(worker->team, worker->core, worker->team->arg);
    return NULL;
}

// A loaded machine refuses threads for a moment; a step cannot run with fewer cores than its split assumes, so wait for
// it.
static void ep_host_start(pthread_t *thread, ep_host_worker_t *worker) {
    const struct timespec pause = {0, 1000000};
    for (int attempt = 0; attempt < EP_HOST_THREAD_RETRIES; ++attempt) {
        if (pthread_create(thread, NULL, ep_host_work, worker) == 0) {
            return;
        }
        (void)nanosleep(&pause, NULL);
    }
    ep_host_fail("the system gives no more threads; compile with fewer cores");
}

void ep_team_fork(uint32_t cores, ep_step_fn step, void *arg) {
    if (cores == 0u || cores > (uint32_t)EP_HOST_MAX_CORES) {
        ep_host_fail("a team has 1 to 64 cores");
    }
    ep_team_t team = {.cores = cores, .step = step, .arg = arg};
    pthread_t threads[EP_HOST_MAX_CORES];
    ep_host_worker_t workers[EP_HOST_MAX_CORES];
    if (pthread_mutex_init(&team.lock, NULL) != 0 || pthread_cond_init(&team.turn, NULL) != 0) {
        ep_host_fail("the system gives no mutex");
    }
    for (uint32_t core = 1; core < cores; ++core) {
        workers[core] = (ep_host_worker_t){&team, core};
        ep_host_start(&threads[core], &workers[core]);
    }
    step(&team, 0, arg);
    for (uint32_t core = 1; core < cores; ++core) {
        (void)pthread_join(threads[core], NULL);
    }
    (void)pthread_cond_destroy(&team.turn);
    (void)pthread_mutex_destroy(&team.lock);
}

void ep_team_barrier(ep_team_t *team) {
    (void)pthread_mutex_lock(&team->lock);
    const uint32_t generation = team->generation;
    if (++team->arrived == team->cores) {
        team->arrived = 0;
        ++team->generation;
        (void)pthread_cond_broadcast(&team->turn);
    } else {
        while (team->generation == generation) {
            (void)pthread_cond_wait(&team->turn, &team->lock);
        }
    }
    (void)pthread_mutex_unlock(&team->lock);
}

uint32_t ep_take_unit(const ep_team_t *team, uint32_t core, int32_t *flags, uint32_t units, uint32_t taken) {
    (void)flags;
    (void)units;
    return core + taken * team->cores;
}

uint32_t ep_team_cores(const ep_team_t *team) {
    return team->cores;
}

void ep_dma_copy_in(void *l1, const void *l2, uint32_t bytes) {
    memcpy(l1, l2, bytes);
}

void ep_dma_copy_out(void *l2, const void *l1, uint32_t bytes) {
    memcpy(l2, l1, bytes);
}

ep_dma_t ep_dma_start_in(void *l1, const void *l2, uint32_t bytes) {
    memcpy(l1, l2, bytes);
    return 0u;
}

ep_dma_t ep_dma_start_out(void *l2, const void *l1, uint32_t bytes) {
    memcpy(l2, l1, bytes);
    return 0u;
}

void ep_dma_wait(ep_dma_t copy) {
    (void)copy;
}

void ep_console_write(const char *text, uint32_t len) {
    (void)fwrite(text, 1, len, stdout);
}

_Noreturn void ep_exit(int32_t status) {
    exit(status);
}
