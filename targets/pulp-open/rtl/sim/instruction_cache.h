// SPDX-License-Identifier: Apache-2.0
// The cluster's shared instruction cache: tags and timing only, the words come from L2 itself.
#pragma once

#include <cstdint>
#include <vector>

#include "memory.h"

constexpr uint32_t kLineBytes = 16;
constexpr uint32_t kWays = 4;

class InstructionCache {
  public:
    InstructionCache(uint32_t size_bytes, uint32_t refill_extra_cycles)
        : refill_extra_(refill_extra_cycles), sets_(size_bytes / (kLineBytes * kWays)),
          lines_(static_cast<size_t>(sets_) * kWays) {
    }

    void enable(bool on) {
        enabled_ = on;
    }
    void flush() {
        for (Line &line : lines_)
            line.valid = false;
    }

    /// The cycle in which the word at `address` can be handed over: the next one on a hit.
    uint64_t fetch(uint64_t now, uint32_t address, L2Banks &l2);

    uint64_t misses() const {
        return misses_;
    }

  private:
    struct Line {
        uint32_t address = 0;
        uint64_t ready = 0; // the cycle in which the refill is complete
        uint64_t last_use = 0;
        bool valid = false;
    };

    bool enabled_ = false;
    uint32_t refill_extra_;
    uint32_t sets_;
    std::vector<Line> lines_;
    uint64_t misses_ = 0;
};
