// SPDX-License-Identifier: Apache-2.0
// Calls one kernel as a sample says: words [operation, 8 parameters, payload]. The answer is PROBE_ANSWER words.
#ifndef KERNEL_PROBE_H
#define KERNEL_PROBE_H

#include <stdint.h>

enum { PROBE_SAMPLE_WORDS = 4096, PROBE_ANSWER_WORDS = 160 };

// Memory of exactly this many words that the kernels work on, until the next call of kernel_probe.
void *probe_memory(uint32_t words);

void kernel_probe(const uint32_t *sample, uint32_t *answer);

#endif
