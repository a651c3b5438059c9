// SPDX-License-Identifier: Apache-2.0
// Host functions: calls to services over HTTP, gRPC and Redis.
#include <algorithm>

#include "base/text.h"
#include "wasm/host.h"

namespace mynah::wasm {
namespace {

constexpr std::size_t kMaxServiceName = 1024;
constexpr std::uint32_t kMaxDatabase = 1'000'000;

bool is_service(std::string_view name) { return !name.empty() && name.size() <= kMaxServiceName; }

bool is_request(const Headers& headers) {
  return headers.has(":method") && headers.has(":path") && headers.has(":authority");
}

}  // namespace

Result<CallId> Host::new_call(CallKind kind) {
  if (acting_root().id == 0) return Error{Errc::invalid_argument, "no plug-in is configured yet"};
  if (calls_.size() >= settings_.limits.calls_in_flight) {
    return Error{Errc::exhausted, "too many calls in flight"};
  }
  do {
    ++last_call_;
  } while (last_call_ == 0 || calls_.contains(last_call_));
  calls_.emplace(last_call_, Call{acting_root().id, kind});
  return last_call_;
}

abi::Status Host::started(const Status& status, CallId call, std::uint32_t& out) {
  if (status) {
    out = call;
    return abi::Status::ok;
  }
  forget_call(call);
  return refused(status.error());
}

// The plug-in gets a number; what is wrong is for whoever reads the log.
abi::Status Host::refused(const Error& error) {
  note(abi::LogLevel::warn, cat("the call is refused: ", error.what));
  return status_of(error);
}

abi::Status Host::http_call(std::string_view service, std::string_view headers,
                            std::string_view body, std::string_view trailers, std::uint32_t timeout,
                            std::uint32_t& call) {
  const Limits& limits = settings_.limits;
  if (!is_service(service) || body.size() > limits.call_bytes) return abi::Status::bad_argument;
  HttpCall request;
  request.service = service;
  auto given = decode_pairs(headers);
  auto given_trailers = decode_pairs(trailers);
  if (!given || !given_trailers || !is_request(*given)) return abi::Status::bad_argument;
  request.headers = *std::move(given);
  request.trailers = *std::move(given_trailers);
  request.body = body;
  request.timeout = std::min(std::chrono::milliseconds(timeout), limits.call_timeout_max);
  if (timeout == 0) request.timeout = limits.call_timeout_max;
  request.exchange = exchange();
  const auto id = new_call(CallKind::http);
  if (!id) return refused(id.error());
  return started(outside_.http_call(*id, std::move(request)), *id, call);
}

abi::Status Host::grpc_call(std::string_view service, std::string_view package,
                            std::string_view method, std::string_view metadata,
                            std::string_view message, std::uint32_t timeout, std::uint32_t& call) {
  const Limits& limits = settings_.limits;
  auto given = decode_pairs(metadata);
  if (!is_service(service) || !given || message.size() > limits.call_bytes) {
    return abi::Status::bad_argument;
  }
  const auto id = new_call(CallKind::grpc);
  if (!id) return refused(id.error());
  const auto wait = std::min(std::chrono::milliseconds(timeout), limits.call_timeout_max);
  return started(outside_.grpc_call(*id, {service, package, method, *std::move(given),
                                          std::string(message), wait}),
                 *id, call);
}

abi::Status Host::grpc_stream(std::string_view service, std::string_view package,
                              std::string_view method, std::string_view metadata,
                              std::uint32_t& call) {
  auto given = decode_pairs(metadata);
  if (!is_service(service) || !given) return abi::Status::bad_argument;
  const auto id = new_call(CallKind::grpc_stream);
  if (!id) return refused(id.error());
  return started(outside_.grpc_stream(*id, {service, package, method, *std::move(given), {}, {}}),
                 *id, call);
}

abi::Status Host::grpc_send(std::uint32_t call, std::string_view message,
                            std::uint32_t end_stream) {
  const Call* const known = find_call(call);
  if (known == nullptr) return abi::Status::not_found;
  if (known->kind != CallKind::grpc_stream || message.size() > settings_.limits.call_bytes) {
    return abi::Status::bad_argument;
  }
  const Status sent = outside_.grpc_send(call, message, end_stream != 0 ? End::yes : End::no);
  return sent ? abi::Status::ok : status_of(sent.error());
}

abi::Status Host::grpc_cancel(std::uint32_t call) {
  const Call* const known = find_call(call);
  if (known == nullptr) return abi::Status::not_found;
  if (known->kind != CallKind::grpc && known->kind != CallKind::grpc_stream) {
    return abi::Status::bad_argument;
  }
  outside_.grpc_cancel(call);
  forget_call(call);
  return abi::Status::ok;
}

abi::Status Host::grpc_close(std::uint32_t call) {
  const Call* const known = find_call(call);
  if (known == nullptr) return abi::Status::not_found;
  if (known->kind == CallKind::grpc) return grpc_cancel(call);
  if (known->kind != CallKind::grpc_stream) return abi::Status::bad_argument;
  outside_.grpc_close(call);
  return abi::Status::ok;
}

abi::Status Host::get_status(std::uint32_t& code, Reply& message) {
  if (delivery_ == nullptr || !delivery_->grpc) {
    code = 0;
    message.borrow({});
    return abi::Status::ok;
  }
  code = delivery_->status;
  message.borrow(delivery_->message);
  return abi::Status::ok;
}

// Higress's plug-ins append options to the name of the service:
// "redis.dns?db=1&buffer_flush_timeout=3". Those about batching are for its host; later calls name
// the service without them.
abi::Status Host::redis_init(std::string_view service, std::string_view user,
                             std::string_view password, std::uint32_t timeout) {
  const Halves parts = cut(service, "?");
  if (!is_service(parts.before) || acting_root().id == 0) return abi::Status::bad_argument;
  RedisService target{
      acting_root().id, parts.before, user, password, std::chrono::milliseconds(timeout), 0};
  for (const std::string_view option : split(parts.after, '&', 16)) {
    const Halves pair = cut(option, "=");
    if (pair.before != "db") continue;
    const auto database = parse_number<std::uint32_t>(pair.after);
    if (!database || *database > kMaxDatabase) return abi::Status::bad_argument;
    target.database = *database;
  }
  const Status made = outside_.redis_init(target);
  return made ? abi::Status::ok : refused(made.error());
}

abi::Status Host::redis_call(std::string_view service, std::string_view query,
                             std::uint32_t& call) {
  const std::string_view name = cut(service, "?").before;
  if (!is_service(name) || query.empty() || query.size() > settings_.limits.call_bytes) {
    return abi::Status::bad_argument;
  }
  const auto id = new_call(CallKind::redis);
  if (!id) return refused(id.error());
  return started(outside_.redis_call(*id, acting_root().id, name, query, exchange()), *id, call);
}

}  // namespace mynah::wasm
