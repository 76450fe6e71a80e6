// SPDX-License-Identifier: Apache-2.0
// The address map of the cluster (docs/cluster-rtl.md) and its two memories.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

constexpr uint32_t kMaxCores = 16;

constexpr uint32_t kTcdmBase = 0x10000000;
constexpr uint32_t kTcdmAlias = 0x00000000;        // the same memory, seen by the cluster's cores
constexpr uint32_t kTestAndSetOffset = 0x00100000; // a read returns the old word and leaves all ones
constexpr uint32_t kTcdmBanks = 16;
constexpr uint32_t kL2Base = 0x1C000000;
constexpr uint32_t kL2Banks = 4;
constexpr uint32_t kClusterControl = 0x10200000;
constexpr uint32_t kTimer = 0x10200400;
constexpr uint32_t kInstructionCacheControl = 0x10201400;
constexpr uint32_t kDmaGlobal = 0x10201800;
constexpr uint32_t kEventUnitDemux = 0x10204000;
constexpr uint32_t kDmaDemux = 0x10204400;
constexpr uint32_t kExitRegister = 0x1A1040A0;
constexpr uint32_t kStdoutPulpOpen = 0x1A10F000;
constexpr uint32_t kStdoutGap8 = 0x1A110000;
constexpr uint32_t kStdoutBytes = 0x1000;

inline uint32_t tcdm_bank(uint32_t address) {
    return (address >> 2) % kTcdmBanks;
}
inline uint32_t l2_bank(uint32_t address) {
    return (address >> 2) % kL2Banks;
}

/// Bytes from `base` on; words are little endian, as on the host that simulates.
class Memory {
  public:
    Memory(uint32_t base, uint32_t bytes) : base_(base), bytes_(bytes, 0) {
    }

    uint32_t base() const {
        return base_;
    }
    uint32_t size_bytes() const {
        return static_cast<uint32_t>(bytes_.size());
    }
    bool holds(uint32_t address, uint32_t length = 1) const {
        return address >= base_ && length <= bytes_.size() && address - base_ <= bytes_.size() - length;
    }
    uint8_t *at(uint32_t address) {
        return bytes_.data() + (address - base_);
    }

    uint32_t read_word(uint32_t address) {
        uint32_t word;
        std::memcpy(&word, at(address & ~3U), sizeof word);
        return word;
    }
    void write_word(uint32_t address, uint32_t value, uint32_t byte_enable) {
        static constexpr uint32_t kMask[16] = {0x00000000, 0x000000FF, 0x0000FF00, 0x0000FFFF, 0x00FF0000, 0x00FF00FF,
                                               0x00FFFF00, 0x00FFFFFF, 0xFF000000, 0xFF0000FF, 0xFF00FF00, 0xFF00FFFF,
                                               0xFFFF0000, 0xFFFF00FF, 0xFFFFFF00, 0xFFFFFFFF};
        const uint32_t mask = kMask[byte_enable & 15U];
        const uint32_t word = (read_word(address) & ~mask) | (value & mask);
        std::memcpy(at(address & ~3U), &word, sizeof word);
    }

  private:
    uint32_t base_;
    std::vector<uint8_t> bytes_;
};

/// L2's banks: each takes one access a cycle, whoever asks. An access is booked when it is sent and served
/// `forward` cycles later at the earliest; the answer is back `latency` cycles after an undisturbed request.
class L2Banks {
  public:
    explicit L2Banks(uint32_t latency_cycles) : latency_(latency_cycles), forward_(latency_cycles / 2) {
    }

    uint32_t latency_cycles() const {
        return latency_;
    }

    /// Book the banks of `words` consecutive words; returns the cycle in which the answer arrives.
    uint64_t book(uint64_t now, uint32_t address, uint32_t words) {
        uint64_t served = now + forward_;
        for (uint32_t i = 0; i < words; ++i) {
            const uint64_t free = free_[l2_bank(address + 4 * i)];
            if (free > served)
                served = free;
        }
        for (uint32_t i = 0; i < words; ++i)
            free_[l2_bank(address + 4 * i)] = served + 1;
        return served + (latency_ - forward_);
    }

  private:
    uint32_t latency_;
    uint32_t forward_;
    uint64_t free_[kL2Banks] = {};
};
