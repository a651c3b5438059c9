// SPDX-License-Identifier: Apache-2.0
// Api: answers the requests that reach the console's address, apart from the console's own files:
// health, metrics, and everything under /api/v1.
//
// - Every call of the API is an ApiCall (api_call.h): its method and path, who may make it, what it
//   takes and gives. The Api has some of its own, other parts bring theirs. What is no call is 404,
//   what a call does not grant is denied. schema/openapi.json is written from the calls.
// - It is used on the control thread's loop.
// - Whoever owns the listener asks admit() first and gathers the body, up to the call's limit, only
//   of who is let in.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/admin/accounts.h"
#include "control/admin/api_call.h"
#include "control/admin/audit.h"
#include "control/admin/events.h"
#include "control/admin/kept_objects.h"
#include "control/admin/login_throttle.h"
#include "control/admin/message.h"
#include "control/admin/secrets.h"
#include "control/config/load.h"

namespace mynah::control {

// What the API needs of the rest of the program. All of it outlives the API.
struct ApiParts {
  Accounts& accounts;
  AuditLog& audit;
  KeptObjects& kept;
  Events& events;
  const Clock& clock;
  std::function<const Loaded&()> loaded;  // What is in force.
  ChangeObjects change;
  std::function<bool()> ready;           // Whether new requests are welcome.
  std::function<std::string()> metrics;  // In the text format of Prometheus.
  std::string admin_token;               // An owner's, for this process. Empty: there is none.
  bool tls = false;                      // Cookies are for TLS only.
  std::vector<ApiCallSet> more = {};     // The calls of other parts.
  PasswordWork passwords = {};
};

class Api final {
 public:
  explicit Api(ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Whether the request is for the API; if not, it is for the console's files.
  [[nodiscard]] static bool owns(std::string_view target);

  // Who asks for what, judged by the head of the request alone.
  struct Admission {
    const ApiCall* call = nullptr;  // Null: refused.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::optional<Principal> principal;
    ApiResponse refusal;
  };
  Admission admit(const ApiRequest& head);

  // The answer to a request that was admitted and whose body is there. The request outlives the
  // call.
  Task<ApiResponse> answer(Admission admission, const ApiRequest& request);

  // Both at once, for who has the body already.
  Task<ApiResponse> handle(const ApiRequest& request);

  // The largest body that any call takes.
  [[nodiscard]] std::size_t body_bytes_max() const;

  [[nodiscard]] const std::vector<ApiCallSet>& call_sets() const { return sets_; }

 private:
  friend struct OwnCalls;

  [[nodiscard]] Result<std::optional<Principal>> identify(const ApiRequest& request);

  ApiParts parts_;
  std::vector<ApiCallSet> sets_;
  LoginThrottle throttle_;
};

// The description of the calls, OpenAPI 3.1 in JSON; schema/openapi.json is this.
std::string openapi(const std::vector<ApiCallSet>& sets);

// Headers that every answer carries, from the API or before it.
ApiResponse finished(ApiResponse response);

}  // namespace mynah::control
