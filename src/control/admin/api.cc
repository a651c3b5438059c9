// SPDX-License-Identifier: Apache-2.0
// From a request to the call that answers it: finding it, knowing who asks, granting or denying.
#include "control/admin/api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/admin/account_calls.h"
#include "control/admin/log_calls.h"
#include "control/admin/object_calls.h"
#include "control/admin/own_calls.h"
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

std::optional<ApiResponse> refuse(const ApiCall& call, const std::optional<Principal>& principal,
                                  const ApiRequest& request) {
  if (!is_safe(request.method) && !is_same_origin(request.headers)) {
    const bool by_token = principal && principal->by == Principal::By::token;
    if (!by_token) return api_error(403, "cross-origin", "a page of another origin asks for this");
  }
  if (call.access == Access::everybody) return std::nullopt;
  if (!principal) return unauthorized();
  if (!is_granted(*principal, call.access)) {
    return api_error(403, "forbidden", "this account may not do that");
  }
  if (principal->by == Principal::By::token && principal->scope < call.scope_needed()) {
    return api_error(403, "forbidden",
                     cat("this token is good for ", name_of(principal->scope),
                         ", and the call needs ", name_of(call.scope_needed())));
  }
  return std::nullopt;
}

bool is_media_type(const Headers& headers, std::string_view wanted) {
  const std::string_view type = headers.value_or("content-type", "");
  return iequals(trim(type.substr(0, type.find(';'))), wanted);
}

// The parts of the path that stand in the place of names; nothing when the path is another one.
std::optional<std::vector<std::pair<std::string, std::string>>> match(std::string_view pattern,
                                                                      std::string_view path) {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (pattern.find('{') == std::string_view::npos) {
    if (pattern != path) return std::nullopt;
    return parameters;
  }
  const auto wanted = split(pattern, '/');
  const auto given = split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].starts_with('{')) {
      if (wanted[i] != given[i]) return std::nullopt;
      continue;
    }
    auto value = percent_decode(given[i]);
    if (!value || value->empty() || !is_utf8(*value)) return std::nullopt;
    parameters.emplace_back(wanted[i].substr(1, wanted[i].size() - 2), *std::move(value));
  }
  return parameters;
}

}  // namespace

Api::Api(ApiParts parts) : parts_(std::move(parts)), throttle_(parts_.clock) {
  sets_.push_back(own_calls(*this));
  sets_.push_back(object_calls(parts_));
  sets_.push_back(account_calls(parts_));
  sets_.push_back(log_calls(parts_));
  for (ApiCallSet& set : parts_.more) sets_.push_back(std::move(set));
}

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
        same_secret(sha256_hex(token), sha256_hex(parts_.admin_token))) {
      return std::optional(Principal{.name = "MYNAH_ADMIN_TOKEN", .role = Role::owner});
    }
    return parts_.accounts.find_token(token);
  }
  const std::string id = cookie_value(request.headers, kSessionCookie);
  if (id.empty()) return std::optional<Principal>();
  return parts_.accounts.find_session(id);
}

Api::Admission Api::admit(const ApiRequest& head) {
  Admission admission;
  const Halves target = cut(head.target, "?");
  const ApiCall* found = nullptr;
  std::vector<std::string> methods;
  for (const ApiCallSet& set : sets_) {
    for (const ApiCall& call : set.calls) {
      auto parameters = match(call.path, target.before);
      if (!parameters) continue;
      methods.push_back(call.method);
      if (table_method(head.method) != call.method || found != nullptr) continue;
      found = &call;
      admission.parameters = *std::move(parameters);
    }
  }
  if (methods.empty()) {
    admission.refusal = api_error(404, "not-found", "there is nothing at this path");
  } else if (found == nullptr) {
    admission.refusal = method_not_allowed(methods);
  } else if (auto principal = identify(head); !principal) {
    admission.refusal = api_error(principal.error());
  } else {
    admission.principal = *std::move(principal);
    if (auto refusal = refuse(*found, admission.principal, head)) {
      admission.refusal = *std::move(refusal);
    } else if (!found->takes.empty() && !is_media_type(head.headers, found->takes_as)) {
      admission.refusal =
          api_error(415, "unsupported-media-type", cat("the body must be ", found->takes_as));
    } else {
      admission.call = found;
    }
  }
  return admission;
}

Task<ApiResponse> Api::answer(Admission admission, const ApiRequest& request) {
  if (admission.call == nullptr) co_return finished(std::move(admission.refusal));
  const std::size_t bytes_max = admission.call->body_bytes_max;
  if (request.body.size() > bytes_max) {
    co_return finished(
        api_error(413, "payload-too-large", cat("a body may have ", bytes_max, " bytes")));
  }
  const Halves target = cut(request.target, "?");
  const ApiCall::Context context{request, std::string(target.before), std::string(target.after),
                                 std::move(admission.parameters), std::move(admission.principal)};
  co_return finished(co_await admission.call->answer(context));
}

Task<ApiResponse> Api::handle(const ApiRequest& request) {
  co_return co_await answer(admit(request), request);
}

std::size_t Api::body_bytes_max() const {
  std::size_t most = 0;
  for (const ApiCallSet& set : sets_) {
    for (const ApiCall& call : set.calls) most = std::max(most, call.body_bytes_max);
  }
  return most;
}

// What the API says is for who asks, now; an answer that may be kept says so itself.
ApiResponse finished(ApiResponse response) {
  if (!response.headers.has("cache-control")) response.headers.add("cache-control", "no-store");
  response.headers.add("x-content-type-options", "nosniff");
  return response;
}

}  // namespace mynah::control
