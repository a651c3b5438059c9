// SPDX-License-Identifier: Apache-2.0
// Amounts as people write them in configurations: "30s", "1h30m", "64KiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace mynah {

// Whole numbers with a unit each (ns, us, ms, s, m, h, d), added up: "250ms", "1h30m". "0" alone
// needs none. Neither negative nor longer than a hundred years.
Result<Duration> parse_duration(std::string_view text);
// The same spelling, in the largest units that say it exactly: "1m30s".
std::string spell(Duration duration);

// A whole number of bytes: bare, or with B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB
// (powers of 1024).
Result<std::uint64_t> parse_bytes(std::string_view text);
// The same spelling, in the largest binary unit that says it exactly: "64KiB".
std::string spell_bytes(std::uint64_t bytes);

}  // namespace mynah
