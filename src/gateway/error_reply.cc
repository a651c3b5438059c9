// SPDX-License-Identifier: Apache-2.0
// The two shapes of errors.
#include "gateway/error_reply.h"

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

bool speaks_openai(std::string_view path) { return path == "/v1" || path.starts_with("/v1/"); }

std::string_view openai_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

}  // namespace

std::string error_body(std::string_view request_path, const ErrorReply& error) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  if (speaks_openai(request_path)) {
    json.key("message").value(error.message);
    json.key("type").value(openai_type(error.status));
    json.key("param").null();
    json.key("code").value(error.code);
  } else {
    json.key("code").value(error.code);
    json.key("message").value(error.message);
    json.key("details").null();
  }
  json.end_object().end_object();
  return std::move(json).take();
}

Headers error_head(const ErrorReply& error, std::size_t body_bytes) {
  Headers head;
  head.add(":status", std::to_string(error.status));
  head.add("content-type", "application/json");
  head.add("content-length", std::to_string(body_bytes));
  return head;
}

}  // namespace mynah
