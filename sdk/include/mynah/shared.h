// SPDX-License-Identifier: Apache-2.0
// Data that all machines of a plug-in share, on all workers of a gateway: small values by key.
//
//   auto seen = shared::get("seen");
//   auto done = shared::update("seen", [](std::string_view old) {
//     return cat(parse_int(old).value_or(0) + 1);
//   });
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah {
inline namespace plugin {
namespace shared {

struct Value {
  std::string bytes;
  std::uint32_t version = 0;  // changes with every write
};

[[nodiscard]] std::optional<Value> get(std::string_view key);
Status set(std::string_view key, std::string_view bytes);
// Sets the value if nobody has since `version` was read; false when somebody has. Version 0 sets in
// any case.
Result<bool> set_if(std::string_view key, std::string_view bytes, std::uint32_t version);

// How often update() tries anew when others write the same key.
inline constexpr int kUpdateTriesMax = 16;

// Replaces the value by what `change` makes of it ("" when there is none), as one step.
template <class Change>
Status update(std::string_view key, Change change) {
  for (int i = 0; i < kUpdateTriesMax; ++i) {
    const std::optional<Value> old = get(key);
    const std::string next = change(std::string_view(old ? old->bytes : std::string_view()));
    MYNAH_LET(const bool done, set_if(key, next, old ? old->version : 0));
    if (done) return ok();
  }
  return Error{Errc::exhausted, "the shared value is written by too many at once"};
}

}  // namespace shared
}  // namespace plugin
}  // namespace mynah
