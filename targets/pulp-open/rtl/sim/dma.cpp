// SPDX-License-Identifier: Apache-2.0
#include "dma.h"

#include <algorithm>

namespace {
constexpr uint32_t kLengthBits = 17, kTypeBit = 17, kTwoDimensionalBit = 19, kEventBit = 20, kBroadcastBit = 22;
constexpr uint32_t kBeatBytes = 8;
} // namespace

std::optional<uint32_t> Dma::allocate(uint32_t core) {
    for (uint32_t id = 0; id < kDmaTransfers; ++id) {
        if ((allocated_ >> id & 1U) == 0) {
            allocated_ |= 1U << id;
            last_id_[core] = id;
            return id;
        }
    }
    return std::nullopt;
}

uint32_t Dma::status() const {
    uint32_t busy = 0;
    for (uint32_t id = 0; id < kDmaTransfers; ++id)
        busy |= (pending_[id] != 0 ? 1U : 0U) << id;
    return busy;
}

void Dma::free_transfers(uint32_t mask) {
    allocated_ &= ~mask;
}

std::optional<std::string> Dma::write_command(uint32_t core, uint32_t data) {
    Command &command = commands_[core];
    if (command.count < 2) {
        command.words[command.count++] = data;
        return std::nullopt;
    }
    command.count = 0;
    const uint32_t header = command.words[0];
    const auto flag = [&](uint32_t bit) { return (header >> (bit - header_shift_) & 1U) != 0; };
    Transfer transfer{};
    transfer.core = core;
    transfer.id = last_id_[core];
    transfer.bytes = header & ((1U << (kLengthBits - header_shift_)) - 1U);
    transfer.to_tcdm = flag(kTypeBit);
    transfer.event = flag(kEventBit);
    transfer.broadcast = flag(kBroadcastBit);
    transfer.tcdm = command.words[1];
    transfer.l2 = data;
    if (flag(kTwoDimensionalBit))
        return "a two-dimensional DMA transfer, which is not modelled";
    if (transfer.bytes == 0)
        return "a DMA transfer of 0 bytes";
    if (!tcdm_.holds(transfer.tcdm, transfer.bytes))
        return "a DMA transfer with an L1 range outside L1";
    if (!l2_.holds(transfer.l2, transfer.bytes))
        return "a DMA transfer with an L2 range outside L2";
    ++pending_[transfer.id];
    queue_.push_back(transfer);
    return std::nullopt;
}

uint32_t Dma::arrived_bytes(uint64_t now) const {
    uint32_t bytes = 0;
    for (const Beat &beat : beats_) {
        if (beat.arrives > now)
            break;
        bytes += beat.bytes;
    }
    return bytes;
}

uint32_t Dma::tcdm_request_address() const {
    const Transfer &transfer = queue_.front();
    return transfer.tcdm + (transfer.to_tcdm ? transfer.second_done : transfer.first_done);
}

uint32_t Dma::tcdm_request_words(uint64_t now) const {
    if (queue_.empty())
        return 0;
    const Transfer &transfer = queue_.front();
    const uint32_t room = transfer.to_tcdm ? arrived_bytes(now)
                                           : std::min(transfer.bytes - transfer.first_done,
                                                      kDmaBufferBytes - (transfer.first_done - transfer.second_done));
    if (room == 0)
        return 0;
    const uint32_t first = std::min(room, 4U - (tcdm_request_address() & 3U));
    return room > first ? 2 : 1;
}

void Dma::tcdm_granted(uint64_t now, uint32_t words) {
    Transfer &transfer = queue_.front();
    for (uint32_t i = 0; i < words; ++i) {
        if (transfer.to_tcdm) {
            uint32_t bytes = std::min(arrived_bytes(now), 4U - (tcdm_request_address() & 3U));
            std::memcpy(tcdm_.at(tcdm_request_address()), l2_.at(transfer.l2 + transfer.second_done), bytes);
            transfer.second_done += bytes;
            while (bytes > 0) {
                const uint32_t part = std::min(bytes, beats_.front().bytes);
                bytes -= part;
                beats_.front().bytes -= part;
                if (beats_.front().bytes == 0)
                    beats_.pop_front();
            }
        } else {
            const uint32_t bytes = std::min(transfer.bytes - transfer.first_done, 4U - (tcdm_request_address() & 3U));
            std::memcpy(l2_.at(transfer.l2 + transfer.first_done), tcdm_.at(tcdm_request_address()), bytes);
            transfer.first_done += bytes;
        }
    }
    if (transfer.to_tcdm)
        finish_if_done(now + 1);
}

void Dma::finish_if_done(uint64_t when) {
    const Transfer &transfer = queue_.front();
    if (transfer.second_done < transfer.bytes)
        return;
    ending_.push_back({when, transfer.core, transfer.id, transfer.event, transfer.broadcast});
    queue_.pop_front();
}

void Dma::tick(uint64_t now) {
    while (!ending_.empty() && ending_.front().when <= now) {
        const Ending &end = ending_.front();
        --pending_[end.id];
        if (end.event)
            events_.raise(end.broadcast ? (1U << kMaxCores) - 1U : 1U << end.core, 1U << kEventDma);
        ending_.pop_front();
    }
    if (queue_.empty())
        return;
    Transfer &transfer = queue_.front();
    const uint32_t offset = transfer.to_tcdm ? transfer.first_done : transfer.second_done;
    const uint32_t address = transfer.l2 + offset;
    const uint32_t limit = transfer.to_tcdm ? std::min(transfer.bytes - transfer.first_done,
                                                       kDmaBufferBytes - (transfer.first_done - transfer.second_done))
                                            : transfer.first_done - transfer.second_done;
    const uint32_t bytes = std::min(limit, kBeatBytes - (address & (kBeatBytes - 1U)));
    if (bytes == 0)
        return;
    const uint32_t words = ((address & 3U) + bytes + 3U) / 4U;
    const uint64_t answer = l2_banks_.book(now, address & ~3U, words);
    if (transfer.to_tcdm) {
        transfer.first_done += bytes;
        beats_.push_back({answer, bytes});
    } else {
        transfer.second_done += bytes;
        transfer.last_answer = answer;
        finish_if_done(answer);
    }
}
