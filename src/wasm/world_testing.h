// SPDX-License-Identifier: Apache-2.0
// A small world for tests of the host: an exchange and an outside that write down what they are
// asked to do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/native.h"
#include "wasm/machine.h"
#include "wasm/module.h"
#include "wasm/outside.h"

namespace mynah::wasm {

// The events of a test in the order in which they happened.
class Journal {
 public:
  void add(std::string event) { events_.push_back(std::move(event)); }
  // The events since the last call, one a line.
  std::string take();
  [[nodiscard]] bool contains(std::string_view event) const;

 private:
  std::vector<std::string> events_;
};

class TestExchange final : public Exchange {
 public:
  explicit TestExchange(Journal& to) : journal(to) {}

  Headers* headers(abi::MapType map) override;
  void headers_changed(abi::MapType map) override;
  SliceChain* body(Direction direction) override;
  std::optional<Property> property(PropertyPath path) override;
  Status set_property(PropertyPath path, std::string_view value) override;
  void clear_route() override;
  Headers upstream_hosts() override;
  Status set_upstream_host(std::string_view address) override;
  void respond(LocalResponse response) override;
  void resume(Direction direction) override;
  void reset(Direction direction) override;
  void inject_response(std::string bytes, End end) override;
  void plugin_failed(const Error& error) override;

  Journal& journal;
  std::map<abi::MapType, Headers> maps;
  std::map<Direction, SliceChain> bodies;
  std::map<std::string, Property> properties;
  // What respond() does beside writing it down.
  std::move_only_function<void()> on_respond;
};

class TestOutside final : public Outside {
 public:
  explicit TestOutside(Journal& to) : journal(to) {}

  void log(abi::LogLevel level, std::string_view message, Exchange* exchange) override;
  abi::LogLevel log_level() override { return level; }
  const Clock& clock() override { return time; }
  // tidy: allow rand: the random source that is handed in
  void random(std::span<char> bytes) override;
  Result<MetricId> define_metric(abi::MetricType type, std::string_view name) override;
  void increment_metric(MetricId metric, std::int64_t offset) override;
  void record_metric(MetricId metric, std::uint64_t value) override;
  std::uint64_t metric(MetricId metric) override;
  Status http_call(CallId call, HttpCall request) override;
  Status grpc_call(CallId call, GrpcCall request) override;
  Status grpc_stream(CallId call, GrpcCall request) override;
  Status grpc_send(CallId call, std::string_view message, End end) override;
  void grpc_close(CallId call) override;
  void grpc_cancel(CallId call) override;
  Status redis_init(RedisService service) override;
  Status redis_call(CallId call, RootId root, std::string_view service, std::string_view query,
                    Exchange* exchange) override;
  void set_tick_period(RootId root, std::chrono::milliseconds period) override;
  void queue_ready(RootId root, std::uint32_t queue) override;
  Result<std::string> foreign(std::string_view name, std::string_view arguments,
                              Exchange* exchange) override;
  std::optional<Property> property(PropertyPath path) override;

  Journal& journal;
  SimulatedClock time;
  abi::LogLevel level = abi::LogLevel::info;
  std::vector<std::string> metric_names;
  std::vector<std::uint64_t> metric_values;
  CallId last_call = 0;
  // Answers a Redis call from within itself.
  Machine* answer_redis_at_once = nullptr;
};

// The engine of a test process, with a thread that ticks it.
Engine& test_engine();

// A module of testdata/, compiled once a process.
std::shared_ptr<const Module> test_module(std::string_view name);
std::string read_test_file(const std::string& path);

// WebAssembly's text format as a module's bytes.
std::string assemble(std::string_view text);
// The same, compiled. The text need not hold what every plug-in has: a version, a memory, an
// allocator.
std::shared_ptr<const Module> assemble_plugin(std::string_view text);

}  // namespace mynah::wasm

const mynah::abi::NativePlugin& native_probe();
