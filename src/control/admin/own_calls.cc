// SPDX-License-Identifier: Apache-2.0
// What the calls of the Api itself answer, and the table of them.
#include "control/admin/own_calls.h"

#include <algorithm>
#include <chrono>

#include "base/json_writer.h"
#include "base/text.h"
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

  static ApiResponse routes(Api& api, const Context& context) {
    return listing(api, context, [](const model::Config& config, auto write) {
      for (const auto& route : config.routes) write(route.name, json_of(route));
    });
  }

  static ApiResponse services(Api& api, const Context& context) {
    return listing(api, context, [](const model::Config& config, auto write) {
      for (const auto& service : config.services) write(service.name, json_of(service));
    });
  }

  static ApiResponse plugins(Api& api, const Context& context) {
    return listing(api, context, [](const model::Config& config, auto write) {
      for (const auto& plugin : config.plugins) write(plugin.id, json_of(plugin));
    });
  }

  static ApiResponse who(Api&, const Context& context) {
    return json_response(200, user_json(*context.principal));
  }

  static ApiResponse log_in(Api& api, const Context& context) {
    const auto body = context.json();
    if (!body) return api_error(400, "bad-request", body.error().what);
    const JsonView user = (*body)["user"];
    const JsonView password = (*body)["password"];
    if (!user.is_string() || !password.is_string()) {
      return api_error(400, "bad-request", "\"user\" and \"password\" must be given, as text");
    }
    const std::string& ip = context.request.client_ip;
    if (const Duration wait = api.throttle_.wait(ip); wait > Duration{0}) return slow_down(wait);

    const auto principal =
        api.parts_.accounts.check_password(std::string(user.text()), password.text());
    if (!principal) return api_error(500, "internal", principal.error().what);
    if (!*principal) {
      api.throttle_.failed(ip);
      return api_error(401, "wrong-credentials", "the user or the password is wrong");
    }
    api.throttle_.succeeded(ip);
    const auto session = api.parts_.accounts.begin_session(**principal);
    if (!session) return api_error(500, "internal", session.error().what);
    ApiResponse response = json_response(201, user_json(**principal));
    response.headers.add("set-cookie", cookie(api, session->id, Accounts::kSessionLifetime));
    return response;
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
    json.member("by", principal.by == Principal::By::session ? "session" : "token");
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

  // One page of a listing: {"items": […], "total": n}, by name if one is asked for.
  template <class Each>
  static ApiResponse listing(Api& api, const Context& context, Each each) {
    const auto page = page_of(context);
    if (!page) return api_error(400, "bad-request", page.error().what);
    const std::string wanted = context.query_value("name");
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    std::size_t total = 0;
    each(*api.parts_.config(), [&](const std::string& name, const std::string& object) {
      if (!wanted.empty() && name != wanted) return;
      const std::size_t index = total++;
      if (index >= page->offset && index - page->offset < page->limit) json.raw(object);
    });
    json.end_array().member("total", total).end_object();
    return json_response(200, std::move(json).take());
  }
};

namespace {

using C = OwnCalls;
using Handler = ApiResponse (*)(Api&, const ApiCall::Context&);

ApiCall::Answer with(Api& api, Handler handler) {
  return
      [&api, handler](const ApiCall::Context& context) { return at_once(handler(api, context)); };
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
           .gives = "user",
           .answer = with(api, C::log_in)},
          {.method = "GET",
           .path = "/api/v1/session",
           .access = Access::account,
           .summary = "Who is asking.",
           .statuses = {200},
           .gives = "user",
           .answer = with(api, C::who)},
          {.method = "DELETE",
           .path = "/api/v1/session",
           .access = Access::account,
           .summary = "Logs out: ends the session.",
           .statuses = {204},
           .scope = TokenScope::read,
           .answer = with(api, C::log_out)}};
}

// Reads what is in force: one listing for each kind of object.
std::vector<ApiCall> listing_calls(Api& api) {
  return {{.method = "GET",
           .path = "/api/v1/routes",
           .access = Access::account,
           .summary = "The routes in force.",
           .statuses = {200, 400},
           .gives = "routes",
           .pages = true,
           .answer = with(api, C::routes)},
          {.method = "GET",
           .path = "/api/v1/services",
           .access = Access::account,
           .summary = "The services in force.",
           .statuses = {200, 400},
           .gives = "services",
           .pages = true,
           .answer = with(api, C::services)},
          {.method = "GET",
           .path = "/api/v1/plugins",
           .access = Access::account,
           .summary = "The plug-ins in force.",
           .statuses = {200, 400},
           .gives = "plugins",
           .pages = true,
           .answer = with(api, C::plugins)}};
}

// Objects that a listing shows may gain fields.
constexpr std::string_view kSchemas = R"(
"health":{"type":"object","required":["ok"],"properties":{"ok":{"const":true}}},
"readiness":{"type":"object","required":["ready"],"properties":{"ready":{"const":true}}},
"description":{"type":"object"},
"credentials":{"type":"object","required":["user","password"],"properties":{"user":{"type":"string"},"password":{"type":"string"}}},
"user":{"type":"object","required":["user","role","by"],"properties":{"user":{"type":"string"},"role":{"enum":["user","owner"]},"by":{"enum":["session","token"]}}},
"routes":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name","match"],"properties":{"name":{"type":"string"},"match":{"type":"object"}}}},"total":{"type":"integer"}}},
"services":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}},"total":{"type":"integer"}}},
"plugins":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}},"total":{"type":"integer"}}}
)";

}  // namespace

ApiCallSet own_calls(Api& api) {
  ApiCallSet set{.calls = {}, .schemas = std::string(kSchemas)};
  for (auto group : {health_calls(api), session_calls(api), listing_calls(api)}) {
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
