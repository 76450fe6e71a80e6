// SPDX-License-Identifier: Apache-2.0
// A model whose inference is one assembly routine, written by the test.
#include <stdint.h>

#include "ep/pal.h"
#include "harness.h"

const uint32_t ep_model_input_bytes = 256;
const uint32_t ep_model_output_bytes = 16;

EP_L1 static uint32_t ep_probe_l1[64];
EP_L2 static uint32_t ep_probe_l2[64];
EP_L2_CONST static const uint32_t ep_probe_constants[256] = {1, 2, 3, 4};

// Written by the test. The arguments stay in a0 .. a2 (r0 .. r2): memory in L1, memory in L2, constants (flash on
// Cortex-M).
void ep_probe(uint32_t *l1, uint32_t *l2, const uint32_t *constants);

void ep_model_infer(const void *input, void *output) {
    (void)input;
    ep_probe(ep_probe_l1, ep_probe_l2, ep_probe_constants);
    *(uint32_t *)output = 1u;
}
