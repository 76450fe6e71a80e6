// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cluster.h"

/// Writes how the run ended, and each region's cycles and counters, as JSON.
void write_stats(const std::string &path, const Cluster &cluster, const Parameters &parameters);
