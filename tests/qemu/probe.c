// SPDX-License-Identifier: Apache-2.0
// A model whose inference is one of many assembly routines, which the test writes; a sample names its routine.
#include <stdint.h>

#include "ep/pal.h"
#include "harness.h"

const uint32_t ep_model_input_bytes = 4;
const uint32_t ep_model_output_bytes = 4;

EP_L1 static uint32_t probe_near[64];
EP_L2 static uint32_t probe_far[64];
EP_L2_CONST static const uint32_t probe_constants[256] = {1, 2, 3, 4};

// The arguments stay in a0 .. a2 (r0 .. r2): memory in L1, memory in L2, constants (in flash on Cortex-M).
typedef void (*probe_t)(uint32_t *near, uint32_t *far, const uint32_t *constants);
extern const probe_t ep_probe_table[];

void ep_model_infer(const void *input, void *output) {
    const uint32_t index = *(const uint32_t *)input;
    ep_probe_table[index](probe_near, probe_far, probe_constants);
    *(uint32_t *)output = index;
}
