// SPDX-License-Identifier: Apache-2.0
// The probe as a program for the sanitizers: samples from stdin, answers to stdout, every operand and answer in a heap
// block of its own, so that an access beyond it is seen.
#include "kernel_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BLOCKS = 16 };
static void *blocks[MAX_BLOCKS];
static int used;

void *probe_memory(uint32_t words) {
    void *memory = used < MAX_BLOCKS ? malloc(words * sizeof(uint32_t)) : NULL;
    if (memory == NULL) {
        fprintf(stderr, "kernel_probe: no memory\n");
        exit(1);
    }
    blocks[used++] = memory;
    return memory;
}

int main(void) {
    uint32_t *sample = malloc(PROBE_SAMPLE_WORDS * sizeof(uint32_t));
    uint32_t *answer = malloc(PROBE_ANSWER_WORDS * sizeof(uint32_t));
    if (sample == NULL || answer == NULL) {
        return 1;
    }
    while (fread(sample, sizeof(uint32_t), PROBE_SAMPLE_WORDS, stdin) == PROBE_SAMPLE_WORDS) {
        kernel_probe(sample, answer);
        fwrite(answer, sizeof(uint32_t), PROBE_ANSWER_WORDS, stdout);
        while (used > 0) {
            free(blocks[--used]);
        }
    }
    free(sample);
    free(answer);
    return 0;
}
