// SPDX-License-Identifier: Apache-2.0
// What edgepar/emulators/timing.py tells the plugin: the file timing.cfg of the working directory.
#ifndef EP_TIMING_CONFIG_H
#define EP_TIMING_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

// Flags of an instruction line; timing.py has the same.
enum { LOAD = 1, STORE = 2, FPU = 4, PIPELINED = 8, UNKNOWN = 16, SERIAL_FPU = 32, ALWAYS = 64 };

enum { MAX_CACHE_LINES = 4096 };

typedef struct {
    uint8_t size, issue, taken, flags;
    uint8_t result, result_address,
        result_fpu; // cycles from issue until the result can be used: as a value, as an address, by the FPU
    uint64_t reads, addresses, writes; // register sets
} insn_t;

typedef struct {
    uint32_t start, bytes, line_bytes, ways, sets, miss_cycles, overlap;
} cache_config_t;

typedef struct {
    uint32_t region_begin, region_end, wait_start, wait_end;
    uint32_t dma_start, dma_end, release_dma, release_barrier, release_fork;
    uint32_t code_start, code_bytes;
    uint32_t l2_start, l2_bytes, l2_load_cycles, l2_store_cycles, misaligned_cycles, wide_target_cycles, barrier_cycles,
        fork_cycles, dma_start_cycles, dma_latency_cycles, dma_wait_cycles;
    uint64_t max_cycles;
    cache_config_t fetch, data;
    char output[64];
    insn_t *insns; // one for each half-word of the code
} config_t;

// Reads timing.cfg; false after a message when it is missing, has a bad line or lacks something.
bool config_read(config_t *config);

// The instruction at an address, NULL where the image has none.
const insn_t *config_insn(const config_t *config, uint32_t pc);

#endif
