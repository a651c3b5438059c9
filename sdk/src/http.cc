// SPDX-License-Identifier: Apache-2.0
// HTTP calls over proxy_http_call: dispatched in await_ready, resumed by the callback of the same
// token.
#include "mynah/http.h"

#include <utility>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/text.h"
#include "callbacks.h"
#include "pairs.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {
namespace inner {

bool HttpWait::await_ready() {
  PairsWriter headers;
  headers.add(":method", request_.method);
  headers.add(":path", request_.path);
  headers.add(":authority", request_.host.empty() ? service_ : request_.host);
  for (const Header& field : request_.headers) headers.add(field.name, field.value);
  const std::string pairs = headers.finish();
  std::uint32_t token = 0;
  refused_ = proxy_http_call(service_.data(), service_.size(), pairs.data(), pairs.size(),
                             request_.body.data(), request_.body.size(), nullptr, 0,
                             static_cast<std::uint32_t>(request_.timeout.count()), &token);
  if (refused_ != abi::Status::ok) return true;
  dispatched(token);
  calls_of<HttpWait>().put(token, this);
  return false;
}

HttpWait::~HttpWait() {
  if (underway_) calls_of<HttpWait>().take(token_);
}

void HttpWait::answered(std::uint32_t, std::uint32_t bytes) {
  reply_.headers = read_map(abi::MapType::http_call_response_headers);
  char* data = nullptr;
  std::size_t size = 0;
  constexpr auto kBuffer = abi::BufferType::http_call_response_body;
  if (bytes > 0 && proxy_get_buffer_bytes(kBuffer, 0, bytes, &data, &size) == abi::Status::ok)
    reply_.body = Bytes::adopt(data, size);
}

Result<HttpReply> HttpWait::await_resume() {
  if (refused_ == abi::Status::bad_argument || refused_ == abi::Status::not_found) {
    return Error{Errc::not_found, cat("the host knows no service \"", service_, "\"")};
  }
  if (refused_ != abi::Status::ok) {
    return Error{Errc::unavailable, cat("the host refuses to call \"", service_, "\": status ",
                                        std::to_underlying(refused_))};
  }
  reply_.status = parse_number<int>(reply_.headers.value_or(":status", "")).value_or(0);
  if (reply_.status == 0)
    return Error{Errc::unavailable, cat("\"", service_, "\" does not answer")};
  return std::move(reply_);
}

}  // namespace inner

inner::HttpWait http::post(std::string_view service, std::string_view path, std::string_view json) {
  static const Header json_type[] = {{"content-type", "application/json"}};
  return {service, {.method = "POST", .path = path, .headers = json_type, .body = json}};
}

void HttpService::describe(Schema<HttpService>& schema) {
  schema.field("serviceName", &HttpService::name, "the service, as the gateway names it")
      .required();
  schema.field("servicePort", &HttpService::port, "its port");
  schema.field("serviceHost", &HttpService::host, "the host name that requests carry");
  schema.field("timeout", &HttpService::timeout, "how long to wait for an answer, in milliseconds")
      .range(1, 300'000);
}

std::string HttpService::cluster() const { return cluster_of(name, port); }

std::string cluster_of(std::string_view name, std::uint16_t port) {
  if (name.find('|') != std::string_view::npos || name.find('.') == std::string_view::npos)
    return std::string(name);
  return cat("outbound|", port, "||", name);
}

}  // namespace plugin
}  // namespace mynah

void proxy_on_http_call_response(std::uint32_t, std::uint32_t token, std::uint32_t fields,
                                 std::uint32_t bytes, std::uint32_t) {
  using mynah::inner::HttpWait;
  mynah::inner::HostCall* call = mynah::inner::calls_of<HttpWait>().take(token);
  if (call != nullptr) mynah::inner::Runtime::here().answer(*call, fields, bytes);
}
