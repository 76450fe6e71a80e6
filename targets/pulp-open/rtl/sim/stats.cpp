// SPDX-License-Identifier: Apache-2.0
#include "stats.h"

#include <cinttypes>
#include <cstdio>
#include <stdexcept>

namespace {
const char *status_name(Status status) {
    switch (status) {
    case Status::kExit:
        return "exit";
    case Status::kTrap:
        return "trap";
    case Status::kBusError:
        return "bus-error";
    default:
        return "timeout";
    }
}

void write_core(FILE *file, const Counters &c) {
    std::fprintf(file,
                 "{\"active\": %" PRIu64 ", \"asleep\": %" PRIu64 ", \"conflict_stalls\": %" PRIu64
                 ", \"l2_stalls\": %" PRIu64 ", \"fetch_stalls\": %" PRIu64 ", \"loads\": %" PRIu64
                 ", \"stores\": %" PRIu64 ", \"fpu_ops\": %" PRIu64 ", \"instructions\": %" PRIu64 "}",
                 c.active, c.asleep, c.conflict_stalls, c.l2_stalls, c.fetch_stalls, c.loads, c.stores, c.fpu_ops,
                 c.instructions);
}
} // namespace

void write_stats(const std::string &path, const Cluster &cluster, const Parameters &parameters) {
    FILE *const file = std::fopen(path.c_str(), "w");
    if (file == nullptr)
        throw std::runtime_error("cannot write " + path);
    const Ending &end = cluster.ending();
    std::fprintf(file, "{\"status\": \"%s\", \"cycles\": %" PRIu64, status_name(end.status), cluster.now());
    switch (end.status) {
    case Status::kExit:
        std::fprintf(file, ", \"code\": %u, \"core\": %u", end.exit_code, end.core);
        break;
    case Status::kTrap:
        std::fprintf(file, ", \"mcause\": %u, \"mepc\": %u, \"core\": %u", end.cause, end.pc, end.core);
        break;
    case Status::kBusError:
        std::fprintf(file, ", \"address\": %u, \"access\": \"%s\", \"pc\": %u, \"core\": %u, \"what\": \"%s\"",
                     end.address, end.store ? "store" : "load", end.pc, end.core, end.what.c_str());
        break;
    default:
        break;
    }
    std::fprintf(file, ",\n \"cores\": [");
    for (uint32_t i = 0; i < parameters.cores; ++i) {
        std::fprintf(file, "%s{\"pc\": %u, \"asleep\": %s}", i == 0 ? "" : ", ", cluster.decode_pc(i),
                     cluster.asleep(i) ? "true" : "false");
    }
    std::fprintf(file, "],\n \"regions\": [");
    const char *separator = "";
    for (const Region &region : cluster.regions()) {
        std::fprintf(file, "%s\n  {\"cycles\": %" PRIu64 ", \"refills\": %" PRIu64 ", \"cores\": [", separator,
                     region.cycles, region.refills);
        for (size_t i = 0; i < region.cores.size(); ++i) {
            std::fputs(i == 0 ? "\n   " : ",\n   ", file);
            write_core(file, region.cores[i]);
        }
        std::fputs("]}", file);
        separator = ",";
    }
    std::fputs("]}\n", file);
    if (std::fclose(file) != 0)
        throw std::runtime_error("cannot write " + path);
}
