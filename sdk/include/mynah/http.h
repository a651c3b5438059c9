// SPDX-License-Identifier: Apache-2.0
// HTTP calls to services of the gateway.
//
//   auto reply = co_await http::post("embedder", "/v1/embeddings", body);
//   if (!reply) co_return;                       // no such service, no connection, no answer in
//   time use(reply->status, reply->body.text());      // any status is an answer
//
// A service is named as the gateway's configuration names it, or as "outbound|PORT||NAME".
#pragma once

#include <chrono>
#include <coroutine>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/abi.h"
#include "base/headers.h"
#include "base/result.h"
#include "mynah/bytes.h"
#include "mynah/config.h"
#include "mynah/exchange.h"
#include "mynah/wait.h"

namespace mynah {
inline namespace plugin {

struct HttpReply {
  int status = 0;
  Headers headers;
  Bytes body;
};

struct HttpRequest {
  std::string_view method = "GET";  // tidy: allow string_view: ends with its await
  // tidy: allow string_view: ends with its await
  std::string_view path = "/";  // with the query
  // tidy: allow string_view: ends with its await
  std::string_view host = {};  // empty: the service's name
  std::span<const Header> headers = {};
  std::string_view body = {};  // tidy: allow string_view: ends with its await
  std::chrono::milliseconds timeout{5000};
};

namespace inner {

class [[nodiscard]] HttpWait final : public HostCall {
 public:
  HttpWait(std::string_view service, const HttpRequest& request)
      : service_(service), request_(request) {}
  ~HttpWait();
  // Dispatches; a call that cannot be is answered with its error at once.
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  Result<HttpReply> await_resume();

 private:
  void answered(std::uint32_t fields, std::uint32_t bytes) override;

  std::string_view service_;  // tidy: allow string_view: ends with its await
  HttpRequest request_;
  abi::Status refused_ = abi::Status::ok;
  HttpReply reply_;
};

}  // namespace inner

namespace http {

inline inner::HttpWait call(std::string_view service, const HttpRequest& request) {
  return {service, request};
}
inline inner::HttpWait get(std::string_view service, std::string_view path) {
  return {service, {.path = path}};
}
// The body is JSON; for another type use call().
inner::HttpWait post(std::string_view service, std::string_view path, std::string_view json);

}  // namespace http

// A service as part of a configuration, with the field names that Higress's plug-ins use.
struct HttpService {
  std::string name;
  std::uint16_t port = 443;
  std::string host;
  std::chrono::milliseconds timeout{5000};

  static void describe(Schema<HttpService>& schema);

  // The name to call it by.
  [[nodiscard]] std::string cluster() const;
};

// How services of plain and of registry names are called: a name with a dot is
// "outbound|PORT||NAME".
[[nodiscard]] std::string cluster_of(std::string_view name, std::uint16_t port);

}  // namespace plugin
}  // namespace mynah
