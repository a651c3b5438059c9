// SPDX-License-Identifier: Apache-2.0
// The table of calls and what answers them.
#include "control/admin/api_calls.h"

#include <algorithm>
#include <chrono>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/listing.h"

namespace mynah::control {

// The handlers: they see the parts of the Api.
struct ApiCalls {
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

  static ApiResponse description(Api&, const Context&) { return json_response(200, openapi()); }

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
    const std::string_view type = context.request.headers.value_or("content-type", "");
    if (!iequals(trim(type.substr(0, type.find(';'))), "application/json")) {
      return api_error(415, "unsupported-media-type", "the body must be application/json");
    }
    const auto body = Json::parse(context.request.body);
    if (!body) return api_error(400, "bad-request", cat("the body: ", body.error().what));
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
    ApiResponse response;
    response.status = 204;
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
    const auto page = page_of(context.query);
    if (!page) return api_error(400, "bad-request", page.error().what);
    const std::string wanted = query_value(context.query, "name");
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

using C = ApiCalls;

std::vector<ApiCall> health_calls() {
  constexpr auto kAll = Access::everybody;
  return {
      {"GET", "/healthz", kAll, "Whether the program runs.", {200}, "", "health", false, C::health},
      {"GET",
       "/readyz",
       kAll,
       "Whether the gateway takes new requests.",
       {200, 503},
       "",
       "readiness",
       false,
       C::readiness},
      {"GET",
       "/metrics",
       kAll,
       "Metrics for Prometheus.",
       {200},
       "",
       "text/plain",
       false,
       C::metrics},
      {"GET",
       "/api/v1/openapi.json",
       kAll,
       "This description.",
       {200},
       "",
       "description",
       false,
       C::description},
  };
}

std::vector<ApiCall> session_calls() {
  return {
      {"POST",
       "/api/v1/session",
       Access::everybody,
       "Logs a user in: the answer sets a cookie for the session.",
       {201, 400, 401, 415, 429},
       "credentials",
       "user",
       false,
       C::log_in},
      {"GET",
       "/api/v1/session",
       Access::viewer,
       "Who is asking.",
       {200},
       "",
       "user",
       false,
       C::who},
      {"DELETE",
       "/api/v1/session",
       Access::viewer,
       "Logs out: ends the session.",
       {204},
       "",
       "",
       false,
       C::log_out},
  };
}

// Reads what is in force: one listing for each kind of object.
std::vector<ApiCall> listing_calls() {
  return {
      {"GET",
       "/api/v1/routes",
       Access::viewer,
       "The routes in force.",
       {200, 400},
       "",
       "routes",
       true,
       C::routes},
      {"GET",
       "/api/v1/services",
       Access::viewer,
       "The services in force.",
       {200, 400},
       "",
       "services",
       true,
       C::services},
      {"GET",
       "/api/v1/plugins",
       Access::viewer,
       "The plug-ins in force.",
       {200, 400},
       "",
       "plugins",
       true,
       C::plugins},
  };
}

}  // namespace

std::span<const ApiCall> calls() {
  static const std::vector<ApiCall> table = [] {
    std::vector<ApiCall> all;
    for (auto group : {health_calls(), session_calls(), listing_calls()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return table;
}

}  // namespace mynah::control
