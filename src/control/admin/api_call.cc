// SPDX-License-Identifier: Apache-2.0
// What handlers are made of: parameters in, answers out.
#include "control/admin/api_call.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::control {

namespace {

// What a kind of failure is to a client of the API.
std::uint16_t status_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::unsupported:
    case Errc::plugin_fault:
      return 422;
    case Errc::not_found:
      return 404;
    case Errc::already_exists:
      return 409;
    case Errc::denied:
      return 403;
    case Errc::too_large:
      return 413;
    case Errc::exhausted:
      return 429;
    default:
      return 500;
  }
}

}  // namespace

std::string_view name_of(Access access) {
  switch (access) {
    case Access::everybody:
      return "everybody";
    case Access::account:
      return "account";
    case Access::manager:
      return "manager";
    case Access::owner:
      return "owner";
  }
  return "";
}

bool is_granted(const Principal& who, Access access) {
  switch (access) {
    case Access::everybody:
    case Access::account:
      return true;
    case Access::manager:
      return who.role == Role::owner || who.manages;
    case Access::owner:
      return who.role == Role::owner;
  }
  return false;
}

std::string ApiCall::Context::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
  }
  return {};
}

std::string ApiCall::Context::query_value(std::string_view name) const {
  for (const std::string_view field : split(query, '&')) {
    const Halves parts = cut(field, "=");
    if (parts.before == name) return percent_decode(parts.after).value_or("");
  }
  return {};
}

Result<Json> ApiCall::Context::json() const {
  auto body = Json::parse(request.body);
  if (!body) return Error{Errc::invalid_argument, cat("the body: ", body.error().what)};
  if (!body->root().is_object()) {
    return Error{Errc::invalid_argument, "the body must be a JSON object"};
  }
  return body;
}

Author ApiCall::Context::author() const {
  return {principal->name, principal->by, request.client_ip};
}

TokenScope ApiCall::scope_needed() const {
  return scope.value_or(method == "GET" ? TokenScope::read : TokenScope::write);
}

ApiResponse api_error(std::uint16_t status, std::string_view code, std::string_view message,
                      std::string_view details) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.member("code", code).member("message", message);
  if (!details.empty()) json.key("details").raw(details);
  json.end_object().end_object();
  return json_response(status, std::move(json).take());
}

ApiResponse api_error(const Error& error) {
  return api_error(status_of(error.code), name_of(error.code), error.what);
}

ApiResponse json_response(std::uint16_t status, std::string json) {
  ApiResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = std::move(json);
  return response;
}

ApiResponse no_content() {
  ApiResponse response;
  response.status = 204;
  return response;
}

Task<ApiResponse> at_once(ApiResponse response) { co_return response; }

}  // namespace mynah::control
