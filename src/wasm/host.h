// SPDX-License-Identifier: Apache-2.0
// Host: the host functions of one machine, as methods over decoded arguments, and the contexts that
// they act on. It knows neither WebAssembly nor how a plug-in is called: an Instance turns the
// plug-in's calls into calls of these methods.
//
// The methods stand in files by topic: host_log.cc, host_headers.cc, host_buffers.cc,
// host_properties.cc, host_streams.cc, host_calls.cc, host_shared.cc, host_metrics.cc,
// host_foreign.cc.
//
// What a method may not do while the plug-in is on the stack (answer the exchange, let it go on)
// becomes an Action, which the machine takes and runs after the plug-in has returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "abi/abi.h"
#include "wasm/machine.h"
#include "wasm/outside.h"
#include "wasm/reply.h"
#include "wasm/shared_queues.h"

namespace mynah::wasm {

// A context of the ABI: a root (a configured plug-in) or a stream (an exchange in it). Contexts are
// reused, their numbers are not, for a long while.
struct Context final : SharedQueues::Listener {
  std::uint32_t id = 0;
  Outside* outside = nullptr;
  Context* root = nullptr;       // itself for a root
  Exchange* exchange = nullptr;  // null for a root, and for a stream that outlives its exchange

  // A root's.
  std::string name;
  std::string configuration;
  bool ticks = false;

  // A stream's.
  bool created = false;   // the plug-in knows it
  bool finished = false;  // proxy_on_done and proxy_on_log have been called
  bool pending = false;   // … and proxy_done has still to come
  bool answered = false;  // a local response or a reset was asked for in the phase that runs
  bool resumed = false;   // the phase that runs was told to go on
  bool stopped[2] = {false, false};  // what the last phase of each direction answered
  std::optional<Direction> phase;    // which one runs
  std::size_t injected = 0;          // bytes, in the callback that runs
  Instant drop_at{};                 // when pending ends by itself

  void queue_ready(SharedQueues::Id queue) override { outside->queue_ready(id, queue); }
};

// What a callback can look at beside the exchange: the answer that it is called with.
struct Delivery {
  const Headers* headers = nullptr;
  const Headers* trailers = nullptr;
  SliceChain* body = nullptr;
  abi::BufferType body_type = abi::BufferType::http_call_response_body;
  bool grpc = false;
  std::uint32_t status = 0;
  // tidy: allow string_view: lives no longer than the call
  std::string_view message;
};

class Host final {
 public:
  Host(const MachineSettings& settings, Outside& outside, Shared shared);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // ---- Host functions

  abi::Status log(abi::LogLevel level, std::string_view message);
  abi::Status get_log_level(abi::LogLevel& level);
  abi::Status get_current_time(std::uint64_t& unix_time);

  abi::Status get_header_map_size(abi::MapType map, std::uint32_t& bytes);
  abi::Status get_header_map_pairs(abi::MapType map, Reply& pairs);
  abi::Status set_header_map_pairs(abi::MapType map, std::string_view pairs);
  abi::Status get_header_map_value(abi::MapType map, std::string_view name, Reply& value);
  abi::Status add_header_map_value(abi::MapType map, std::string_view name, std::string_view value);
  abi::Status replace_header_map_value(abi::MapType map, std::string_view name,
                                       std::string_view value);
  abi::Status remove_header_map_value(abi::MapType map, std::string_view name);

  abi::Status get_buffer_status(abi::BufferType type, std::uint32_t& bytes, std::uint32_t& flags);
  abi::Status get_buffer_bytes(abi::BufferType type, std::uint32_t start, std::uint32_t count,
                               Reply& bytes);
  abi::Status set_buffer_bytes(abi::BufferType type, std::uint32_t start, std::uint32_t count,
                               std::string_view bytes);
  abi::Status get_configuration(Reply& bytes);

  abi::Status get_property(std::string_view path, Reply& value);
  abi::Status set_property(std::string_view path, std::string_view value);

  abi::Status send_local_response(std::uint32_t status, std::string_view details,
                                  std::string_view body, std::string_view headers,
                                  std::int32_t grpc_status);
  abi::Status continue_stream(abi::StreamType stream);
  abi::Status continue_request() { return continue_stream(abi::StreamType::http_request); }
  abi::Status continue_response() { return continue_stream(abi::StreamType::http_response); }
  abi::Status close_stream(abi::StreamType stream);
  abi::Status clear_route_cache();
  abi::Status set_effective_context(std::uint32_t context);
  abi::Status done();
  abi::Status inject_response(std::string_view bytes, std::uint32_t end_stream);
  abi::Status get_upstream_hosts(Reply& pairs);
  abi::Status set_upstream_host(std::string_view address);
  abi::Status set_tick_period(std::uint32_t milliseconds);

  abi::Status http_call(std::string_view service, std::string_view headers, std::string_view body,
                        std::string_view trailers, std::uint32_t timeout, std::uint32_t& call);
  abi::Status grpc_call(std::string_view service, std::string_view package, std::string_view method,
                        std::string_view metadata, std::string_view message, std::uint32_t timeout,
                        std::uint32_t& call);
  abi::Status grpc_stream(std::string_view service, std::string_view package,
                          std::string_view method, std::string_view metadata, std::uint32_t& call);
  abi::Status grpc_send(std::uint32_t call, std::string_view message, std::uint32_t end_stream);
  abi::Status grpc_cancel(std::uint32_t call);
  abi::Status grpc_close(std::uint32_t call);
  abi::Status get_status(std::uint32_t& code, Reply& message);
  abi::Status redis_init(std::string_view service, std::string_view user, std::string_view password,
                         std::uint32_t timeout);
  abi::Status redis_call(std::string_view service, std::string_view query, std::uint32_t& call);

  abi::Status get_shared_data(std::string_view key, Reply& value, std::uint32_t& cas);
  abi::Status set_shared_data(std::string_view key, std::string_view value, std::uint32_t cas);
  abi::Status register_shared_queue(std::string_view name, std::uint32_t& queue);
  abi::Status resolve_shared_queue(std::string_view vm_id, std::string_view name,
                                   std::uint32_t& queue);
  abi::Status enqueue_shared_queue(std::uint32_t queue, std::string_view item);
  abi::Status dequeue_shared_queue(std::uint32_t queue, Reply& item);

  abi::Status define_metric(abi::MetricType type, std::string_view name, std::uint32_t& metric);
  abi::Status increment_metric(std::uint32_t metric, std::int64_t offset);
  abi::Status record_metric(std::uint32_t metric, std::uint64_t value);
  abi::Status get_metric(std::uint32_t metric, std::uint64_t& value);

  abi::Status call_foreign_function(std::string_view name, std::string_view arguments,
                                    Reply& results);

  // ---- For the machine and its instance

  using Action = std::move_only_function<void()>;

  // Null when there are too many.
  Context* new_root(std::string name, std::string configuration);
  Context* new_stream(Context& root, Exchange& exchange);
  void free_context(Context& context);
  [[nodiscard]] Context* find_context(std::uint32_t id) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Context>>& contexts() const { return contexts_; }
  // The exchange of a stream that is still going on.
  [[nodiscard]] Exchange* live_exchange(std::uint32_t context) const;
  [[nodiscard]] std::size_t streams() const { return streams_; }
  [[nodiscard]] std::size_t pending() const { return pending_; }
  // Counts a stream that outlives its exchange; called again with false when it ends.
  void set_pending(Context& context, bool pending);

  enum class CallKind : std::uint8_t { http, grpc, grpc_stream, redis };
  struct Call {
    std::uint32_t root = 0;
    CallKind kind = CallKind::http;
  };
  [[nodiscard]] std::size_t calls_in_flight() const { return calls_.size(); }
  [[nodiscard]] const Call* find_call(CallId call) const;
  // The call is over: its number means nothing any more.
  void forget_call(CallId call) { calls_.erase(call); }

  // What the plug-in that runs acts for; no context when it does not run.
  void begin(Context& context, const Delivery* delivery);
  void end();
  [[nodiscard]] bool running() const { return current_ != nullptr; }
  // While the plug-in's allocator runs, which is in the midst of a host function, no other is
  // taken.
  [[nodiscard]] bool accepts_calls() const { return current_ != nullptr && !allocating_; }
  // What start functions act for, which run before there is any root: nothing.
  [[nodiscard]] Context& start_context() { return start_context_; }
  void set_allocating(bool allocating) { allocating_ = allocating; }

  void later(Action action) { actions_.push_back(std::move(action)); }
  [[nodiscard]] bool has_actions() const { return !actions_.empty(); }
  Action take_action();

  [[nodiscard]] bool wants_rebuild() const { return wants_rebuild_; }
  // What proxy_done asks of the machine, which knows how to end a stream.
  void on_done(std::move_only_function<void(std::uint32_t)> call) { done_ = std::move(call); }
  void set_memory_size(std::move_only_function<std::size_t()> size) { memory_ = std::move(size); }
  // A line of the host's own, within the plug-in's limit of lines.
  void note(abi::LogLevel level, std::string_view message);

  [[nodiscard]] Outside& outside() const { return outside_; }
  [[nodiscard]] const MachineSettings& settings() const { return settings_; }

 private:
  // Whom a host function acts for: the one that was set as effective, or the one that was called.
  Context& acting() { return *(effective_ != nullptr ? effective_ : current_); }
  Context& acting_root() { return *acting().root; }
  Exchange* exchange() { return acting().exchange; }

  [[nodiscard]] const Headers* readable(abi::MapType map);
  Headers* writable(abi::MapType map);
  // The bytes that a buffer number names: of a chain, or plain.
  SliceChain* chain_of(abi::BufferType type);
  std::optional<std::string_view> plain_of(abi::BufferType type);
  std::optional<Property> own_property(PropertyPath path);

  bool may_log();
  Context* new_context();
  Result<CallId> new_call(CallKind kind);
  abi::Status started(const Status& status, CallId call, std::uint32_t& out);
  abi::Status refused(const Error& error);
  std::optional<Headers> decode_pairs(std::string_view pairs);
  abi::Status resume(Context& context, Direction direction);

  const MachineSettings& settings_;
  Outside& outside_;
  Shared shared_;

  std::vector<std::unique_ptr<Context>> contexts_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t roots_ = 0;
  std::size_t streams_ = 0;
  std::size_t pending_ = 0;

  Context start_context_;
  Context* current_ = nullptr;
  Context* effective_ = nullptr;
  const Delivery* delivery_ = nullptr;
  bool allocating_ = false;
  bool wants_rebuild_ = false;
  std::deque<Action> actions_;
  std::move_only_function<void(std::uint32_t)> done_;
  std::move_only_function<std::size_t()> memory_;

  std::unordered_map<CallId, Call> calls_;
  CallId last_call_ = 0;

  struct Metric {
    abi::MetricType type;
    MetricId id;
  };
  std::vector<Metric> metrics_;  // the plug-in's number of a metric is its place here plus one

  Instant log_window_{};
  std::size_t log_lines_ = 0;
  std::size_t log_lines_dropped_ = 0;
};

// What a plug-in is told when the outside refuses.
abi::Status status_of(const Error& error);

}  // namespace mynah::wasm
