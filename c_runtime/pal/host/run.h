// SPDX-License-Identifier: Apache-2.0
// Entry of the shared object that edgepar loads on the host.
#ifndef EP_HOST_RUN_H
#define EP_HOST_RUN_H

#include <stdint.h>

// Runs samples 0 .. n-1, each from `inputs` to `outputs` (rows of ep_model_input_bytes and ep_model_output_bytes,
// 4-byte aligned), ep_model_batch of them a call, and stores the wall-clock nanoseconds of each call. The caller warms
// the caches up by a call of its own when it wants them warm.
void ep_host_run(uint32_t n, const void *inputs, void *outputs, uint64_t *nanoseconds);

#endif
