// SPDX-License-Identifier: Apache-2.0
// A request to the admin API and its answer, as values: the API knows no sockets, so its tests need
// none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/task.h"

namespace mynah::control {

struct ApiRequest {
  std::string method;
  std::string target;  // Path and query, as in the request line.
  Headers headers;
  std::string body;
  std::string client_ip;
};

// A body that comes piece by piece, for as long as its reader stays.
class ApiStream {
 public:
  virtual ~ApiStream() = default;
  // Waits for the next piece; none at the end.
  virtual Task<std::optional<std::string>> next() = 0;
};

struct ApiResponse {
  std::uint16_t status = 200;
  Headers headers;  // Without content-length.
  std::string body;
  std::unique_ptr<ApiStream> stream;  // If there is one, it stands in the place of the body.
};

}  // namespace mynah::control
