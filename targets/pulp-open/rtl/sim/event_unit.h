// SPDX-License-Identifier: Apache-2.0
// Events, software events and hardware barriers of the cluster, as a core sees them in its demux.
#pragma once

#include <cstdint>
#include <optional>

#include "memory.h"

constexpr uint32_t kEventDma = 8;
constexpr uint32_t kEventBarrier = 16;
constexpr uint32_t kBarriers = 8;

/// What a register access leads to.
struct EventAccess {
    enum Kind { kDone, kWait, kUnknown } kind;
    uint32_t data;
};

class EventUnit {
  public:
    EventAccess read(uint32_t core, uint32_t offset);
    EventAccess write(uint32_t core, uint32_t offset, uint32_t data);

    /// Raise event bits for the cores of `core_mask`; they are in the buffers from the next cycle on.
    void raise(uint32_t core_mask, uint32_t event_mask);

    /// Start of a cycle: deliver the events raised in the one before, then close the barriers that are complete.
    void tick();

    /// The answer for a core that waits, once an event of its mask is there.
    std::optional<uint32_t> poll_wait(uint32_t core);

  private:
    struct PerCore {
        uint32_t mask = 0;
        uint32_t buffer = 0;
        uint32_t incoming = 0;
        bool clear_on_wake = false;
        bool waiting = false;
    };
    struct Barrier {
        uint32_t trigger_mask = 0;
        uint32_t target_mask = 0;
        uint32_t status = 0;
    };

    EventAccess wait(uint32_t core, bool clear);
    EventAccess read_barrier(uint32_t core, uint32_t offset);
    EventAccess write_barrier(uint32_t offset, uint32_t data);

    PerCore cores_[kMaxCores];
    Barrier barriers_[kBarriers];
    bool incoming_ = false;
    bool arrived_ = false;
};
