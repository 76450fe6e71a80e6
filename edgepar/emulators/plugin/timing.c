// SPDX-License-Identifier: Apache-2.0
// QEMU plugin (API version 1): modelled cycles of an in-order core over the instructions that QEMU executes.
//
// edgepar/emulators/timing.py decodes the image and writes the file `timing.cfg`; it holds one line for each
// instruction with its issue cycles, result latencies and registers, and the parameters of the memories. This file
// knows no instruction set. At translation it runs a scoreboard over each block; at execution it adds the block's
// cycles and what only then is known: taken branches, memory, caches. Each hart has its own state, so QEMU may run
// harts in parallel. Harts meet only at `release_barrier` and
// `release_fork`, where the guest's own synchronisation has every other hart of
// the team inside the wait section.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "qemu_plugin_v1.h"

int qemu_plugin_version = 1;

enum { MAX_HARTS = 16, MAX_BLOCK_LINES = 256, MAX_REGIONS = 1 << 20, REGISTERS = 64, STATUS_LIMIT = 99 };

typedef struct {
    uint32_t tag[MAX_CACHE_LINES];
    uint32_t used[MAX_CACHE_LINES];
    uint32_t clock;
} cache_t;

typedef struct {
    uint32_t line;
    uint32_t at; // cycle of the block at which it is first fetched
} block_line_t;

typedef struct {
    uint32_t start, end, last; // `end` is the address after the last instruction, `last` that of the last one
    uint32_t cycles, insns, loads, stores, fpu, lines, unknown;
    uint8_t taken; // cycles to add when the next block does not start at `end`, or always
    bool ends_in_jump, always, waiting, wide_start; // wide_start: a 4-byte instruction at a half-word address
    bool region_begin, region_end, dma, dma_wait;
    uint32_t release_cycles; // not 0: harts meet here, and go on after so many cycles
    block_line_t line[];
} block_t;

typedef struct {
    uint64_t time, active, insns, loads, stores, fpu, l2_stall, fetch_stall;
    const block_t *previous;
    uint64_t dma_done;              // when all copies that were started have arrived
    uint32_t dma_bytes;             // of the copy that is being started
    bool started;                   // it has been in the wait section, so its start-up code is over
    uint32_t last_line, since_line; // the line fetched last, and the cycles since
    cache_t fetch, data;
} hart_t;

static config_t config;
static hart_t harts[MAX_HARTS];
static bool counting;
static uint64_t *region_cycles;
static uint32_t regions;
static uint32_t limit_pc;
static uint32_t unknown_pc; // the first instruction without a line that was counted

static uint32_t cache_miss(cache_t *cache, const cache_config_t *shape, uint32_t line) {
    const uint32_t first = line % shape->sets * shape->ways;
    uint32_t oldest = first;
    ++cache->clock;
    for (uint32_t i = first; i < first + shape->ways; ++i) {
        if (cache->tag[i] == line + 1u) {
            cache->used[i] = cache->clock;
            return 0;
        }
        if (cache->used[i] < cache->used[oldest]) {
            oldest = i;
        }
    }
    cache->tag[oldest] = line + 1u;
    cache->used[oldest] = cache->clock;
    return shape->miss_cycles;
}

static bool inside(const cache_config_t *shape, uint32_t address) {
    return address - shape->start < shape->bytes;
}

static void on_memory(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address64, void *data) {
    (void)data;
    if (!counting || vcpu >= MAX_HARTS || (vcpu != 0 && !harts[vcpu].started)) {
        return;
    }
    hart_t *hart = &harts[vcpu];
    const uint32_t address = (uint32_t)address64;
    const bool store = qemu_plugin_mem_is_store(info);
    const uint32_t bytes = 1u << qemu_plugin_mem_size_shift(info);
    const uint32_t words = bytes <= 4u && (address & 3u) + bytes > 4u ? 2u : 1u;
    uint32_t extra = (words - 1u) * config.misaligned_cycles;
    if (address - config.l2_start < config.l2_bytes) {
        extra += words * (store ? config.l2_store_cycles : config.l2_load_cycles);
    }
    if (!store && config.data.bytes != 0 && inside(&config.data, address)) {
        extra += cache_miss(&hart->data, &config.data, address / config.data.line_bytes);
    }
    hart->time += extra;
    hart->active += extra;
    hart->l2_stall += extra;
}

// One copy runs after the other, 8 bytes a cycle, while the core goes on; reads alone are counted.
static void on_dma(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
    (void)address;
    (void)data;
    if (!counting || vcpu >= MAX_HARTS || qemu_plugin_mem_is_store(info)) {
        return;
    }
    hart_t *hart = &harts[vcpu];
    if (hart->dma_bytes == 0) {
        hart->time += config.dma_start_cycles;
        hart->active += config.dma_start_cycles;
        hart->dma_done = (hart->dma_done > hart->time ? hart->dma_done : hart->time) + config.dma_latency_cycles;
    }
    hart->dma_done -= hart->dma_bytes / 8u;
    hart->dma_bytes += 1u << qemu_plugin_mem_size_shift(info);
    hart->dma_done += hart->dma_bytes / 8u;
}

static void fetch(hart_t *hart, const block_t *block) {
    const cache_config_t *shape = &config.fetch;
    uint32_t base = 0; // cycle of the block from which since_line counts
    for (uint32_t i = 0; i < block->lines; ++i) {
        const block_line_t *entry = &block->line[i];
        if (entry->line == hart->last_line) {
            continue;
        }
        const uint32_t miss = cache_miss(&hart->fetch, shape, entry->line);
        if (miss != 0) {
            // A prefetching memory starts on the next line when it delivers this one, and takes a cycle more than its
            // wait states.
            const uint32_t elapsed = hart->since_line + entry->at - base;
            const bool ahead = shape->overlap != 0 && entry->line == hart->last_line + 1u;
            const uint32_t stall = !ahead ? miss : elapsed > miss ? 0u : miss + 1u - elapsed;
            hart->time += stall;
            hart->active += stall;
            hart->fetch_stall += stall;
        }
        hart->last_line = entry->line;
        hart->since_line = 0;
        base = entry->at;
    }
    hart->since_line += block->cycles - base;
}

static void begin_region(void) {
    for (unsigned int h = 0; h < MAX_HARTS; ++h) {
        hart_t *hart = &harts[h];
        hart->time = hart->dma_done = 0;
        if (regions == 1) { // what was counted so far belongs to the cold region
            hart->active = hart->insns = hart->loads = hart->stores = hart->fpu = hart->l2_stall = hart->fetch_stall =
                0;
        }
    }
    counting = true;
}

static void end_region(void) {
    counting = false;
    if (regions < MAX_REGIONS) {
        region_cycles[regions++] = harts[0].time;
    }
}

// Everybody continues when the last one has come.
static void release(uint32_t cycles) {
    uint64_t latest = 0;
    for (unsigned int h = 0; h < MAX_HARTS; ++h) {
        latest = harts[h].time > latest ? harts[h].time : latest;
    }
    for (unsigned int h = 0; h < MAX_HARTS; ++h) {
        harts[h].time = latest + cycles;
    }
}

static void write_result(void) {
    FILE *file = fopen(config.output, "w");
    if (file == NULL) {
        return;
    }
    for (uint32_t i = 0; i < regions; ++i) {
        fprintf(file, "region %" PRIu64 "\n", region_cycles[i]);
    }
    for (unsigned int h = 0; h < MAX_HARTS; ++h) {
        const hart_t *hart = &harts[h];
        fprintf(file, "core %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                h, hart->active, hart->insns, hart->loads, hart->stores, hart->fpu, hart->l2_stall, hart->fetch_stall);
    }
    if (limit_pc != 0) {
        fprintf(file, "limit %" PRIu32 "\n", limit_pc);
    }
    if (unknown_pc != 0) {
        fprintf(file, "unknown %" PRIu32 "\n", unknown_pc);
    }
    fprintf(file, "last %" PRIu32 "\nend\n", harts[0].previous != NULL ? harts[0].previous->start : 0u);
    fclose(file);
}

static void on_block(unsigned int vcpu, void *data) {
    const block_t *block = data;
    if (vcpu >= MAX_HARTS) {
        return;
    }
    hart_t *hart = &harts[vcpu];
    const block_t *previous = hart->previous;
    hart->previous = block;
    if (!hart->started && vcpu != 0) {
        hart->started = block->waiting;
        return;
    }
    if (counting && previous != NULL && previous->ends_in_jump && !previous->waiting && !previous->dma &&
        (previous->always || block->start != previous->end)) {
        const uint32_t jump = previous->taken + (block->wide_start ? config.wide_target_cycles : 0u);
        hart->time += jump;
        hart->active += jump;
        hart->since_line += jump;
    }
    if (vcpu == 0 && block->region_begin) {
        begin_region();
    }
    if (!counting) {
        return;
    }
    if (vcpu == 0 && block->region_end) {
        end_region();
        return;
    }
    if (block->release_cycles != 0) {
        release(block->release_cycles);
    }
    if (!block->dma) {
        hart->dma_bytes = 0;
    }
    if (block->dma_wait) {
        hart->time = (hart->dma_done > hart->time ? hart->dma_done : hart->time) + config.dma_wait_cycles;
    }
    if (block->waiting || block->dma || block->dma_wait) {
        return;
    }
    hart->time += block->cycles;
    hart->active += block->cycles;
    hart->insns += block->insns;
    hart->loads += block->loads;
    hart->stores += block->stores;
    hart->fpu += block->fpu;
    if (config.fetch.bytes != 0) {
        fetch(hart, block);
    }
    if (block->unknown != 0) {
        unknown_pc = block->unknown;
    }
    if (vcpu == 0 && hart->time > config.max_cycles) {
        limit_pc = block->start;
        write_result();
        _exit(STATUS_LIMIT);
    }
}

// Cycle at which the operands of an instruction are there, not before `now`.
static uint32_t operands_ready(const insn_t *insn, const insn_t *const *producer, const uint32_t *issued,
                               uint32_t now) {
    for (unsigned int r = 0; r < REGISTERS; ++r) {
        const uint64_t bit = (uint64_t)1 << r;
        if (producer[r] == NULL || ((insn->reads | insn->addresses) & bit) == 0) {
            continue;
        }
        uint32_t latency = insn->flags & FPU ? producer[r]->result_fpu : producer[r]->result;
        if (insn->addresses & bit && producer[r]->result_address > latency) {
            latency = producer[r]->result_address;
        }
        now = issued[r] + latency > now ? issued[r] + latency : now;
    }
    return now;
}

static void add_lines(block_t *block, uint32_t pc, uint32_t size, uint32_t at) {
    if (config.fetch.bytes == 0) {
        return;
    }
    for (uint32_t address = pc; address < pc + size; address += 2) {
        const uint32_t line = address / config.fetch.line_bytes;
        const bool same = block->lines > 0 && block->line[block->lines - 1].line == line;
        if (inside(&config.fetch, address) && !same && block->lines < MAX_BLOCK_LINES) {
            block->line[block->lines++] = (block_line_t){line, at};
        }
    }
}

static void schedule(block_t *block, struct qemu_plugin_tb *tb) {
    const insn_t *producer[REGISTERS] = {NULL};
    uint32_t issued[REGISTERS] = {0};
    uint32_t now = 0;
    uint32_t serial_done = 0; // when a division under way ends
    uint32_t fpu_done = 0;    // when the last FPU result is there
    const insn_t *before = NULL;
    const size_t count = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn *raw = qemu_plugin_tb_get_insn(tb, i);
        const uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(raw);
        const uint32_t size = (uint32_t)qemu_plugin_insn_size(raw);
        const insn_t *insn = config_insn(&config, pc);
        add_lines(block, pc, size, now);
        block->last = pc;
        block->end = pc + size;
        ++block->insns;
        if (insn == NULL || insn->flags & UNKNOWN) {
            block->unknown = pc;
        }
        if (insn == NULL) {
            ++now;
            before = NULL;
            continue;
        }
        uint32_t start = operands_ready(insn, producer, issued, now);
        if (insn->flags & FPU && serial_done > start) {
            start = serial_done;
        }
        if (insn->flags & SERIAL_FPU && fpu_done > start) {
            start = fpu_done; // a division waits until the unit is empty
        }
        // A load right after a load overlaps its last cycle, unless it needs what that one loads.
        const bool follows = before != NULL && before->flags & insn->flags & PIPELINED && start == now &&
                             (before->writes & (insn->reads | insn->addresses)) == 0;
        now = start + insn->issue - (follows && insn->issue > 1 ? 1u : 0u);
        if (start < serial_done && now >= serial_done && insn->writes != 0) {
            ++now; // its result and this one want the register file's port at once
            serial_done = 0;
        }
        if (insn->flags & FPU) {
            fpu_done = start + insn->result_fpu;
        }
        if (insn->flags & SERIAL_FPU) {
            serial_done = fpu_done;
        }
        for (unsigned int r = 0; r < REGISTERS; ++r) {
            if (insn->writes >> r & 1u) {
                producer[r] = insn;
                issued[r] = start - (follows && insn->issue > 1 ? 1u : 0u);
            }
        }
        block->loads += (insn->flags & LOAD) != 0;
        block->stores += (insn->flags & STORE) != 0;
        block->fpu += (insn->flags & FPU) != 0;
        block->taken = insn->taken;
        block->ends_in_jump = insn->taken != 0;
        block->always = (insn->flags & ALWAYS) != 0;
        before = insn;
        if (!block->waiting && insn->flags & (LOAD | STORE)) {
            qemu_plugin_register_vcpu_mem_cb(raw, block->dma ? on_dma : on_memory, QEMU_PLUGIN_CB_NO_REGS,
                                             QEMU_PLUGIN_MEM_RW, NULL);
        }
    }
    block->cycles = now;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    // Never freed: QEMU may go on using a translation, and an image has few.
    block_t *block = calloc(1, sizeof(block_t) + MAX_BLOCK_LINES * sizeof(block_line_t));
    if (block == NULL) {
        abort();
    }
    const uint32_t pc = (uint32_t)qemu_plugin_tb_vaddr(tb);
    const insn_t *first = config_insn(&config, pc);
    block->start = pc;
    block->region_begin = pc == config.region_begin;
    block->region_end = pc == config.region_end;
    block->release_cycles = pc == config.release_barrier ? config.barrier_cycles
                            : pc == config.release_fork  ? config.fork_cycles
                                                         : 0u;
    block->dma = pc - config.dma_start < config.dma_end - config.dma_start;
    block->dma_wait = config.release_dma != 0 && pc == config.release_dma;
    block->waiting = pc - config.wait_start < config.wait_end - config.wait_start;
    block->wide_start = (pc & 2u) != 0 && first != NULL && first->size == 4;
    schedule(block, tb);
    block_t *fitted = realloc(block, sizeof(block_t) + block->lines * sizeof(block_line_t));
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, fitted != NULL ? fitted : block);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    write_result();
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    (void)info;
    (void)argc;
    (void)argv;
    region_cycles = calloc(MAX_REGIONS, sizeof(uint64_t));
    if (region_cycles == NULL || !config_read(&config)) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
    return 0;
}
