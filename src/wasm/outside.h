// SPDX-License-Identifier: Apache-2.0
// What the Wasm host needs of the world around it, as two interfaces that somebody else implements:
// the Exchange that a plug-in looks at, and the Outside of a machine (log, clock, metrics, calls to
// services). The host calls them with decoded, checked and bounded arguments, on the machine's
// worker.
//
// A function may be called while code of the plug-in is on the stack. It must then not call into
// the machine, except that a call to a service may be answered at once (Machine::on_http_reply and
// its kin): the machine keeps such an answer until the plug-in has returned. The functions of
// Exchange that say so are called when no code of the plug-in is on the stack; they may do as they
// like, including to end the exchange and to destroy its Stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abi/abi.h"
#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/time.h"

namespace mynah::wasm {

enum class Direction : std::uint8_t { request, response };
enum class End : std::uint8_t { no, yes };

// A property's names: {"request", "headers", "user-agent"}. Never empty.
using PropertyPath = std::span<const std::string_view>;

// A property's value; the host encodes it as plug-ins expect: text as it is, numbers as eight bytes
// little-endian, truth as one byte, a map as pairs.
using Property = std::variant<std::string, std::int64_t, double, bool, Headers>;

// An answer that a plug-in gives in place of the service's.
struct LocalResponse {
  std::uint32_t status = 500;
  std::string details;  // for the access log
  std::string body;
  Headers headers;
  std::int32_t grpc_status = abi::kGrpcStatusUnset;
};

// One exchange, as one plug-in sees it at this moment.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // One of the four maps of an exchange; null when it has not come yet, will not come, or is gone.
  virtual Headers* headers(abi::MapType map) = 0;
  // The plug-in has changed that map.
  virtual void headers_changed(abi::MapType map) = 0;
  // The piece of the body that the plug-in is called with, or all that was gathered for it, which
  // may be changed; null when there is none.
  virtual SliceChain* body(Direction direction) = 0;

  virtual std::optional<Property> property(PropertyPath path) = 0;
  // `path` as the plug-in gives it, mostly one name.
  virtual Status set_property(PropertyPath path, std::string_view value) = 0;
  // The route is chosen anew before the request goes on.
  virtual void clear_route() = 0;
  // The hosts of the chosen service: address, and its state as a JSON object.
  virtual Headers upstream_hosts() = 0;
  virtual Status set_upstream_host(std::string_view address) = 0;

  // The following are called when no code of the plug-in is on the stack. If they come out of a
  // phase of this very exchange, the phase's answer, which is then to stop, follows.

  virtual void respond(LocalResponse response) = 0;
  // Goes on where the plug-in stopped that direction.
  virtual void resume(Direction direction) = 0;
  // Ends the exchange without an answer.
  virtual void reset(Direction direction) = 0;
  // Sends bytes to the client behind what it has got.
  virtual void inject_response(std::string bytes, End end) = 0;
  // The plug-in's machine has failed while somebody else was using it: no phase will be answered
  // any more.
  virtual void plugin_failed(const Error& error) = 0;
};

// The number under which a call's answer comes back.
using CallId = std::uint32_t;

struct HttpCall {
  // tidy: allow string_view: lives no longer than the call
  std::string_view service;
  Headers headers;  // with :method, :path and :authority
  std::string body;
  Headers trailers;
  std::chrono::milliseconds timeout{0};
  Exchange* exchange = nullptr;  // on whose behalf, if any; valid during the call only
};

// An answer without headers says that there was none.
struct HttpReply {
  Headers headers;
  SliceChain body;
  Headers trailers;
};

struct GrpcCall {
  // tidy: allow string_view: lives no longer than the call
  std::string_view service;
  // tidy: allow string_view: lives no longer than the call
  std::string_view package;  // "helloworld.Greeter"
  // tidy: allow string_view: lives no longer than the call
  std::string_view method;  // "SayHello"
  Headers metadata;
  std::string message;                   // of a call; a stream sends its messages later
  std::chrono::milliseconds timeout{0};  // 0: none
};

// Where a root context is known to the outside.
using RootId = std::uint32_t;
using MetricId = std::uint32_t;

struct RedisService {
  RootId root = 0;  // the configured plug-in that asks
  // tidy: allow string_view: lives no longer than the call
  std::string_view service;  // without the options that plug-ins append to it
  // tidy: allow string_view: lives no longer than the call
  std::string_view user;
  // tidy: allow string_view: lives no longer than the call
  std::string_view password;
  std::chrono::milliseconds timeout{0};
  std::uint32_t database = 0;
};

class Outside {
 public:
  virtual ~Outside() = default;

  // `exchange` is null when the plug-in does not act for one.
  virtual void log(abi::LogLevel level, std::string_view message, Exchange* exchange) = 0;
  // Lines below this level are not even formed.
  virtual abi::LogLevel log_level() = 0;
  virtual const Clock& clock() = 0;
  // tidy: allow rand: the random source that is handed in
  virtual void random(std::span<char> bytes) = 0;

  // Defining the same metric again yields the same number.
  virtual Result<MetricId> define_metric(abi::MetricType type, std::string_view name) = 0;
  virtual void increment_metric(MetricId metric, std::int64_t offset) = 0;
  virtual void record_metric(MetricId metric, std::uint64_t value) = 0;
  virtual std::uint64_t metric(MetricId metric) = 0;

  // Errc::invalid_argument or not_found: the plug-in asked for what is not there, and is told so.
  virtual Status http_call(CallId call, HttpCall request) = 0;
  virtual Status grpc_call(CallId call, GrpcCall request) = 0;
  virtual Status grpc_stream(CallId call, GrpcCall request) = 0;
  virtual Status grpc_send(CallId call, std::string_view message, End end) = 0;
  // Half-closes a stream (`close`) or gives a call up; no answer comes after the latter.
  virtual void grpc_close(CallId call) = 0;
  virtual void grpc_cancel(CallId call) = 0;
  virtual Status redis_init(RedisService service) = 0;
  // `root` has initialised the service.
  virtual Status redis_call(CallId call, RootId root, std::string_view service,
                            std::string_view query, Exchange* exchange) = 0;

  // Machine::on_tick is to be called that often from now on; zero: no more.
  virtual void set_tick_period(RootId root, std::chrono::milliseconds period) = 0;
  // Something came into a queue that `root` listens to: Machine::on_queue_ready is to be called.
  // Called on any thread.
  virtual void queue_ready(RootId root, std::uint32_t queue) = 0;

  // A foreign function that the host itself does not know; Errc::not_found when nobody does.
  virtual Result<std::string> foreign(std::string_view name, std::string_view arguments,
                                      Exchange* exchange) = 0;
  // A property asked for when there is no exchange.
  virtual std::optional<Property> property(PropertyPath path) = 0;
};

}  // namespace mynah::wasm
