// SPDX-License-Identifier: Apache-2.0
// A request to the admin API and its answer, as values: the API knows no sockets, so its tests need
// none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/headers.h"

namespace mynah::control {

struct ApiRequest {
  std::string method;
  std::string target;  // Path and query, as in the request line.
  Headers headers;
  std::string body;
  std::string client_ip;
};

struct ApiResponse {
  std::uint16_t status = 200;
  Headers headers;  // Without content-length.
  std::string body;
};

}  // namespace mynah::control
