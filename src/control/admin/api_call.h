// SPDX-License-Identifier: Apache-2.0
// ApiCall: one call of the admin API. A part of the program that has calls to offer gives the Api a
// set of them; routing, permissions and the OpenAPI description come from the calls alone, so that
// all of them are covered alike.
//
//   ApiCallSet Market::calls() {
//     return {.calls = {{.method = "GET",
//                        .path = "/api/v1/plugins/{id}",
//                        .access = Access::manager,
//                        .summary = "A plug-in.",
//                        .statuses = {200, 404},
//                        .gives = "plugin",
//                        .answer = [this](const ApiCall::Context& call) { return show(call); }}},
//             .schemas = R"("plugin":{"type":"object"})"};
//   }
//
// - `answer` closes over its owner, which outlives the Api, and is a coroutine of the owner's, or
//   wraps a value in at_once(). It runs on the control thread: what takes long (a password's hash,
//   a compilation, files) goes to a BlockingPool.
// - Its coroutine is dropped when the client goes away. A change that must not be left half-done is
//   made by somebody else while it waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "control/admin/accounts.h"
#include "control/admin/audit.h"
#include "control/admin/message.h"

namespace mynah::control {

// Who may make a call.
enum class Access : std::uint8_t {
  everybody,  // No secrets in it: health, metrics, the description, logging in.
  account,    // Who is logged in or has a token.
  manager,    // The owner, and users with the permission to manage the gateway.
  owner,
};
std::string_view name_of(Access access);
// Whether this account may make calls of this access, a token's scope apart.
bool is_granted(const Principal& who, Access access);

struct ApiCall {
  static constexpr std::size_t kBodyBytesMax = 64 * 1024;

  // What a handler is given: who asks, and the request with its target taken apart. It lives until
  // the answer is there.
  struct Context {
    const ApiRequest& request;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> parameters;  // Of the path, decoded.
    std::optional<Principal> principal;

    // What stands in the place of {name}; empty when the path has no such part.
    [[nodiscard]] std::string parameter(std::string_view name) const;
    // A field of the query, decoded; empty when there is none.
    [[nodiscard]] std::string query_value(std::string_view name) const;
    // The body, which must be an object.
    [[nodiscard]] Result<Json> json() const;
    // For the audit log. There is a principal.
    [[nodiscard]] Author author() const;
  };
  using Answer = std::function<Task<ApiResponse>(const Context&)>;

  std::string method;
  std::string path;  // A part may be "{name}": it stands for any text without a slash.
  Access access = Access::owner;
  std::string summary;
  // Those that it answers with, besides those that every call of its access and body has: 401, 403,
  // 413, 415, 500.
  std::vector<std::uint16_t> statuses;
  std::string takes = {};  // The schema of the body. Empty: no body.
  std::string takes_as = "application/json";
  std::string gives = {};       // A schema, or a media type when it is no JSON. Empty: no body.
  bool pages = false;           // A listing: takes limit, offset and name.
  std::string parameters = {};  // Further ones of the query or of headers: OpenAPI's, with commas.
  std::size_t body_bytes_max = kBodyBytesMax;
  // What a token must be good for. Empty: reading for GET, changing for everything else.
  std::optional<TokenScope> scope = std::nullopt;
  Answer answer;

  [[nodiscard]] TokenScope scope_needed() const;
};

struct ApiCallSet {
  std::vector<ApiCall> calls;
  // Those of `takes` and `gives`, as members of OpenAPI's components.schemas:
  // "name":{…},"other":{…}
  std::string schemas;
};

// {"error": {"code", "message", "details"}}; `details` is JSON and left out when it is empty.
ApiResponse api_error(std::uint16_t status, std::string_view code, std::string_view message,
                      std::string_view details = {});
// The same of an operating error: what is malformed is 422, what is in the way 409.
ApiResponse api_error(const Error& error);
ApiResponse json_response(std::uint16_t status, std::string json);
ApiResponse no_content();

// A coroutine that has its answer already.
Task<ApiResponse> at_once(ApiResponse response);

}  // namespace mynah::control
