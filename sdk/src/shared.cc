// SPDX-License-Identifier: Apache-2.0
// Shared data over the host functions.
#include "mynah/shared.h"

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/text.h"
#include "mynah/bytes.h"

namespace mynah {
inline namespace plugin {
namespace shared {

std::optional<Value> get(std::string_view key) {
  char* data = nullptr;
  std::size_t size = 0;
  std::uint32_t version = 0;
  if (proxy_get_shared_data(key.data(), key.size(), &data, &size, &version) != abi::Status::ok)
    return std::nullopt;
  return Value{Bytes::adopt(data, size).str(), version};
}

Status set(std::string_view key, std::string_view bytes) {
  const auto done = set_if(key, bytes, 0);
  if (!done) return done.error();
  return ok();
}

Result<bool> set_if(std::string_view key, std::string_view bytes, std::uint32_t version) {
  const abi::Status status =
      proxy_set_shared_data(key.data(), key.size(), bytes.data(), bytes.size(), version);
  if (status == abi::Status::ok) return true;
  if (status == abi::Status::cas_mismatch) return false;
  return Error{Errc::unavailable, cat("the host refuses the shared value \"", key, "\": status ",
                                      std::to_underlying(status))};
}

}  // namespace shared
}  // namespace plugin
}  // namespace mynah
