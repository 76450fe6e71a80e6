// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(config_t *config, const char *line) {
    const struct {
        const char *name;
        uint32_t *value;
    } numbers[] = {
        {"region_begin", &config->region_begin},
        {"region_end", &config->region_end},
        {"wait_start", &config->wait_start},
        {"wait_end", &config->wait_end},
        {"dma_start", &config->dma_start},
        {"dma_end", &config->dma_end},
        {"release_dma", &config->release_dma},
        {"release_barrier", &config->release_barrier},
        {"release_fork", &config->release_fork},
        {"code_start", &config->code_start},
        {"code_bytes", &config->code_bytes},
        {"l2_start", &config->l2_start},
        {"l2_bytes", &config->l2_bytes},
        {"l2_load_cycles", &config->l2_load_cycles},
        {"l2_store_cycles", &config->l2_store_cycles},
        {"misaligned_cycles", &config->misaligned_cycles},
        {"wide_target_cycles", &config->wide_target_cycles},
        {"barrier_cycles", &config->barrier_cycles},
        {"fork_cycles", &config->fork_cycles},
        {"dma_start_cycles", &config->dma_start_cycles},
        {"dma_latency_cycles", &config->dma_latency_cycles},
        {"dma_wait_cycles", &config->dma_wait_cycles},
    };
    char name[32];
    uint32_t value = 0;
    if (sscanf(line, "%31s %" SCNu32, name, &value) != 2) {
        return false;
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].value = value;
            return true;
        }
    }
    return false;
}

static bool read_insn(config_t *config, const char *line) {
    insn_t insn = {0};
    uint32_t pc = 0;
    const int found = sscanf(line,
                             "insn %" SCNu32 " %" SCNu8 " %" SCNu8 " %" SCNu8 " %" SCNu8 " %" SCNu8 " %" SCNu8
                             " %" SCNu8 " %" SCNx64 " %" SCNx64 " %" SCNx64,
                             &pc, &insn.size, &insn.issue, &insn.taken, &insn.flags, &insn.result, &insn.result_address,
                             &insn.result_fpu, &insn.reads, &insn.addresses, &insn.writes);
    if (found != 11 || pc - config->code_start >= config->code_bytes) {
        return false;
    }
    if (config->insns == NULL) {
        config->insns = calloc(config->code_bytes / 2 + 1, sizeof(insn_t));
    }
    if (config->insns != NULL) {
        config->insns[(pc - config->code_start) / 2] = insn;
    }
    return config->insns != NULL;
}

static bool read_cache(const char *line, const char *format, cache_config_t *cache) {
    return sscanf(line, format, &cache->start, &cache->bytes, &cache->line_bytes, &cache->ways, &cache->sets,
                  &cache->miss_cycles, &cache->overlap) == 7 &&
           cache->line_bytes != 0 && cache->sets != 0 && cache->ways * cache->sets <= MAX_CACHE_LINES;
}

static bool read_line(config_t *config, const char *line) {
    return read_insn(config, line) || sscanf(line, "output %63s", config->output) == 1 ||
           sscanf(line, "max_cycles %" SCNu64, &config->max_cycles) == 1 ||
           read_cache(line,
                      "fetch_cache %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32,
                      &config->fetch) ||
           read_cache(line,
                      "data_cache %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32,
                      &config->data) ||
           read_number(config, line);
}

bool config_read(config_t *config) {
    FILE *file = fopen("timing.cfg", "r");
    if (file == NULL) {
        fprintf(stderr, "edgepar plugin: timing.cfg is missing\n");
        return false;
    }
    char line[256];
    bool good = true;
    while (good && fgets(line, sizeof(line), file) != NULL) {
        good = read_line(config, line);
    }
    fclose(file);
    if (!good) {
        fprintf(stderr, "edgepar plugin: timing.cfg has a bad line: %s", line);
    } else if (config->insns == NULL || config->output[0] == '\0') {
        fprintf(stderr, "edgepar plugin: timing.cfg is incomplete\n");
        good = false;
    }
    return good;
}

const insn_t *config_insn(const config_t *config, uint32_t pc) {
    const uint32_t offset = pc - config->code_start;
    return offset < config->code_bytes && config->insns[offset / 2].size != 0 ? &config->insns[offset / 2] : NULL;
}
