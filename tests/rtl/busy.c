// SPDX-License-Identifier: Apache-2.0
// Eight cores busy with float multiply-accumulates from L1, for the benchmark of the simulator.
#include "ep/pal.h"

#include "harness.h"

#define CORES 8u
#define LEN 128u
#define ROUNDS 256u

// A word of padding, so that the rows begin in different banks.
static EP_L1 float rows[CORES][LEN + 1u];
static EP_L1 float vector[LEN];
static EP_L1 volatile float sums[CORES];

static void step(ep_team_t *team, uint32_t core, void *arg) {
    (void)team;
    (void)arg;
    const float *row = rows[core];
    for (uint32_t i = 0; i < LEN; ++i) {
        rows[core][i] = (float)(i + core);
    }
    for (uint32_t round = 0; round < ROUNDS; ++round) {
        float sum = 0.0f;
        for (uint32_t i = 0; i < LEN; ++i) {
            sum += row[i] * vector[i];
        }
        sums[core] = sum;
    }
}

int main(void) {
    for (uint32_t i = 0; i < LEN; ++i) {
        vector[i] = 0.25f * (float)i;
    }
    ep_roi_begin();
    ep_team_fork(CORES, step, (void *)0);
    ep_roi_end();
    ep_exit(0);
}
