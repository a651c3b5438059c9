// SPDX-License-Identifier: Apache-2.0
// From a request to the call that answers it: finding it, knowing who asks, granting or denying.
#include "control/admin/api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/api_calls.h"
#include "control/admin/secrets.h"

namespace mynah::control {

namespace {

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD"; }

// HEAD is GET to the table; whoever writes the answer leaves its body out.
std::string_view table_method(std::string_view method) { return method == "HEAD" ? "GET" : method; }

// A browser says where a request comes from. A page of another origin must not act with the cookie
// of whoever looks at it; SameSite=Strict says the same to browsers that know it.
bool is_same_origin(const Headers& headers) {
  const auto site = headers.find("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return false;
  const auto origin = headers.find("origin");
  if (!origin) return true;
  const Halves parts = cut(*origin, "://");
  const std::string_view host = headers.value_or(":authority", headers.value_or("host", ""));
  return parts.found && !host.empty() && iequals(parts.after, host);
}

std::string_view bearer_token(const Headers& headers) {
  const Halves parts = cut(headers.value_or("authorization", ""), " ");
  return iequals(parts.before, "bearer") ? trim(parts.after) : std::string_view();
}

ApiResponse method_not_allowed(const std::vector<std::string>& allowed) {
  ApiResponse response = api_error(405, "method-not-allowed", "this path has no such method");
  response.headers.add("allow", join(allowed, ", "));
  return response;
}

ApiResponse unauthorized() {
  ApiResponse response =
      api_error(401, "unauthorized", "log in, or send a token: authorization: Bearer TOKEN");
  response.headers.add("www-authenticate", "Bearer");
  return response;
}

std::optional<ApiResponse> refuse(const ApiCall& call, const Principal* principal,
                                  const ApiRequest& request) {
  if (request.body.size() > Api::kBodyBytesMax) {
    return api_error(413, "payload-too-large",
                     cat("a body may have ", Api::kBodyBytesMax, " bytes"));
  }
  if (!is_safe(request.method) && !is_same_origin(request.headers)) {
    const bool by_token = principal != nullptr && principal->by == Principal::By::token;
    if (!by_token) return api_error(403, "cross-origin", "a page of another origin asks for this");
  }
  if (call.access == Access::everybody) return std::nullopt;
  if (principal == nullptr) return unauthorized();
  if (call.access == Access::owner && principal->role != Role::owner) {
    return api_error(403, "forbidden", "this account may not do that");
  }
  return std::nullopt;
}

}  // namespace

Api::Api(ApiParts parts) : parts_(std::move(parts)), throttle_(parts_.clock) {}

bool Api::owns(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/api" ||
         path.starts_with("/api/");
}

Result<std::optional<Principal>> Api::identify(const ApiRequest& request) {
  if (request.headers.has("authorization")) {
    const std::string_view token = bearer_token(request.headers);
    if (token.empty()) return std::optional<Principal>();
    if (!parts_.admin_token.empty() &&
        equal_secrets(sha256_hex(token), sha256_hex(parts_.admin_token))) {
      return std::optional(Principal{"MYNAH_ADMIN_TOKEN", Role::owner, Principal::By::token});
    }
    return parts_.accounts.find_token(token);
  }
  const std::string id = cookie_value(request.headers, kSessionCookie);
  if (id.empty()) return std::optional<Principal>();
  return parts_.accounts.find_session(id);
}

ApiResponse Api::handle(const ApiRequest& request) {
  const Halves target = cut(request.target, "?");
  const ApiCall* found = nullptr;
  std::vector<std::string> methods;
  for (const ApiCall& call : calls()) {
    if (target.before != call.path) continue;
    methods.emplace_back(call.method);
    if (table_method(request.method) == call.method) found = &call;
  }
  ApiResponse response = [&] {
    if (methods.empty()) return api_error(404, "not-found", "there is nothing at this path");
    if (found == nullptr) return method_not_allowed(methods);
    const auto principal = identify(request);
    if (!principal) return api_error(500, "internal", principal.error().what);
    const Principal* const who = *principal ? &**principal : nullptr;
    if (auto refusal = refuse(*found, who, request)) return *std::move(refusal);
    return found->answer(*this,
                         {request, std::string(target.before), std::string(target.after), who});
  }();
  response.headers.add("cache-control", "no-store");
  response.headers.add("x-content-type-options", "nosniff");
  return response;
}

ApiResponse api_error(std::uint16_t status, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.member("code", code).member("message", message);
  json.end_object().end_object();
  return json_response(status, std::move(json).take());
}

ApiResponse json_response(std::uint16_t status, std::string json) {
  ApiResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = std::move(json);
  return response;
}

std::string query_value(std::string_view query, std::string_view name) {
  for (const std::string_view field : split(query, '&')) {
    const Halves parts = cut(field, "=");
    if (parts.before == name) return std::string(parts.after);
  }
  return {};
}

std::string cookie_value(const Headers& headers, std::string_view name) {
  for (const Headers::Field& field : headers) {
    if (field.name != "cookie") continue;
    for (const std::string_view cookie : split(field.value, ';')) {
      const Halves parts = cut(trim(cookie), "=");
      if (parts.before == name) return std::string(parts.after);
    }
  }
  return {};
}

}  // namespace mynah::control
