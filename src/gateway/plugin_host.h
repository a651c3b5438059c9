// SPDX-License-Identifier: Apache-2.0
// PluginHost: a plug-in on one worker: the machine that runs it, its configured roots, and what
// becomes of it when it fails.
//
// A machine is started, with all its configurations, on a thread that may wait: what a plug-in does
// in its start functions holds no exchange up. What it asks of the worker meanwhile (ticks, calls)
// is put off until the worker adopts it. Any change of the plug-in or its configurations makes
// another machine.
//
// A machine that faults is put aside: exchanges that it held get the plug-in's on_failure answer,
// and a fresh machine is made after a pause that doubles with each fault in a row. Until then the
// plug-in counts as failed. A machine lives until the last exchange, and the last call to a
// service, that knows it has ended.
// tidy: allow-file shared_from_this: calls in flight keep their machine
// tidy: allow-file rand: the name that the Wasm host gives to the random source
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "aio/loop.h"
#include "aio/pool.h"
#include "aio/scope.h"
#include "base/task.h"
#include "gateway/filter.h"
#include "gateway/plugin_code.h"
#include "gateway/plugin_grpc.h"
#include "wasm/machine.h"

namespace mynah {

class Chain;
class Upstream;
struct Exchange;

// A service that speaks Redis, for one configuration of a plug-in.
class RedisPort {
 public:
  virtual ~RedisPort() = default;
  // Whether a new port to the service would be like this one.
  [[nodiscard]] virtual bool serves(const model::Service& service) const = 0;
  // `query` is one or more commands in RESP; the replies are RESP too, one after the other. An
  // error means that there are none.
  virtual Task<Result<std::string>> call(std::string_view query) = 0;
};

// What a machine is made of.
struct PluginSpec {
  std::shared_ptr<const PluginCode> code;
  model::Plugin settings;
  std::vector<std::string> configs;  // JSON texts, each a root context.

  // Whether a machine for the other could take this one's place unseen.
  [[nodiscard]] bool same_as(const PluginSpec& other) const;
};

// What plug-ins on a worker need of it. The functions that say so are called on any thread.
class PluginContext {
 public:
  virtual Loop& loop() = 0;
  virtual BlockingPool& pool() = 0;
  // Where calls to services run; outlives all machines.
  virtual Scope& background() = 0;
  // On any thread, as far as define_metric().
  virtual wasm::Shared shared() = 0;
  virtual void log(const std::string& plugin, abi::LogLevel level, std::string_view message,
                   const Exchange* exchange) = 0;
  virtual abi::LogLevel log_level() = 0;
  virtual void random(std::span<char> bytes) = 0;
  virtual Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) = 0;
  virtual void add_to_metric(wasm::MetricId metric, std::int64_t offset) = 0;
  virtual void record_metric(wasm::MetricId metric, std::uint64_t value) = 0;
  virtual std::uint64_t metric(wasm::MetricId metric) = 0;
  // Null when there is no such service; it lives while the worker's present turn lasts.
  virtual std::shared_ptr<Upstream> find_service(std::string_view name) = 0;
  // A port to a service; `known`, when it is not null and still the right one.
  virtual Result<std::shared_ptr<RedisPort>> redis(const wasm::RedisService& service,
                                                   std::shared_ptr<RedisPort> known) = 0;

 protected:
  ~PluginContext() = default;
};

// One machine and what the outside of it needs to know.
class PluginMachine final : public wasm::Outside,
                            public std::enable_shared_from_this<PluginMachine> {
 public:
  // Starts and configures it, on any thread. The context outlives it.
  static Result<std::shared_ptr<PluginMachine>> start(const PluginSpec& spec,
                                                      PluginContext& context);
  ~PluginMachine() override;

  // A configuration that has it is in force on the worker: its services are those to ask, and what
  // was put off happens.
  void adopt();
  [[nodiscard]] wasm::Machine& machine() { return *machine_; }
  // The root context with the spec's configuration of that number.
  [[nodiscard]] wasm::RootId root(std::size_t config) const { return roots_[config]; }

  // wasm::Outside.
  void log(abi::LogLevel level, std::string_view message, wasm::Exchange* exchange) override;
  abi::LogLevel log_level() override;
  const Clock& clock() override { return context_.loop().clock(); }
  void random(std::span<char> bytes) override;
  Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) override;
  void increment_metric(wasm::MetricId metric, std::int64_t offset) override;
  void record_metric(wasm::MetricId metric, std::uint64_t value) override;
  std::uint64_t metric(wasm::MetricId metric) override;
  Status http_call(wasm::CallId call, wasm::HttpCall request) override;
  Status grpc_call(wasm::CallId call, wasm::GrpcCall request) override;
  Status grpc_stream(wasm::CallId call, wasm::GrpcCall request) override;
  Status grpc_send(wasm::CallId call, std::string_view message, wasm::End end) override;
  void grpc_close(wasm::CallId call) override;
  void grpc_cancel(wasm::CallId call) override;
  Status redis_init(wasm::RedisService service) override;
  Status redis_call(wasm::CallId call, wasm::RootId root, std::string_view service,
                    std::string_view query, wasm::Exchange* exchange) override;
  void set_tick_period(wasm::RootId root, std::chrono::milliseconds period) override;
  void queue_ready(wasm::RootId root, std::uint32_t queue) override;
  Result<std::string> foreign(std::string_view name, std::string_view arguments,
                              wasm::Exchange* exchange) override;
  std::optional<wasm::Property> property(wasm::PropertyPath path) override;

 private:
  struct Tick;
  // A Redis service as one root has initialised it.
  struct RedisUse {
    std::string user;
    std::string password;
    std::chrono::milliseconds timeout{0};
    std::uint32_t database = 0;
    std::shared_ptr<RedisPort> port;  // Null when the service is gone.
  };

  PluginMachine(const PluginSpec& spec, PluginContext& context);
  Status configure(const std::string& config);
  // Leaves the ports to services that have changed.
  void services_changed();
  // Does it now, or at adoption. True when it was put off.
  bool put_off(std::move_only_function<void()> action);

  static Task<> run_http_call(std::shared_ptr<PluginMachine> self, wasm::CallId call,
                              std::shared_ptr<Upstream> upstream, wasm::HttpCall request);
  static Task<> run_redis_call(std::shared_ptr<PluginMachine> self, wasm::CallId call,
                               std::shared_ptr<RedisPort> port, std::string query);

  std::string name_;
  std::string root_id_;
  PluginContext& context_;
  std::unique_ptr<wasm::Machine> machine_;
  bool adopted_ = false;
  std::vector<std::move_only_function<void()>> put_off_;
  std::vector<wasm::RootId> roots_;
  std::unordered_map<wasm::RootId, std::unique_ptr<Tick>> ticks_;
  std::map<std::pair<wasm::RootId, std::string>, RedisUse> redis_;
  PluginGrpc grpc_;
};

class PluginHost final : public std::enable_shared_from_this<PluginHost> {
 public:
  // With a machine for that spec, which is adopted by begin().
  static std::shared_ptr<PluginHost> create(PluginSpec spec, std::shared_ptr<PluginMachine> machine,
                                            PluginContext& context);
  ~PluginHost();

  // A generation that has it is in force on the worker.
  void begin() {
    if (machine_ != nullptr) machine_->adopt();
  }
  [[nodiscard]] const PluginCode& code() const { return *spec_.code; }
  [[nodiscard]] const PluginSpec& spec() const { return spec_; }

  // The filter of one exchange; an error when the plug-in has failed and is not back yet.
  Result<std::unique_ptr<Filter>> make_filter(std::size_t config, Chain& chain, Exchange& exchange);

  [[nodiscard]] std::uint64_t faults() const { return faults_; }
  // A machine has told that it is at its end.
  void machine_failed(const Error& error);

 private:
  PluginHost(PluginSpec spec, std::shared_ptr<PluginMachine> machine, PluginContext& context);
  [[nodiscard]] Duration next_pause();
  static Task<> restart(std::shared_ptr<PluginHost> self);

  PluginSpec spec_;
  PluginContext& context_;
  std::shared_ptr<PluginMachine> machine_;  // Null while there is none that works.
  std::uint64_t faults_ = 0;
  std::uint32_t faults_in_row_ = 0;
  Timer again_;
  Instant machine_since_{};
};

}  // namespace mynah
