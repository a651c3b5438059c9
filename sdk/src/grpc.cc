// SPDX-License-Identifier: Apache-2.0
// gRPC calls over proxy_grpc_call. The host answers with one of two callbacks: the message, or the
// status of a call that has none.
#include "mynah/grpc.h"

#include <utility>

#include "abi/imports.h"
#include "base/text.h"
#include "callbacks.h"
#include "mynah/log.h"
#include "pairs.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

// Beside gRPC's own: the call has ended well, and without a message.
constexpr std::uint32_t kNothing = 0xFFFF;

// What gRPC's statuses are here, in their order.
constexpr Errc kCodes[] = {
    Errc::internal,          // ok
    Errc::cancelled,         // cancelled
    Errc::internal,          // unknown
    Errc::invalid_argument,  // invalid argument
    Errc::timeout,           // deadline exceeded
    Errc::not_found,         // not found
    Errc::already_exists,    // already exists
    Errc::denied,            // permission denied
    Errc::exhausted,         // resource exhausted
    Errc::invalid_argument,  // failed precondition
    Errc::already_exists,    // aborted
    Errc::invalid_argument,  // out of range
    Errc::unsupported,       // unimplemented
    Errc::internal,          // internal
    Errc::unavailable,       // unavailable
    Errc::internal,          // data loss
    Errc::denied,            // unauthenticated
};

}  // namespace

bool GrpcWait::await_ready() {
  PairsWriter metadata;
  for (const Header& field : options_.metadata) metadata.add(field.name, field.value);
  const std::string pairs = metadata.finish();
  std::uint32_t token = 0;
  refused_ = proxy_grpc_call(service_.data(), service_.size(), package_.data(), package_.size(),
                             method_.data(), method_.size(), pairs.data(), pairs.size(),
                             message_.data(), message_.size(),
                             static_cast<std::uint32_t>(options_.timeout.count()), &token);
  if (refused_ != abi::Status::ok) return true;
  dispatched(token);
  calls_of<GrpcWait>().put(token, this);
  return false;
}

GrpcWait::~GrpcWait() {
  if (!underway_) return;
  calls_of<GrpcWait>().take(token_);
  proxy_grpc_cancel(token_);
}

void GrpcWait::answered(std::uint32_t status, std::uint32_t bytes) {
  status_ = status;
  char* data = nullptr;
  std::size_t size = 0;
  if (status == abi::kGrpcOk) {
    if (bytes > 0 && proxy_get_buffer_bytes(abi::BufferType::grpc_message, 0, bytes, &data,
                                            &size) != abi::Status::ok)
      status_ = kNothing;
  } else {
    std::uint32_t code = 0;
    if (proxy_get_status(&code, &data, &size) != abi::Status::ok) size = 0;
  }
  received_ = Bytes::adopt(data, size);
}

Result<Bytes> GrpcWait::await_resume() {
  if (refused_ == abi::Status::unimplemented) {
    static bool said = false;
    if (!std::exchange(said, true))
      log_warn("this host makes no gRPC calls: every one of them is an error");
    return Error{Errc::unsupported, "this host makes no gRPC calls"};
  }
  if (refused_ != abi::Status::ok) {
    return Error{Errc::unavailable, cat("the host refuses the gRPC call to \"", service_,
                                        "\": status ", std::to_underlying(refused_))};
  }
  if (status_ == abi::kGrpcOk) return std::move(received_);
  if (status_ == kNothing)
    return Error{Errc::protocol, cat("\"", service_, "\" answers without a message")};
  const Errc code = status_ < std::size(kCodes) ? kCodes[status_] : Errc::internal;
  return Error{code, cat("\"", service_, "\" answers with gRPC status ", status_,
                         received_.empty() ? "" : ": ", received_.text())};
}

namespace {

void tell(std::uint32_t token, std::uint32_t status, std::uint32_t bytes) {
  HostCall* call = calls_of<GrpcWait>().take(token);
  if (call != nullptr) Runtime::here().answer(*call, status, bytes);
}

}  // namespace

}  // namespace inner
}  // namespace plugin
}  // namespace mynah

void proxy_on_grpc_receive(std::uint32_t, std::uint32_t token, std::uint32_t bytes) {
  mynah::inner::tell(token, mynah::abi::kGrpcOk, bytes);
}

void proxy_on_grpc_close(std::uint32_t, std::uint32_t token, std::uint32_t status) {
  mynah::inner::tell(token, status == mynah::abi::kGrpcOk ? mynah::inner::kNothing : status, 0);
}
