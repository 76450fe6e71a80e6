// SPDX-License-Identifier: Apache-2.0
// The cluster's DMA engine (MCHAN command interface), one transfer after the other, 8 bytes a cycle at most.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "event_unit.h"
#include "memory.h"

constexpr uint32_t kDmaTransfers = 16;
constexpr uint32_t kDmaBufferBytes = 256; // bytes on their way between the two memories

class Dma {
  public:
    Dma(uint32_t mchan_version, Memory &tcdm, Memory &l2, L2Banks &l2_banks, EventUnit &events)
        : header_shift_(mchan_version == 6 ? 1 : 0), tcdm_(tcdm), l2_(l2), l2_banks_(l2_banks), events_(events) {
    }

    /// Registers. `write` returns what is wrong with a command, if anything.
    std::optional<uint32_t> allocate(uint32_t core);
    uint32_t status() const;
    std::optional<std::string> write_command(uint32_t core, uint32_t data);
    void free_transfers(uint32_t mask);

    bool busy() const {
        return !queue_.empty() || !ending_.empty();
    }

    /// The TCDM words that the engine wants this cycle: 0, 1 or 2 consecutive ones from `tcdm_request_address()`.
    uint32_t tcdm_request_words(uint64_t now) const;
    uint32_t tcdm_request_address() const;
    /// The banks granted this many of them.
    void tcdm_granted(uint64_t now, uint32_t words);

    /// L2 side of a cycle and completions.
    void tick(uint64_t now);

  private:
    struct Transfer {
        uint32_t core, id, tcdm, l2, bytes;
        bool to_tcdm, event, broadcast;
        uint32_t first_done = 0;  // bytes that left the source
        uint32_t second_done = 0; // bytes that reached the destination
        uint64_t last_answer = 0;
    };
    struct Beat {
        uint64_t arrives;
        uint32_t bytes;
    };
    struct Command {
        uint32_t words[2];
        uint32_t count = 0;
    };
    struct Ending {
        uint64_t when;
        uint32_t core, id;
        bool event, broadcast;
    };

    uint32_t arrived_bytes(uint64_t now) const;
    void finish_if_done(uint64_t when);

    uint32_t header_shift_;
    Memory &tcdm_;
    Memory &l2_;
    L2Banks &l2_banks_;
    EventUnit &events_;
    Command commands_[kMaxCores];
    uint32_t allocated_ = 0;
    uint32_t last_id_[kMaxCores] = {};
    uint32_t pending_[kDmaTransfers] = {};
    std::deque<Transfer> queue_;
    std::deque<Beat> beats_; // of the transfer at the head, on their way to L1
    std::deque<Ending> ending_;
};
