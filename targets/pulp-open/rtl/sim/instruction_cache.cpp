// SPDX-License-Identifier: Apache-2.0
#include "instruction_cache.h"

uint64_t InstructionCache::fetch(uint64_t now, uint32_t address, L2Banks &l2) {
    const uint32_t line_address = address & ~(kLineBytes - 1U);
    if (!enabled_) {
        ++misses_;
        return l2.book(now, line_address, kLineBytes / 4) + refill_extra_;
    }
    Line *const set = &lines_[static_cast<size_t>((line_address / kLineBytes) % sets_) * kWays];
    Line *victim = set;
    for (uint32_t way = 0; way < kWays; ++way) {
        Line &line = set[way];
        if (line.valid && line.address == line_address) {
            // A line on its way is found here too: later misses to it wait for the same refill.
            line.last_use = now;
            return line.ready > now ? line.ready : now + 1;
        }
        if (!line.valid) {
            if (victim->valid)
                victim = &line;
        } else if (victim->valid && line.last_use < victim->last_use) {
            victim = &line;
        }
    }
    ++misses_;
    victim->valid = true;
    victim->address = line_address;
    victim->last_use = now;
    victim->ready = l2.book(now, line_address, kLineBytes / 4) + refill_extra_;
    return victim->ready;
}
