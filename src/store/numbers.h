// SPDX-License-Identifier: Apache-2.0
// Numbers and patterns in the words of commands, exactly as Redis reads and prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mynah::store {

// A decimal integer of 64 bits in its one canonical spelling: no plus, no leading zeros, no blanks.
std::optional<std::int64_t> parse_integer(std::string_view text);
// A real number as strtod reads it, whole; not NaN, nor one that overflows.
std::optional<double> parse_real(std::string_view text);
std::optional<long double> parse_long_real(std::string_view text);
// As INCRBYFLOAT prints it: no exponent, 17 digits after the point, without trailing zeros.
std::string long_real_text(long double value);

// Glob patterns of KEYS and SCAN: * ? [a-z] [^a] and \ before a plain character. Takes time in
// proportion to the product of both lengths at most.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace mynah::store
