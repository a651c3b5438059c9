// SPDX-License-Identifier: Apache-2.0
// Log lines on their way to the host.
#include "mynah/log.h"

#include <string>

#include "abi/imports.h"

namespace mynah {
inline namespace plugin {

bool log_wants(Level level) {
  abi::LogLevel least = abi::LogLevel::trace;
  return proxy_get_log_level(&least) != abi::Status::ok ||
         static_cast<abi::LogLevel>(level) >= least;
}

void log_line(Level level, std::string_view text) {
  proxy_log(static_cast<abi::LogLevel>(level), text.data(), text.size());
}

void log_pieces(Level level, std::initializer_list<std::string_view> pieces) {
  if (!log_wants(level)) return;
  std::string line;
  append_pieces(line, pieces);
  log_line(level, line);
}

}  // namespace plugin
}  // namespace mynah
