// SPDX-License-Identifier: Apache-2.0
// The float routines as the model of an image: a sample is a block of operands (the first number, how many), the answer
// a hash of the results of each routine.
#include "harness.h"
#include "softfp_operands.h"
#include "softfp_routines.h"

#define ONE(routine) +1
enum { ROUTINES = 0 SOFTFP_BINARY(ONE) SOFTFP_UNARY(ONE) };

const uint32_t ep_model_input_bytes = 2 * 4;
const uint32_t ep_model_output_bytes = ROUTINES * 4;

void ep_model_infer(const void *input, void *output) {
    const uint32_t *block = input;
    uint32_t *hashes = output;
    for (uint32_t r = 0; r < ROUTINES; r++) {
        hashes[r] = 0;
    }
    for (uint32_t i = 0; i < block[1]; i++) {
        const softfp_operands_t on = softfp_operands(block[0] + i);
        uint32_t *hash = hashes;
#define HASH_BINARY(name)                                                                                              \
    *hash = softfp_hash(*hash, soft_##name(on.a, on.b, on.c));                                                         \
    hash++;
        SOFTFP_BINARY(HASH_BINARY)
#define HASH_UNARY(name)                                                                                               \
    *hash = softfp_hash(*hash, soft_##name(on.a));                                                                     \
    hash++;
        SOFTFP_UNARY(HASH_UNARY)
    }
}
