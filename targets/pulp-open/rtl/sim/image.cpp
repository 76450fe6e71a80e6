// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include <elf.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

std::string read_file(const std::string &path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

uint32_t load_elf(const std::string &path, Memory &tcdm, Memory &l2) {
    const std::string file = read_file(path);
    Elf32_Ehdr header;
    if (file.size() < sizeof header)
        throw std::runtime_error(path + " is too short for an ELF file");
    std::memcpy(&header, file.data(), sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
        header.e_machine != EM_RISCV) {
        throw std::runtime_error(path + " is not a 32-bit RISC-V ELF file");
    }
    for (uint32_t i = 0; i < header.e_phnum; ++i) {
        Elf32_Phdr segment;
        const size_t at = header.e_phoff + static_cast<size_t>(i) * header.e_phentsize;
        if (at + sizeof segment > file.size())
            throw std::runtime_error(path + " has a damaged program header");
        std::memcpy(&segment, file.data() + at, sizeof segment);
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0)
            continue;
        if (static_cast<size_t>(segment.p_offset) + segment.p_filesz > file.size()) {
            throw std::runtime_error(path + " has a segment beyond its end");
        }
        Memory &memory = tcdm.holds(segment.p_paddr) ? tcdm : l2;
        if (!memory.holds(segment.p_paddr, segment.p_filesz)) {
            char text[128];
            std::snprintf(text, sizeof text, ": the segment at 0x%08x (%u bytes) is in no memory of the cluster",
                          segment.p_paddr, segment.p_filesz);
            throw std::runtime_error(path + text);
        }
        std::memcpy(memory.at(segment.p_paddr), file.data() + segment.p_offset, segment.p_filesz);
    }
    return header.e_entry;
}
