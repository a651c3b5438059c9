// SPDX-License-Identifier: Apache-2.0
// The world around a machine on the plug-in's stage: services that answer what the story gives,
// stores in memory.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "story/scripted.h"
#include "story/simulation.h"
#include "story/stage.h"
#include "wasm/machine.h"

namespace mynah::story {

class PluginOutside final : public wasm::Outside {
 public:
  explicit PluginOutside(Simulation& simulation) : simulation_(simulation) {}

  // The machine that answers go to; null when it is gone.
  void serve(wasm::Machine* machine) { machine_ = machine; }
  void apply(const GivenCall& given) { calls_.push_back(given); }
  void apply(const GivenRedis& given) { store(given.service).apply(given); }
  std::optional<std::string> stored(std::string_view service, std::string_view key);

  std::vector<std::string> lines;
  std::vector<Received> received;
  std::map<std::string, std::int64_t> metrics;
  std::map<std::string, std::string> properties;
  std::string described;  // the identity that a module has told

  void log(abi::LogLevel level, std::string_view message, wasm::Exchange* exchange) override;
  abi::LogLevel log_level() override { return abi::LogLevel::debug; }
  const Clock& clock() override { return simulation_.clock(); }
  void random(std::span<char> bytes) override;  // tidy: allow rand: an interface's name
  Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) override;
  void increment_metric(wasm::MetricId metric, std::int64_t offset) override;
  void record_metric(wasm::MetricId metric, std::uint64_t value) override;
  std::uint64_t metric(wasm::MetricId metric) override;
  Status http_call(wasm::CallId call, wasm::HttpCall request) override;
  Status grpc_call(wasm::CallId call, wasm::GrpcCall request) override;
  Status grpc_stream(wasm::CallId, wasm::GrpcCall) override { return no_grpc(); }
  Status grpc_send(wasm::CallId, std::string_view, wasm::End) override { return no_grpc(); }
  void grpc_close(wasm::CallId) override {}
  void grpc_cancel(wasm::CallId) override {}
  Status redis_init(wasm::RedisService service) override;
  Status redis_call(wasm::CallId call, wasm::RootId root, std::string_view service,
                    std::string_view query, wasm::Exchange* exchange) override;
  void set_tick_period(wasm::RootId root, std::chrono::milliseconds period) override;
  void queue_ready(wasm::RootId, std::uint32_t) override {}
  Result<std::string> foreign(std::string_view name, std::string_view arguments,
                              wasm::Exchange* exchange) override;
  std::optional<wasm::Property> property(wasm::PropertyPath path) override;

 private:
  static Error no_grpc() { return {Errc::unsupported, "stories know no gRPC streams"}; }
  ScriptedStore& store(std::string_view service);
  void end_grpc(wasm::CallId call, bool late, const Answer& answer);
  void tick(wasm::RootId root);

  Simulation& simulation_;
  wasm::Machine* machine_ = nullptr;
  std::vector<GivenCall> calls_;
  std::map<std::string, ScriptedStore, std::less<>> stores_;
  std::vector<std::string> metric_names_;
  std::map<wasm::RootId, std::chrono::milliseconds> tick_periods_;
  std::map<wasm::RootId, Simulation::Event> ticks_;
  std::uint64_t last_random_ = 1;
};

}  // namespace mynah::story
