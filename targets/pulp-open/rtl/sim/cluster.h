// SPDX-License-Identifier: Apache-2.0
// The cluster around the cores: interconnect, L2 path, peripherals, and what each core did.
#pragma once

#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "core.h"
#include "dma.h"
#include "event_unit.h"
#include "instruction_cache.h"
#include "memory.h"

struct Parameters {
    uint32_t cores = 8;
    uint32_t l1_bytes = 64 * 1024;
    uint32_t l2_bytes = 512 * 1024;
    uint32_t l2_latency_cycles = 15;
    uint32_t icache_bytes = 4 * 1024;
    uint32_t refill_extra_cycles = 3;
    uint32_t mchan_version = 7;
};

struct Counters {
    uint64_t active = 0;
    uint64_t asleep = 0;
    uint64_t conflict_stalls = 0; // wanted a TCDM bank that served another
    uint64_t l2_stalls = 0;       // waited for L2, or for its turn on the path to it
    uint64_t fetch_stalls = 0;    // had no instruction because of a refill
    uint64_t loads = 0;
    uint64_t stores = 0;
    uint64_t fpu_ops = 0;
    uint64_t instructions = 0;
};

/// A region between two instruction addresses, as core 0 executed them.
struct Region {
    uint64_t cycles = 0;
    uint64_t refills = 0;
    std::vector<Counters> cores;
};

enum class Status { kRunning, kExit, kTrap, kBusError, kTimeout };

struct Ending {
    Status status = Status::kRunning;
    uint32_t exit_code = 0;
    uint32_t core = 0;
    uint32_t pc = 0;
    uint32_t cause = 0;
    uint32_t address = 0;
    bool store = false;
    std::string what;
};

class Cluster {
  public:
    explicit Cluster(const Parameters &parameters);

    Memory &tcdm() {
        return tcdm_;
    }
    Memory &l2() {
        return l2_;
    }
    void watch_region(uint32_t begin_pc, uint32_t end_pc);

    /// What the chip's controller does to start the cluster: instruction cache on, boot addresses, fetch enable.
    void play_controller(uint32_t entry);
    /// Runs to the program's end, to `max_cycles`, or until `stop` is set (by a signal).
    void run(uint64_t max_cycles, const volatile std::sig_atomic_t &stop);

    uint64_t now() const {
        return now_;
    }
    const Ending &ending() const {
        return ending_;
    }
    const std::vector<Region> &regions() const {
        return regions_;
    }
    uint32_t decode_pc(uint32_t core) const {
        return cores_[core].core->out().decode_pc_o;
    }
    bool asleep(uint32_t core) const {
        return !cores_[core].enabled || cores_[core].core->out().sleep_o;
    }

  private:
    static constexpr uint32_t kFetches = 4;                       // more than the core ever has outstanding
    enum class Wait : uint8_t { kNone, kAnswer, kEvent, kDmaId }; // the last two: not granted yet
    struct Fetch {
        uint32_t address;
        uint64_t due;
        bool refill;
    };
    struct PerCore {
        std::unique_ptr<Core> core;
        bool enabled = false;
        Wait wait = Wait::kNone; // what the outstanding data access waits for
        bool wait_l2 = false;
        uint64_t answer_due = 0;
        uint32_t answer = 0;
        uint32_t boot_address = 0;
        std::array<Fetch, kFetches> fetches{};
        uint32_t fetch_head = 0;
        uint32_t fetch_count = 0;
        uint64_t last_fetch_due = 0;
        Counters counters;
    };

    void cycle();
    void route_data(uint32_t core);
    void access_peripheral(uint32_t core);
    void arbitrate_l2();
    void arbitrate_tcdm();
    void serve_tcdm(uint32_t core);
    void route_fetch(uint32_t core);
    void observe(uint32_t core);
    void clock_core(uint32_t core);
    void grant(PerCore &core, uint64_t due, uint32_t data);
    void grant_events(PerCore &core, EventAccess access);
    void write_fetch_enable(uint32_t mask);
    void bus_error(uint32_t core, const std::string &what);
    void begin_region();
    void end_region();

    Parameters parameters_;
    VerilatedContext context_;
    Memory tcdm_;
    Memory l2_;
    L2Banks l2_banks_;
    InstructionCache icache_;
    EventUnit events_;
    Dma dma_;
    std::vector<PerCore> cores_;
    uint64_t now_ = 0;

    uint32_t bank_wanted_[kTcdmBanks] = {}; // a bit for each core, one more for the DMA engine
    uint32_t banks_in_use_ = 0;
    uint32_t bank_next_[kTcdmBanks] = {};
    uint32_t l2_wanted_ = 0;
    uint32_t l2_next_ = 0;

    bool timer_on_ = false;
    uint64_t timer_start_ = 0;
    uint32_t timer_held_ = 0;
    uint32_t fetch_enable_ = 0;
    uint32_t clock_gate_ = 0;

    bool watching_ = false;
    uint32_t region_begin_ = 0;
    uint32_t region_end_ = 0;
    bool in_region_ = false;
    uint64_t region_start_ = 0;
    uint64_t region_refills_ = 0;
    std::vector<Region> regions_;
    std::vector<Counters> region_counters_;
    Ending ending_;
};
