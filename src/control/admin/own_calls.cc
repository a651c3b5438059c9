// SPDX-License-Identifier: Apache-2.0
// What the calls of the Api itself answer, and the table of them.
#include "control/admin/own_calls.h"

#include <algorithm>
#include <chrono>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/account_calls.h"
#include "control/admin/listing.h"

namespace mynah::control {

// The handlers: they see the parts of the Api.
struct OwnCalls {
  using Context = ApiCall::Context;

  static ApiResponse health(Api&, const Context&) { return json_response(200, R"({"ok":true})"); }

  static ApiResponse readiness(Api& api, const Context&) {
    if (api.parts_.ready()) return json_response(200, R"({"ready":true})");
    return api_error(503, "not-ready", "the gateway is starting, or draining before its end");
  }

  static ApiResponse metrics(Api& api, const Context&) {
    ApiResponse response;
    response.headers.add("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = api.parts_.metrics();
    return response;
  }

  static ApiResponse description(Api& api, const Context&) {
    return json_response(200, openapi(api.sets_));
  }

  static ApiResponse who(Api&, const Context& context) {
    return json_response(200, user_json(*context.principal));
  }

  static Task<ApiResponse> log_in(Api& api, const Context& context) {
    const auto body = context.json();
    if (!body) co_return api_error(400, "bad-request", body.error().what);
    const JsonView user = (*body)["user"];
    const JsonView password = (*body)["password"];
    if (!user.is_string() || !password.is_string()) {
      co_return api_error(400, "bad-request", "\"user\" and \"password\" must be given, as text");
    }
    const std::string name(user.text());
    auto refusal = co_await verify(api, context, name, std::string(password.text()), 401);
    if (refusal) co_return *std::move(refusal);
    const auto principal = api.parts_.accounts.principal_of(name);
    if (!principal) co_return api_error(principal.error());
    if (!*principal) co_return api_error(401, "wrong-credentials", "this user is no more");
    const auto session = api.parts_.accounts.begin_session(**principal);
    if (!session) co_return api_error(session.error());
    ApiResponse response = json_response(201, user_json(**principal));
    response.headers.add("set-cookie", cookie(api, session->id, Accounts::kSessionLifetime));
    co_return response;
  }

  // The owner of a cookie that lies about must not become the owner of the account: the present
  // password is asked for again.
  static Task<ApiResponse> change_password(Api& api, const Context& context) {
    const auto body = context.json();
    if (!body) co_return api_error(400, "bad-request", body.error().what);
    const JsonView current = (*body)["current"];
    const JsonView wanted = (*body)["new"];
    if (!current.is_string() || !wanted.is_string()) {
      co_return api_error(400, "bad-request", "\"current\" and \"new\" must be given, as text");
    }
    const std::string& name = context.principal->user;
    auto refusal = co_await verify(api, context, name, std::string(current.text()), 403);
    if (refusal) co_return *std::move(refusal);
    if (const Status fits = check_new_password(wanted.text()); !fits) {
      co_return api_error(fits.error());
    }
    const auto hash = co_await api.parts_.passwords.hash(std::string(wanted.text()));
    if (!hash) co_return api_error(hash.error());
    const auto user = api.parts_.accounts.find_user(name);
    if (!user) co_return api_error(user.error());
    if (!*user) co_return api_error(403, "forbidden", "this user is no more");
    const Status put = api.parts_.accounts.put_user_hashed(**user, *hash);
    if (!put) co_return api_error(put.error());
    const Status told =
        api.parts_.audit.record(context.author(), "change-password", cat("users/", name), "", "");
    co_return told ? no_content() : api_error(told.error());
  }

  // An attempt counts as failed until it has succeeded, so that many at the same time are no way
  // round the throttle.
  static Task<std::optional<ApiResponse>> verify(Api& api, const Context& context, std::string name,
                                                 std::string password, std::uint16_t status) {
    const std::string& ip = context.request.client_ip;
    if (const Duration wait = api.throttle_.wait(ip); wait > Duration{0}) co_return slow_down(wait);
    api.throttle_.failed(ip);
    auto hash = api.parts_.accounts.hash_to_verify(name);
    if (!hash) co_return api_error(hash.error());
    const auto right = co_await api.parts_.passwords.verify(std::move(password), *std::move(hash));
    if (!right) co_return api_error(right.error());
    if (!*right)
      co_return api_error(status, "wrong-credentials", "the user or the password is wrong");
    api.throttle_.succeeded(ip);
    co_return std::nullopt;
  }

  static ApiResponse log_out(Api& api, const Context& context) {
    const std::string id = cookie_value(context.request.headers, kSessionCookie);
    if (!id.empty()) {
      if (const Status ended = api.parts_.accounts.end_session(id); !ended) {
        return api_error(500, "internal", ended.error().what);
      }
    }
    ApiResponse response = no_content();
    response.headers.add("set-cookie", cookie(api, "", Duration{0}));
    return response;
  }

 private:
  static std::string user_json(const Principal& principal) {
    JsonWriter json;
    json.begin_object();
    json.member("user", principal.name).member("role", name_of(principal.role));
    write_permissions(json, principal.manages);
    json.member("by", principal.by == Principal::By::session ? "session" : "token");
    if (principal.by == Principal::By::token) json.member("scope", name_of(principal.scope));
    json.end_object();
    return std::move(json).take();
  }

  static std::string cookie(const Api& api, std::string_view id, Duration lifetime) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
    return cat(kSessionCookie, "=", id, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=", seconds,
               api.parts_.tls ? "; Secure" : "");
  }

  static ApiResponse slow_down(Duration wait) {
    ApiResponse response = api_error(429, "too-many-requests",
                                     "too many failed logins from this address; try again later");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    response.headers.add("retry-after", cat(seconds));
    return response;
  }
};

namespace {

using C = OwnCalls;

ApiCall::Answer with(Api& api, ApiResponse (*handler)(Api&, const ApiCall::Context&)) {
  return [&api, handler](const ApiCall::Context& call) { return at_once(handler(api, call)); };
}

ApiCall::Answer slowly(Api& api, Task<ApiResponse> (*handler)(Api&, const ApiCall::Context&)) {
  return [&api, handler](const ApiCall::Context& call) { return handler(api, call); };
}

std::vector<ApiCall> health_calls(Api& api) {
  constexpr auto kAll = Access::everybody;
  return {{.method = "GET",
           .path = "/healthz",
           .access = kAll,
           .summary = "Whether the program runs.",
           .statuses = {200},
           .gives = "health",
           .answer = with(api, C::health)},
          {.method = "GET",
           .path = "/readyz",
           .access = kAll,
           .summary = "Whether the gateway takes new requests.",
           .statuses = {200, 503},
           .gives = "readiness",
           .answer = with(api, C::readiness)},
          {.method = "GET",
           .path = "/metrics",
           .access = kAll,
           .summary = "Metrics for Prometheus.",
           .statuses = {200},
           .gives = "text/plain",
           .answer = with(api, C::metrics)},
          {.method = "GET",
           .path = "/api/v1/openapi.json",
           .access = kAll,
           .summary = "This description.",
           .statuses = {200},
           .gives = "description",
           .answer = with(api, C::description)}};
}

std::vector<ApiCall> session_calls(Api& api) {
  return {{.method = "POST",
           .path = "/api/v1/session",
           .access = Access::everybody,
           .summary = "Logs a user in: the answer sets a cookie for the session.",
           .statuses = {201, 400, 401, 429},
           .takes = "credentials",
           .gives = "principal",
           .answer = slowly(api, C::log_in)},
          {.method = "PUT",
           .path = "/api/v1/session/password",
           .access = Access::account,
           .summary = "Changes one's own password, and ends all sessions of the user.",
           .statuses = {204, 400, 422, 429},
           .takes = "password_change",
           .answer = slowly(api, C::change_password)},
          {.method = "GET",
           .path = "/api/v1/session",
           .access = Access::account,
           .summary = "Who is asking.",
           .statuses = {200},
           .gives = "principal",
           .answer = with(api, C::who)},
          {.method = "DELETE",
           .path = "/api/v1/session",
           .access = Access::account,
           .summary = "Logs out: ends the session.",
           .statuses = {204},
           .scope = TokenScope::read,
           .answer = with(api, C::log_out)}};
}

// Objects that a listing shows may gain fields.
constexpr std::string_view kSchemas = R"(
"health":{"type":"object","required":["ok"],"properties":{"ok":{"const":true}}},
"readiness":{"type":"object","required":["ready"],"properties":{"ready":{"const":true}}},
"description":{"type":"object"},
"credentials":{"type":"object","required":["user","password"],"properties":{"user":{"type":"string"},"password":{"type":"string"}}},
"password_change":{"type":"object","required":["current","new"],"properties":{"current":{"type":"string"},"new":{"type":"string","minLength":8,"maxLength":1024}}},
"principal":{"type":"object","required":["user","role","permissions","by"],"properties":{"user":{"type":"string"},"role":{"enum":["user","owner"]},"permissions":{"type":"array","items":{"enum":["manage"]}},"by":{"enum":["session","token"]},"scope":{"enum":["read","plugins","write"]}}}
)";

}  // namespace

ApiCallSet own_calls(Api& api) {
  ApiCallSet set{.calls = {}, .schemas = std::string(kSchemas)};
  for (auto group : {health_calls(api), session_calls(api)}) {
    set.calls.insert(set.calls.end(), group.begin(), group.end());
  }
  return set;
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
