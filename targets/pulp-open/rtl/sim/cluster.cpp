// SPDX-License-Identifier: Apache-2.0
#include "cluster.h"

#include <bit>
#include <cstdio>

namespace {
constexpr uint32_t kDmaPort = kMaxCores; // the DMA engine's place in a bank's round
constexpr uint32_t kPorts = kMaxCores + 1;
constexpr uint32_t kFetchEnable = 0x08, kClockGate = 0x20, kBootAddress = 0x40;
constexpr uint32_t kTimerConfig = 0x00, kTimerCount = 0x08;
constexpr uint32_t kCacheEnable = 0x00, kCacheFlush = 0x04;
constexpr uint32_t kDmaCommand = 0x0; // the other register is the status
constexpr uint32_t kTrapIsInterrupt = 0x20;

/// The first set bit of `wanted` at or after `next`, cyclically.
uint32_t round_robin(uint32_t wanted, uint32_t next) {
    const uint32_t later = wanted & ~((1U << next) - 1U);
    return static_cast<uint32_t>(std::countr_zero(later != 0 ? later : wanted));
}

Counters difference(const Counters &a, const Counters &b) {
    return {a.active - b.active,
            a.asleep - b.asleep,
            a.conflict_stalls - b.conflict_stalls,
            a.l2_stalls - b.l2_stalls,
            a.fetch_stalls - b.fetch_stalls,
            a.loads - b.loads,
            a.stores - b.stores,
            a.fpu_ops - b.fpu_ops,
            a.instructions - b.instructions};
}
} // namespace

Cluster::Cluster(const Parameters &parameters)
    : parameters_(parameters), tcdm_(kTcdmBase, parameters.l1_bytes), l2_(kL2Base, parameters.l2_bytes),
      l2_banks_(parameters.l2_latency_cycles), icache_(parameters.icache_bytes, parameters.refill_extra_cycles),
      dma_(parameters.mchan_version, tcdm_, l2_, l2_banks_, events_), cores_(parameters.cores) {
    for (uint32_t i = 0; i < parameters.cores; ++i)
        cores_[i].core = std::make_unique<Core>(context_, i);
}

void Cluster::watch_region(uint32_t begin_pc, uint32_t end_pc) {
    watching_ = true;
    region_begin_ = begin_pc;
    region_end_ = end_pc;
}

void Cluster::play_controller(uint32_t entry) {
    icache_.enable(true);
    for (PerCore &core : cores_)
        core.boot_address = entry;
    write_fetch_enable((1U << parameters_.cores) - 1U);
}

void Cluster::write_fetch_enable(uint32_t mask) {
    const uint32_t rising = mask & ~fetch_enable_;
    fetch_enable_ = mask;
    for (uint32_t i = 0; i < parameters_.cores; ++i) {
        if ((rising >> i & 1U) == 0 || cores_[i].enabled)
            continue;
        cores_[i].enabled = true;
        cores_[i].core->start(cores_[i].boot_address);
    }
}

void Cluster::run(uint64_t max_cycles, const volatile std::sig_atomic_t &stop) {
    while (ending_.status == Status::kRunning) {
        if (now_ >= max_cycles || stop) {
            ending_.status = Status::kTimeout;
            break;
        }
        cycle();
    }
    std::fflush(stdout);
}

void Cluster::cycle() {
    events_.tick();
    if (dma_.busy())
        dma_.tick(now_);
    const uint32_t count = parameters_.cores;
    for (uint32_t i = 0; i < count; ++i) {
        PerCore &core = cores_[i];
        if (!core.enabled)
            continue;
        core.core->in().data_gnt_i = 0;
        core.core->in().instr_gnt_i = 0;
        if (core.wait == Wait::kEvent) {
            if (const auto data = events_.poll_wait(i))
                grant(core, now_ + 1, *data);
        } else if (core.wait == Wait::kDmaId) {
            if (const auto id = dma_.allocate(i))
                grant(core, now_ + 1, *id);
        } else if (core.wait == Wait::kAnswer && core.answer_due <= now_) {
            core.wait = Wait::kNone;
            core.wait_l2 = false;
        }
        if (core.core->out().data_req_o && core.wait == Wait::kNone)
            route_data(i);
        if (core.core->out().instr_req_o)
            route_fetch(i);
    }
    if (l2_wanted_ != 0)
        arbitrate_l2();
    if (banks_in_use_ != 0 || dma_.busy())
        arbitrate_tcdm();
    for (uint32_t i = 0; i < count; ++i) {
        observe(i);
        clock_core(i);
    }
    ++now_;
}

void Cluster::grant(PerCore &core, uint64_t due, uint32_t data) {
    Vcore &pins = core.core->in();
    pins.data_gnt_i = 1;
    core.wait = Wait::kAnswer;
    core.answer_due = due;
    core.answer = data;
    ++(pins.data_we_o ? core.counters.stores : core.counters.loads);
}

void Cluster::route_data(uint32_t index) {
    const uint32_t address = cores_[index].core->out().data_addr_o;
    if ((address & ~(kTestAndSetOffset | kTcdmBase)) < tcdm_.size_bytes() &&
        (address < tcdm_.size_bytes() || (address & kTcdmBase) != 0)) {
        const uint32_t bank = tcdm_bank(address);
        bank_wanted_[bank] |= 1U << index;
        banks_in_use_ |= 1U << bank;
    } else if (l2_.holds(address)) {
        l2_wanted_ |= 1U << index;
    } else {
        access_peripheral(index);
    }
}

void Cluster::grant_events(PerCore &core, EventAccess access) {
    if (access.kind == EventAccess::kWait) {
        core.wait = Wait::kEvent; // the grant is held back until the event is there
    } else {
        grant(core, now_ + 1, access.data);
    }
}

void Cluster::access_peripheral(uint32_t index) {
    PerCore &core = cores_[index];
    const Vcore &pins = core.core->out();
    const uint32_t address = pins.data_addr_o & ~3U;
    const bool store = pins.data_we_o != 0;
    const uint32_t data = pins.data_wdata_o;
    const auto within = [address](uint32_t base, uint32_t bytes) { return address >= base && address - base < bytes; };
    const auto answer = [&](uint32_t word) { grant(core, now_ + 1, word); };

    if (within(kEventUnitDemux, 0x400)) {
        const uint32_t offset = address - kEventUnitDemux;
        const EventAccess access = store ? events_.write(index, offset, data) : events_.read(index, offset);
        if (access.kind == EventAccess::kUnknown)
            return bus_error(index, "an event unit register that is not modelled");
        return grant_events(core, access);
    }
    if (within(kDmaDemux, 8) || within(kDmaGlobal, 8)) {
        const uint32_t offset = address & 7U;
        if (offset == kDmaCommand && store) {
            if (const auto wrong = dma_.write_command(index, data))
                return bus_error(index, *wrong);
            return answer(0);
        }
        if (offset == kDmaCommand) {
            if (const auto id = dma_.allocate(index))
                return answer(*id);
            core.wait = Wait::kDmaId;
            return;
        }
        if (store)
            dma_.free_transfers(data);
        return answer(dma_.status());
    }
    if (within(kClusterControl, 0x100)) {
        const uint32_t offset = address - kClusterControl;
        if (offset == kFetchEnable) {
            if (store)
                write_fetch_enable(data);
            return answer(fetch_enable_);
        }
        if (offset == kClockGate) {
            if (store)
                clock_gate_ = data;
            return answer(clock_gate_);
        }
        if (offset >= kBootAddress && offset < kBootAddress + 4 * parameters_.cores) {
            uint32_t &boot_address = cores_[(offset - kBootAddress) / 4].boot_address;
            if (store)
                boot_address = data;
            return answer(boot_address);
        }
    }
    if (within(kTimer, 0x40)) {
        const uint32_t offset = address - kTimer;
        if (offset == kTimerConfig && store) {
            const uint32_t count = timer_on_ ? static_cast<uint32_t>(now_ - timer_start_) : timer_held_;
            timer_held_ = (data & 2U) != 0 ? 0 : count;
            timer_on_ = (data & 1U) != 0;
            timer_start_ = now_ - timer_held_;
            return answer(0);
        }
        if (offset == kTimerConfig)
            return answer(timer_on_ ? 1 : 0);
        if (offset == kTimerCount && !store) {
            return answer(timer_on_ ? static_cast<uint32_t>(now_ - timer_start_) : timer_held_);
        }
    }
    if (within(kInstructionCacheControl, 0x40) && store) {
        if (address - kInstructionCacheControl == kCacheEnable)
            icache_.enable(data != 0);
        if (address - kInstructionCacheControl == kCacheFlush)
            icache_.flush();
        return answer(0);
    }
    if (store && (within(kStdoutPulpOpen, kStdoutBytes) || within(kStdoutGap8, kStdoutBytes))) {
        std::putchar(
            static_cast<int>(data >> (8 * std::countr_zero(static_cast<uint32_t>(pins.data_be_o) | 16U)) & 0xFFU));
        return grant(core, now_ + parameters_.l2_latency_cycles, 0);
    }
    if (store && address == kExitRegister) {
        if ((data >> 31) != 0) {
            ending_.status = Status::kExit;
            ending_.exit_code = data & 0x7FFFFFFFU;
            ending_.core = index;
        }
        return grant(core, now_ + parameters_.l2_latency_cycles, 0);
    }
    bus_error(index, "an address where nothing answers");
}

void Cluster::bus_error(uint32_t index, const std::string &what) {
    const Vcore &pins = cores_[index].core->out();
    ending_.status = Status::kBusError;
    ending_.core = index;
    ending_.pc = pins.issue_pc_o;
    ending_.address = pins.data_addr_o;
    ending_.store = pins.data_we_o != 0;
    ending_.what = what;
}

void Cluster::arbitrate_l2() {
    const uint32_t winner = round_robin(l2_wanted_, l2_next_);
    l2_next_ = (winner + 1) % kMaxCores;
    PerCore &core = cores_[winner];
    const Vcore &pins = core.core->out();
    const uint32_t address = pins.data_addr_o;
    const uint64_t due = l2_banks_.book(now_, address & ~3U, 1);
    if (pins.data_we_o)
        l2_.write_word(address, pins.data_wdata_o, pins.data_be_o);
    grant(core, due, l2_.read_word(address));
    core.wait_l2 = true;
    for (uint32_t rest = l2_wanted_ & ~(1U << winner); rest != 0; rest &= rest - 1) {
        ++cores_[static_cast<uint32_t>(std::countr_zero(rest))].counters.l2_stalls;
    }
    l2_wanted_ = 0;
}

void Cluster::arbitrate_tcdm() {
    const uint32_t dma_words = dma_.busy() ? dma_.tcdm_request_words(now_) : 0;
    for (uint32_t i = 0; i < dma_words; ++i) {
        const uint32_t bank = tcdm_bank(dma_.tcdm_request_address() + 4 * i);
        bank_wanted_[bank] |= 1U << kDmaPort;
        banks_in_use_ |= 1U << bank;
    }
    uint32_t dma_banks = 0;
    for (; banks_in_use_ != 0; banks_in_use_ &= banks_in_use_ - 1) {
        const auto bank = static_cast<uint32_t>(std::countr_zero(banks_in_use_));
        const uint32_t wanted = bank_wanted_[bank];
        const uint32_t winner = round_robin(wanted, bank_next_[bank]);
        bank_next_[bank] = (winner + 1) % kPorts;
        bank_wanted_[bank] = 0;
        for (uint32_t rest = wanted & ~(1U << winner | 1U << kDmaPort); rest != 0; rest &= rest - 1) {
            ++cores_[static_cast<uint32_t>(std::countr_zero(rest))].counters.conflict_stalls;
        }
        if (winner == kDmaPort) {
            dma_banks |= 1U << bank;
        } else {
            serve_tcdm(winner);
        }
    }
    if (dma_words != 0) {
        // The words of a beat stay in order: the second moves only together with the first.
        uint32_t granted = 0;
        const uint32_t address = dma_.tcdm_request_address();
        while (granted < dma_words && (dma_banks >> tcdm_bank(address + 4 * granted) & 1U) != 0)
            ++granted;
        if (granted != 0)
            dma_.tcdm_granted(now_, granted);
    }
}

void Cluster::serve_tcdm(uint32_t index) {
    const Vcore &pins = cores_[index].core->out();
    const uint32_t place = kTcdmBase | (pins.data_addr_o & ~kTestAndSetOffset);
    const uint32_t word = tcdm_.read_word(place);
    if (pins.data_we_o) {
        tcdm_.write_word(place, pins.data_wdata_o, pins.data_be_o);
    } else if ((pins.data_addr_o & kTestAndSetOffset) != 0) {
        tcdm_.write_word(place, 0xFFFFFFFF, 15);
    }
    grant(cores_[index], now_ + 1, word);
}

void Cluster::route_fetch(uint32_t index) {
    PerCore &core = cores_[index];
    if (core.fetch_count == kFetches)
        return;
    const uint32_t address = core.core->out().instr_addr_o;
    core.core->in().instr_gnt_i = 1;
    // Prefetching runs past the end of a memory; only what is executed counts, and zeros are an illegal instruction.
    uint64_t due = now_ + 1;
    if (l2_.holds(address))
        due = icache_.fetch(now_, address, l2_banks_);
    const bool refill = due > now_ + 1;
    if (due <= core.last_fetch_due)
        due = core.last_fetch_due + 1;
    core.last_fetch_due = due;
    core.fetches[(core.fetch_head + core.fetch_count++) % kFetches] = {address, due, refill};
}

void Cluster::observe(uint32_t index) {
    PerCore &core = cores_[index];
    Counters &counters = core.counters;
    const Vcore &pins = core.core->out();
    if (!core.enabled || pins.sleep_o) {
        ++counters.asleep;
        return;
    }
    ++counters.active;
    const bool waits_l2 = core.wait_l2 && core.answer_due > now_ + 1;
    counters.l2_stalls += waits_l2;
    counters.fpu_ops += pins.fpu_op_o;
    counters.instructions += pins.issue_o;
    if (pins.issue_o) {
        if (index == 0 && watching_) {
            if (pins.issue_pc_o == region_begin_)
                begin_region();
            if (pins.issue_pc_o == region_end_)
                end_region();
        }
    } else if (core.fetch_count != 0 && core.fetches[core.fetch_head].refill && !waits_l2) {
        ++counters.fetch_stalls;
    }
    if (pins.trap_o && (pins.trap_cause_o & kTrapIsInterrupt) == 0 && ending_.status == Status::kRunning) {
        ending_.status = Status::kTrap;
        ending_.core = index;
        ending_.cause = pins.trap_cause_o;
        ending_.pc = pins.trap_pc_o;
    }
}

void Cluster::clock_core(uint32_t index) {
    PerCore &core = cores_[index];
    if (!core.enabled)
        return;
    Vcore &pins = core.core->in();
    const bool data_answer = core.wait == Wait::kAnswer && core.answer_due == now_ + 1;
    // Asleep the core's clock stands still until the event unit grants its cv.elw.
    if (pins.sleep_o && !data_answer)
        return;
    pins.data_rvalid_i = data_answer;
    if (data_answer)
        pins.data_rdata_i = core.answer;
    const Fetch &fetch = core.fetches[core.fetch_head];
    const bool instr_answer = core.fetch_count != 0 && fetch.due == now_ + 1;
    pins.instr_rvalid_i = instr_answer;
    if (instr_answer) {
        pins.instr_rdata_i = l2_.holds(fetch.address) ? l2_.read_word(fetch.address) : 0;
        core.fetch_head = (core.fetch_head + 1) % kFetches;
        --core.fetch_count;
    }
    core.core->clock();
}

void Cluster::begin_region() {
    in_region_ = true;
    region_start_ = now_;
    region_refills_ = icache_.misses();
    region_counters_.clear();
    for (const PerCore &core : cores_)
        region_counters_.push_back(core.counters);
}

void Cluster::end_region() {
    if (!in_region_)
        return;
    in_region_ = false;
    Region region;
    region.cycles = now_ - region_start_;
    region.refills = icache_.misses() - region_refills_;
    for (uint32_t i = 0; i < parameters_.cores; ++i) {
        region.cores.push_back(difference(cores_[i].counters, region_counters_[i]));
    }
    regions_.push_back(region);
}
