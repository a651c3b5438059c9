// SPDX-License-Identifier: Apache-2.0
// In place of the host functions for Redis, for hosts that have none (Envoy): a module linked with
// this imports nothing that they lack, and every call is an error value. The first one says so in
// the log.
#include <string_view>

#include "abi/imports.h"

namespace {

mynah::abi::Status refuse() {
  static bool said = false;
  constexpr std::string_view kWhy =
      "this module was built for a host without Redis: calls to Redis are errors";
  if (!said) proxy_log(mynah::abi::LogLevel::warn, kWhy.data(), kWhy.size());
  said = true;
  return mynah::abi::Status::unimplemented;
}

}  // namespace

extern "C" {

mynah::abi::Status proxy_redis_init(const char*, std::size_t, const char*, std::size_t, const char*,
                                    std::size_t, std::uint32_t) {
  return refuse();
}

mynah::abi::Status proxy_redis_call(const char*, std::size_t, const char*, std::size_t,
                                    std::uint32_t*) {
  return refuse();
}

}  // extern "C"
