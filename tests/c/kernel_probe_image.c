// SPDX-License-Identifier: Apache-2.0
// The probe as the model of an image: its operands lie in L1.
#include "harness.h"
#include "kernel_probe.h"

#include "ep/pal.h"

const uint32_t ep_model_input_bytes = PROBE_SAMPLE_WORDS * 4;
const uint32_t ep_model_output_bytes = PROBE_ANSWER_WORDS * 4;

static EP_L1 uint32_t pool[PROBE_SAMPLE_WORDS];
static uint32_t used;

void *probe_memory(uint32_t words) {
    uint32_t *memory = pool + used;
    used += words;
    return memory;
}

void ep_model_infer(const void *input, void *output) {
    used = 0;
    kernel_probe(input, output);
}
