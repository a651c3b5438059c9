// SPDX-License-Identifier: Apache-2.0
// Values as people write them in a configuration: durations, sizes, blocks of addresses, URLs, and
// what the texts of a configuration must look like. Errors say what was expected and what was
// given.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/model_service.h"
#include "gateway/model_values.h"

namespace mynah::control {

// "250ms", "10s", "5m", "1h", "7d", "1h30m"; "0" alone needs no unit.
Result<model::Milliseconds> parse_duration(std::string_view text);
std::string show_duration(model::Milliseconds duration);

// Bytes: "4096", "64KiB", "32MiB", "1GiB", "10kB", "5MB".
Result<std::uint64_t> parse_size(std::string_view text);
std::string show_size(std::uint64_t bytes);

// "10.0.0.0/8", "2001:db8::/32", or one address. Bits behind the prefix must be zero.
Result<model::Cidr> parse_cidr(std::string_view text);

// "https://collector.example:4318/v1/traces"; http and https only, no user, no fragment.
Result<model::Url> parse_url(std::string_view text);

// "200", "200-299".
Result<model::StatusRange> parse_status_range(std::string_view text);

// The checks of texts: success, or what is wrong with it. Some bring the text into its normal form.

// Names of services, routes and plug-ins: letters, digits and . _ - / in the middle.
Status check_name(std::string& text);
// "a.example", "*.example", "*"; becomes lower case.
Status check_host_pattern(std::string& text);
// A DNS name or an address without brackets; becomes lower case.
Status check_host(std::string& text);
// Becomes lower case. Those that frame the message are refused: a route must not touch them.
Status check_header_name(std::string& text);
Status check_header_value(std::string& text);
Status check_method(std::string& text);
// Starts with a slash; no blanks, no control characters, no '?' or '#'.
Status check_path(std::string& text);
// A regular expression in the syntax of RE2, of limited cost.
Status check_regex(std::string& text);
Status check_sha256(std::string& text);
Status check_not_empty(std::string& text);

}  // namespace mynah::control
