// SPDX-License-Identifier: Apache-2.0
#include "event_unit.h"

namespace {
constexpr uint32_t kMask = 0x00, kMaskAnd = 0x04, kMaskOr = 0x08, kStatus = 0x18, kBuffer = 0x1C, kBufferMasked = 0x20,
                   kBufferClear = 0x28, kEventWait = 0x38, kEventWaitClear = 0x3C;
constexpr uint32_t kSoftwareEvents = 0x100, kSoftwareEventsEnd = 0x120;
constexpr uint32_t kBarrierBase = 0x200, kBarrierEnd = kBarrierBase + 0x20 * kBarriers;
constexpr uint32_t kTriggerMask = 0x00, kBarrierStatus = 0x04, kTargetMask = 0x0C, kTrigger = 0x10, kTriggerSelf = 0x14,
                   kTriggerWait = 0x18, kTriggerWaitClear = 0x1C;
constexpr EventAccess kAccepted = {EventAccess::kDone, 0};
constexpr EventAccess kNoRegister = {EventAccess::kUnknown, 0};
} // namespace

void EventUnit::raise(uint32_t core_mask, uint32_t event_mask) {
    for (uint32_t core = 0; core < kMaxCores; ++core) {
        if (core_mask >> core & 1U)
            cores_[core].incoming |= event_mask;
    }
    incoming_ = true;
}

void EventUnit::tick() {
    if (incoming_) {
        for (PerCore &core : cores_) {
            core.buffer |= core.incoming;
            core.incoming = 0;
        }
        incoming_ = false;
    }
    if (arrived_) {
        for (Barrier &barrier : barriers_) {
            if (barrier.trigger_mask != 0 && (barrier.status & barrier.trigger_mask) == barrier.trigger_mask) {
                barrier.status = 0;
                raise(barrier.target_mask, 1U << kEventBarrier);
            }
        }
        arrived_ = false;
    }
}

EventAccess EventUnit::wait(uint32_t core, bool clear) {
    PerCore &state = cores_[core];
    state.clear_on_wake = clear;
    state.waiting = true;
    if (const auto data = poll_wait(core))
        return {EventAccess::kDone, *data};
    return {EventAccess::kWait, 0};
}

std::optional<uint32_t> EventUnit::poll_wait(uint32_t core) {
    PerCore &state = cores_[core];
    const uint32_t events = state.buffer & state.mask;
    if (!state.waiting || events == 0)
        return std::nullopt;
    state.waiting = false;
    if (state.clear_on_wake)
        state.buffer &= ~events;
    return events;
}

EventAccess EventUnit::read_barrier(uint32_t core, uint32_t offset) {
    Barrier &barrier = barriers_[(offset - kBarrierBase) / 0x20];
    switch (offset & 0x1FU) {
    case kTriggerMask:
        return {EventAccess::kDone, barrier.trigger_mask};
    case kBarrierStatus:
        return {EventAccess::kDone, barrier.status};
    case kTargetMask:
        return {EventAccess::kDone, barrier.target_mask};
    case kTriggerSelf:
    case kTriggerWait:
    case kTriggerWaitClear:
        barrier.status |= 1U << core;
        arrived_ = true;
        if ((offset & 0x1FU) == kTriggerSelf)
            return kAccepted;
        return wait(core, (offset & 0x1FU) == kTriggerWaitClear);
    default:
        return kNoRegister;
    }
}

EventAccess EventUnit::write_barrier(uint32_t offset, uint32_t data) {
    Barrier &barrier = barriers_[(offset - kBarrierBase) / 0x20];
    switch (offset & 0x1FU) {
    case kTriggerMask:
        barrier.trigger_mask = data;
        return kAccepted;
    case kTargetMask:
        barrier.target_mask = data;
        return kAccepted;
    case kTrigger:
        barrier.status |= data;
        arrived_ = true;
        return kAccepted;
    default:
        return kNoRegister;
    }
}

EventAccess EventUnit::read(uint32_t core, uint32_t offset) {
    if (offset >= kBarrierBase && offset < kBarrierEnd)
        return read_barrier(core, offset);
    const PerCore &state = cores_[core];
    switch (offset) {
    case kMask:
        return {EventAccess::kDone, state.mask};
    case kStatus:
        return {EventAccess::kDone, 1};
    case kBuffer:
        return {EventAccess::kDone, state.buffer};
    case kBufferMasked:
        return {EventAccess::kDone, state.buffer & state.mask};
    case kEventWait:
        return wait(core, false);
    case kEventWaitClear:
        return wait(core, true);
    default:
        return kNoRegister;
    }
}

EventAccess EventUnit::write(uint32_t core, uint32_t offset, uint32_t data) {
    if (offset >= kBarrierBase && offset < kBarrierEnd)
        return write_barrier(offset, data);
    if (offset >= kSoftwareEvents && offset < kSoftwareEventsEnd) {
        // An empty mask means all cores.
        raise(data != 0 ? data : (1U << kMaxCores) - 1U, 1U << ((offset - kSoftwareEvents) / 4));
        return kAccepted;
    }
    PerCore &state = cores_[core];
    switch (offset) {
    case kMask:
        state.mask = data;
        return kAccepted;
    case kMaskAnd:
        state.mask &= ~data;
        return kAccepted;
    case kMaskOr:
        state.mask |= data;
        return kAccepted;
    case kBufferClear:
        state.buffer &= ~data;
        return kAccepted;
    default:
        return kNoRegister;
    }
}
