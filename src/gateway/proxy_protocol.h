// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 and 2: the line or block in front of a connection by which a load
// balancer says who is connected to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aio/connection.h"
#include "base/result.h"
#include "base/task.h"

namespace mynah {

struct ProxyHeader {
  std::optional<Address>
      source;        // None for LOCAL and UNKNOWN: the connection is the balancer's own.
  std::string rest;  // Bytes behind the header that were read with it.
};

// Errors: protocol (there is no such header, or a malformed one), closed, timeout.
Task<Result<ProxyHeader>> read_proxy_header(Connection& connection, Instant deadline);

// The same on bytes: nothing when more are needed.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes);

}  // namespace mynah
