// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L
#include "run.h"

#include <time.h>

#include "harness.h"

static uint64_t ep_host_now(void) {
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void ep_host_run(uint32_t n, const void *inputs, void *outputs, uint64_t *nanoseconds) {
    const uint8_t *input = inputs;
    uint8_t *output = outputs;
    for (uint32_t i = 0; i < n; ++i) {
        const uint64_t start = ep_host_now();
        ep_model_infer(input, output);
        nanoseconds[i] = ep_host_now() - start;
        input += ep_model_input_bytes;
        output += ep_model_output_bytes;
    }
}
