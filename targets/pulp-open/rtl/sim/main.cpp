// SPDX-License-Identifier: Apache-2.0
// The command line of the cluster simulator; docs/cluster-rtl.md describes it.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cluster.h"
#include "image.h"
#include "stats.h"

namespace {
volatile std::sig_atomic_t g_stop = 0;

struct Options {
    Parameters parameters;
    std::string elf, stats;
    std::vector<std::pair<uint32_t, std::string>> loads;
    struct Dump {
        uint32_t address, bytes;
        std::string path;
    };
    std::vector<Dump> dumps;
    bool regions = false;
    uint32_t region_begin = 0, region_end = 0;
    uint64_t max_cycles = 100'000'000;
};

uint64_t number(const std::string &text) {
    size_t used = 0;
    const uint64_t value = std::stoull(text, &used, 0);
    if (used != text.size())
        throw std::invalid_argument(text);
    return value;
}

uint32_t word(const std::string &text) {
    return static_cast<uint32_t>(number(text));
}

std::pair<std::string, std::string> cut(const std::string &text, char at) {
    const size_t place = text.find(at);
    if (place == std::string::npos)
        throw std::invalid_argument(text);
    return {text.substr(0, place), text.substr(place + 1)};
}

void set(Options &options, const std::string &name, const std::string &value) {
    Parameters &p = options.parameters;
    if (name == "--elf") {
        options.elf = value;
    } else if (name == "--stats") {
        options.stats = value;
    } else if (name == "--load") {
        const auto [address, path] = cut(value, '=');
        options.loads.emplace_back(word(address), path);
    } else if (name == "--dump") {
        const auto [range, path] = cut(value, '=');
        const auto [address, bytes] = cut(range, ':');
        options.dumps.push_back({word(address), word(bytes), path});
    } else if (name == "--roi") {
        const auto [begin, end] = cut(value, ',');
        options.regions = true;
        options.region_begin = word(begin);
        options.region_end = word(end);
    } else if (name == "--max-cycles") {
        options.max_cycles = number(value);
    } else if (name == "--cores") {
        p.cores = word(value);
    } else if (name == "--l1-bytes") {
        p.l1_bytes = word(value);
    } else if (name == "--l2-bytes") {
        p.l2_bytes = word(value);
    } else if (name == "--l2-latency") {
        p.l2_latency_cycles = word(value);
    } else if (name == "--icache-bytes") {
        p.icache_bytes = word(value);
    } else if (name == "--refill-extra") {
        p.refill_extra_cycles = word(value);
    } else if (name == "--mchan") {
        p.mchan_version = word(value);
    } else {
        throw std::invalid_argument(name);
    }
}

void check(const Parameters &p) {
    const auto power_of_two = [](uint32_t value) { return value != 0 && (value & (value - 1)) == 0; };
    if (p.cores < 1 || p.cores > kMaxCores)
        throw std::runtime_error("--cores takes 1 to 16");
    if (p.l2_latency_cycles < 2)
        throw std::runtime_error("--l2-latency takes 2 cycles or more");
    if (!power_of_two(p.icache_bytes) || p.icache_bytes < kLineBytes * kWays)
        throw std::runtime_error("--icache-bytes takes a power of two from 64 on");
    if (p.l1_bytes == 0 || p.l1_bytes % 4 != 0 || p.l1_bytes > kTestAndSetOffset)
        throw std::runtime_error("--l1-bytes takes a multiple of 4 up to 1 MiB");
    if (p.l2_bytes == 0 || p.l2_bytes % 16 != 0 || p.l2_bytes > 0x01000000)
        throw std::runtime_error("--l2-bytes takes a multiple of 16 up to 16 MiB");
    if (p.mchan_version != 6 && p.mchan_version != 7)
        throw std::runtime_error("--mchan takes 6 or 7");
}

void load(Cluster &cluster, uint32_t address, const std::string &path) {
    const std::string data = read_file(path);
    const auto length = static_cast<uint32_t>(data.size());
    Memory &memory = cluster.tcdm().holds(address) ? cluster.tcdm() : cluster.l2();
    if (!memory.holds(address, length))
        throw std::runtime_error("--load " + path + " reaches outside the memory");
    std::memcpy(memory.at(address), data.data(), data.size());
}

void dump(Cluster &cluster, const Options::Dump &what) {
    Memory &memory = cluster.tcdm().holds(what.address) ? cluster.tcdm() : cluster.l2();
    if (!memory.holds(what.address, what.bytes))
        throw std::runtime_error("--dump reaches outside the memory");
    std::ofstream stream(what.path, std::ios::binary);
    stream.write(reinterpret_cast<const char *>(memory.at(what.address)), what.bytes);
    if (!stream.flush())
        throw std::runtime_error("cannot write " + what.path);
}
} // namespace

int main(int argc, char **argv) {
    try {
        Options options;
        for (int i = 1; i < argc; i += 2) {
            const std::string name = argv[i];
            if (i + 1 == argc)
                throw std::runtime_error(name + " needs a value");
            try {
                set(options, name, argv[i + 1]);
            } catch (const std::logic_error &) {
                throw std::runtime_error(name + " " + argv[i + 1] + " is not understood");
            }
        }
        if (options.elf.empty())
            throw std::runtime_error("--elf FILE is needed");
        check(options.parameters);
        Cluster cluster(options.parameters);
        const uint32_t entry = load_elf(options.elf, cluster.tcdm(), cluster.l2());
        for (const auto &[address, path] : options.loads)
            load(cluster, address, path);
        if (options.regions)
            cluster.watch_region(options.region_begin, options.region_end);
        cluster.play_controller(entry);
        // Asked to end, the simulator still writes where each core is.
        std::signal(SIGTERM, [](int) { g_stop = 1; });
        cluster.run(options.max_cycles, g_stop);
        for (const Options::Dump &what : options.dumps)
            dump(cluster, what);
        if (!options.stats.empty())
            write_stats(options.stats, cluster, options.parameters);
        return EXIT_SUCCESS;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "cluster_sim: %s\n", error.what());
        return 2;
    }
}
