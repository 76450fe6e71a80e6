// SPDX-License-Identifier: Apache-2.0
// The split of work alone, for every number of units and cores: each sample asks for one core's range.
#include <stdint.h>

#include "ep/split.h"
#include "harness.h"

const uint32_t ep_model_input_bytes = 12;
const uint32_t ep_model_output_bytes = sizeof(ep_range_t);

void ep_model_infer(const void *input, void *output) {
    const uint32_t *asked = input;
    *(ep_range_t *)output = ep_split(asked[0], asked[1], asked[2]);
}
