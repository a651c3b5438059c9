// SPDX-License-Identifier: Apache-2.0
// Endpoint: a server's place: a DNS name or an IP address with a port, or a Unix socket's path.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah::redis {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;  // 0 for a path.

  [[nodiscard]] std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

// A place that a server told: a name or an address, never a path.
Result<Endpoint> told_endpoint(std::string_view host, std::string_view port);

}  // namespace mynah::redis
