// SPDX-License-Identifier: Apache-2.0
// Lines for the gateway's log, from text and numbers:
//
//   log_warn("the store answers ", code, "; passing through");
//
// A line is built only when the host wants its level. Secrets of a configuration are of type
// Secret, which no line takes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/text.h"

namespace mynah {
inline namespace plugin {

enum class Level : std::uint8_t { trace, debug, info, warn, error };

// Whether the host shows lines of this level.
[[nodiscard]] bool log_wants(Level level);
void log_line(Level level, std::string_view text);

void log_pieces(Level level, std::initializer_list<std::string_view> pieces);

template <class... T>
void log(Level level, const T&... pieces) {
  log_pieces(level, {CatPiece(pieces).text()...});
}
template <class... T>
void log_debug(const T&... pieces) {
  log(Level::debug, pieces...);
}
template <class... T>
void log_info(const T&... pieces) {
  log(Level::info, pieces...);
}
template <class... T>
void log_warn(const T&... pieces) {
  log(Level::warn, pieces...);
}
template <class... T>
void log_error(const T&... pieces) {
  log(Level::error, pieces...);
}

}  // namespace plugin
}  // namespace mynah
