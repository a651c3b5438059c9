// SPDX-License-Identifier: Apache-2.0
// The calls of the admin API: the one table that routing, permissions and the OpenAPI description
// come from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/admin/api.h"

namespace mynah::control {

// Who may make a call.
enum class Access : std::uint8_t {
  everybody,  // No secrets in it: health, metrics, the description, logging in.
  viewer,     // Who is logged in or has a token.
  owner,      // Who may change things.
};

struct ApiCall {
  // What a handler is given: who asks, and the request with its target taken apart.
  struct Context {
    const ApiRequest& request;
    std::string path;
    std::string query;
    const Principal* principal = nullptr;
  };

  const char* method;
  const char* path;
  Access access;
  const char* summary;
  std::vector<std::uint16_t> statuses;  // Besides those that every call of its access has.
  const char* takes;                    // A schema of openapi(): the JSON body. Empty: none.
  const char* gives;  // A schema, or a media type when it is no JSON. Empty: no body.
  bool pages;         // A listing: takes limit and offset.
  ApiResponse (*answer)(Api& api, const Context& context);
};

std::span<const ApiCall> calls();

// {"error": {"code", "message"}}.
ApiResponse api_error(std::uint16_t status, std::string_view code, std::string_view message);
ApiResponse json_response(std::uint16_t status, std::string json);

// The value of a field of a query, percent-decoded; empty when there is none.
std::string query_value(std::string_view query, std::string_view name);

// The value of a cookie of the request.
std::string cookie_value(const Headers& headers, std::string_view name);

inline constexpr std::string_view kSessionCookie = "mynah_session";

}  // namespace mynah::control
