// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "memory.h"

std::string read_file(const std::string &path);

/// Loads the PT_LOAD segments of an ELF32 file at their physical addresses; returns the entry address.
uint32_t load_elf(const std::string &path, Memory &tcdm, Memory &l2);
