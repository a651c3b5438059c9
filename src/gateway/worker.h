// SPDX-License-Identifier: Apache-2.0
// Worker: one core's share of the gateway: its loop, its listeners, the generation of the
// configuration that it serves, and its own connections, machines and counters. Nothing here is
// used by another thread, but for post().
// tidy: allow-file rand: the name that the Wasm host gives to the random source
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aio/dns.h"
#include "aio/listener.h"
#include "aio/loop.h"
#include "aio/pool.h"
#include "aio/scope.h"
#include "aio/tls.h"
#include "base/random.h"
#include "gateway/embedded/service_port.h"
#include "gateway/generation.h"
#include "gateway/observer.h"
#include "gateway/redis_port.h"
#include "http/server.h"

namespace mynah {

// What all workers share.
struct WorkerShared {
  BlockingPool& pool;
  wasm::SharedData& data;
  wasm::SharedQueues& queues;
  Observer& observer;
  std::function<http::LocalHandler(Loop&, const model::Service&)> embedded;
  // The address of its own that an embedded service has.
  std::function<Result<std::unique_ptr<ServicePort>>(Loop&, const model::Service&)> service_port;
  std::function<Result<std::shared_ptr<RedisPort>>(const RedisPlace&, const model::Service&,
                                                   const wasm::RedisService&)>
      redis;
  std::atomic<std::uint32_t>& connections;  // Open ones of clients, over all workers.
  std::atomic<bool>& short_of_memory;
  std::atomic<std::uint32_t>& spans_waiting;
};

class Worker final : private http::Handler, private PluginContext {
 public:
  Worker(Loop& loop, std::uint32_t number, WorkerShared shared);
  ~Worker();
  Worker(Worker&&) = delete;

  // A new configuration comes in three steps, so that all workers take it or none, and none is held
  // up: start_machines(), on a thread that may wait; prepare() builds the generation and opens
  // listeners that are missing; commit() serves with it from the next exchange on. On failure
  // nothing has changed. `previous` is what was committed last, or null.
  Result<PluginMachines> start_machines(const Blueprint& next, const Blueprint* previous) {
    return Generation::start_machines(next, previous, *this);
  }
  Status prepare(std::shared_ptr<const Blueprint> blueprint, PluginMachines machines);
  void commit();
  void forget_prepared();
  // Addresses that are listened on, with ports that the system chose.
  [[nodiscard]] std::vector<Address> addresses() const;

  // Answers tell clients that their connections end with them.
  void drain();
  // Closes connections on which no request is on its way.
  void end_idle();
  // No new connections are accepted.
  void stop_listening();
  // Drops everything that is in flight.
  void stop();

  [[nodiscard]] const std::shared_ptr<const Generation>& generation() const { return generation_; }
  [[nodiscard]] Loop& loop() override { return loop_; }

  // Serves exchanges that came by another way than its listeners.
  [[nodiscard]] http::Handler& handler() { return *this; }

  // For the exchanges.
  Scope& background() override { return background_; }
  std::shared_ptr<Upstream> find_service(std::string_view name) override;
  [[nodiscard]] bool overloaded() const;
  [[nodiscard]] Random& dice() { return dice_; }
  void exchange_began();
  void exchange_ended(const Exchange& exchange);
  void filter_failed(const Filter& filter, const Error& error, const Exchange& exchange);

 private:
  struct Port;

  // http::Handler.
  Task<> serve(http::ServerStream& exchange) override;

  // PluginContext.
  BlockingPool& pool() override { return shared_.pool; }
  wasm::Shared shared() override { return {shared_.data, shared_.queues}; }
  void log(const std::string& plugin, abi::LogLevel level, std::string_view message,
           const Exchange* exchange) override;
  abi::LogLevel log_level() override;
  void random(std::span<char> bytes) override;
  Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) override;
  void add_to_metric(wasm::MetricId metric, std::int64_t offset) override;
  void record_metric(wasm::MetricId metric, std::uint64_t value) override;
  std::uint64_t metric(wasm::MetricId metric) override;
  Result<std::shared_ptr<RedisPort>> redis(const wasm::RedisService& service,
                                           std::shared_ptr<RedisPort> known) override;

  Result<std::vector<std::shared_ptr<Port>>> open_ports(const std::vector<model::Listener>& wanted);
  using ServicePorts = std::vector<std::shared_ptr<ServicePort>>;
  Result<ServicePorts> open_service_ports(const std::vector<model::Service>& services);
  static Task<> accept_on(Worker& worker, std::shared_ptr<Port> port);
  static Task<> serve_connection(Worker& worker, std::shared_ptr<Port> port,
                                 std::unique_ptr<Connection> connection);

  Loop& loop_;
  std::uint32_t number_;
  WorkerShared shared_;
  Random dice_;
  Resolver resolver_;
  std::shared_ptr<const Generation> generation_;
  std::shared_ptr<const Generation> prepared_;
  std::vector<std::shared_ptr<Port>> prepared_ports_;
  ServicePorts prepared_service_ports_;
  std::unique_ptr<http::Server> server_;
  std::vector<std::unique_ptr<http::Server>>
      old_servers_;  // Of earlier limits, with connections that are left.
  std::vector<std::shared_ptr<Port>> ports_;
  ServicePorts service_ports_;
  bool draining_ = false;
  Scope background_;
  Scope connections_;  // Last: connections use all of the above.
};

}  // namespace mynah
