// SPDX-License-Identifier: Apache-2.0
// Api: answers the requests that reach the console's address, apart from the console's own files:
// health, metrics, and everything under /api/v1.
//
// - Every call of the API stands in one table (calls() in api_calls.h): its method and path, who
// may
//   make it, what it takes and gives. What is not in the table is 404, what the table does not
//   grant is denied. schema/openapi.json is written from the table.
// - One thread uses it. A login takes about a tenth of a second, everything else well under a
//   millisecond.
// - Whoever owns the listener bounds the body that it gathers by kBodyBytesMax.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "control/admin/accounts.h"
#include "control/admin/login_throttle.h"
#include "control/admin/message.h"
#include "gateway/model.h"

namespace mynah::control {

// What the API needs of the rest of the program. All of it outlives the API.
struct ApiParts {
  Accounts& accounts;
  const Clock& clock;
  std::function<std::shared_ptr<const model::Config>()> config;  // The one in force.
  std::function<bool()> ready;           // Whether new requests are welcome.
  std::function<std::string()> metrics;  // In the text format of Prometheus.
  std::string admin_token;               // An owner's, for this process. Empty: there is none.
  bool tls = false;                      // Cookies are for TLS only.
};

class Api final {
 public:
  static constexpr std::size_t kBodyBytesMax = 64 * 1024;

  explicit Api(ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Whether the request is for the API; if not, it is for the console's files.
  [[nodiscard]] static bool owns(std::string_view target);

  ApiResponse handle(const ApiRequest& request);

 private:
  friend struct ApiCalls;

  [[nodiscard]] Result<std::optional<Principal>> identify(const ApiRequest& request);

  ApiParts parts_;
  LoginThrottle throttle_;
};

// The description of the API, OpenAPI 3.1 in JSON; schema/openapi.json is this.
std::string openapi();

}  // namespace mynah::control
