// SPDX-License-Identifier: Apache-2.0
// How much memory the process uses, and how much it may.
#pragma once

#include <cstdint>

namespace mynah {

// Bytes that are resident; 0 when the system does not tell.
std::uint64_t memory_in_use();

// The limit to hold: `wanted`, or nine tenths of what the control group or the machine has when it
// is 0.
std::uint64_t memory_limit(std::uint64_t wanted);

}  // namespace mynah
