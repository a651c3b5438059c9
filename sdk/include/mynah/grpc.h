// SPDX-License-Identifier: Apache-2.0
// gRPC calls to services of the gateway: one message there, one message back.
//
//   auto reply = co_await grpc::call("directory", "users.Directory", "Find", question);
//   if (!reply) co_return;                         // reply.error() has the service's reason
//   use(reply->text());
//
// Messages are bytes; how they are written is agreed with the service. The service speaks HTTP/2.
// Any status but OK is an error, whose text tells the status and what the service said of it. A
// host that makes no gRPC calls answers with an error at once.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "abi/abi.h"
#include "base/result.h"
#include "mynah/bytes.h"
#include "mynah/exchange.h"
#include "mynah/wait.h"

namespace mynah {
inline namespace plugin {

struct GrpcOptions {
  std::span<const Header> metadata = {};
  std::chrono::milliseconds timeout{5000};
};

namespace inner {

// Leaving the scope before the answer gives the call up.
class [[nodiscard]] GrpcWait final : public HostCall {
 public:
  GrpcWait(std::string_view service, std::string_view package, std::string_view method,
           std::string_view message, const GrpcOptions& options)
      : service_(service),
        package_(package),
        method_(method),
        message_(message),
        options_(options) {}
  ~GrpcWait();
  // Dispatches; a call that cannot be is answered with its error at once.
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  Result<Bytes> await_resume();

 private:
  void answered(std::uint32_t status, std::uint32_t bytes) override;

  std::string_view service_;  // tidy: allow string_view: ends with its await
  std::string_view package_;  // tidy: allow string_view: ends with its await
  std::string_view method_;   // tidy: allow string_view: ends with its await
  std::string_view message_;  // tidy: allow string_view: ends with its await
  GrpcOptions options_;
  abi::Status refused_ = abi::Status::ok;
  std::uint32_t status_ = 0;  // gRPC's
  Bytes received_;            // the message, or why there is none
};

}  // namespace inner

namespace grpc {

// `package` is the gRPC service with its package, "users.Directory".
inline inner::GrpcWait call(std::string_view service, std::string_view package,
                            std::string_view method, std::string_view message,
                            const GrpcOptions& options = {}) {
  return {service, package, method, message, options};
}

}  // namespace grpc

}  // namespace plugin
}  // namespace mynah
