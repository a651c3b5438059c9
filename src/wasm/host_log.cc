// SPDX-License-Identifier: Apache-2.0
// Host functions: the log and the time.
#include <algorithm>

#include "base/text.h"
#include "wasm/host.h"

namespace mynah::wasm {

abi::Status Host::log(abi::LogLevel level, std::string_view message) {
  if (level > abi::LogLevel::critical) return abi::Status::bad_argument;
  if (level < outside_.log_level()) return abi::Status::ok;
  if (!may_log()) return abi::Status::ok;
  Exchange* const exchange = current_ == nullptr ? nullptr : acting().exchange;
  outside_.log(level, utf8_prefix(message, settings_.limits.log_line_bytes), exchange);
  return abi::Status::ok;
}

void Host::note(abi::LogLevel level, std::string_view message) { log(level, message); }

// Lines over the limit are counted, and the count is told with the next second's first line.
bool Host::may_log() {
  const Instant now = outside_.clock().now();
  if (now - log_window_ >= std::chrono::seconds(1)) {
    log_window_ = now;
    log_lines_ = 0;
    if (const std::size_t dropped = std::exchange(log_lines_dropped_, 0); dropped > 0) {
      outside_.log(abi::LogLevel::warn, cat(dropped, " log lines of the plug-in were dropped"),
                   nullptr);
    }
  }
  if (log_lines_ >= settings_.limits.log_lines_a_second) {
    ++log_lines_dropped_;
    return false;
  }
  ++log_lines_;
  return true;
}

abi::Status Host::get_log_level(abi::LogLevel& level) {
  level = outside_.log_level();
  return abi::Status::ok;
}

abi::Status Host::get_current_time(std::uint64_t& unix_time) {
  unix_time = static_cast<std::uint64_t>(outside_.clock().wall_now().time_since_epoch().count());
  return abi::Status::ok;
}

}  // namespace mynah::wasm
