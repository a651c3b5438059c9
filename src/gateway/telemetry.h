// SPDX-License-Identifier: Apache-2.0
// Telemetry: what an operator sees of the gateway: the access log, one line an exchange; the log;
// the metrics.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "gateway/observer.h"

namespace mynah {

class Telemetry final : public Observer {
 public:
  // All of them outlive it. `access` may be null: no access log.
  Telemetry(const Log& log, LogSink* access, Metrics& metrics, std::uint32_t workers);
  ~Telemetry() override;

  void event(abi::LogLevel level, std::string_view message) override;
  void exchange_began(std::uint32_t worker) override;
  void exchange_ended(std::uint32_t worker, const Exchange& exchange, Instant now) override;
  void filter_failed(std::uint32_t worker, std::string_view filter, const Error& error,
                     const Exchange& exchange) override;
  void spans_exported(std::uint32_t worker, bool taken, std::uint32_t exchanges) override;
  void connection_refused(std::uint32_t worker, std::string_view reason) override;
  void plugin_log(std::string_view plugin, abi::LogLevel level, std::string_view message,
                  const Exchange* exchange) override;
  abi::LogLevel plugin_log_level() override;
  Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) override;
  void add_to_metric(std::uint32_t worker, wasm::MetricId metric, std::int64_t offset) override;
  void record_metric(std::uint32_t worker, wasm::MetricId metric, std::uint64_t value) override;
  std::uint64_t metric(wasm::MetricId metric) override;

 private:
  struct RouteMetrics;
  struct PerWorker;
  struct PluginMetric;

  // The series of a route's exchanges with that outcome; found without a lock after the first time
  // on a worker.
  RouteMetrics& route_metrics(std::uint32_t worker, std::string_view route);
  PluginMetric* find_metric(wasm::MetricId metric);

  Logger gateway_log_;
  Logger plugin_log_;
  LogSink* access_;
  Metrics& metrics_;
  CounterFamily& exchanges_;
  CounterFamily& outcomes_;
  HistogramFamily& seconds_;
  Gauge& in_flight_;
  Counter& refused_;
  CounterFamily& failures_;
  CounterFamily& spans_;
  std::vector<std::unique_ptr<PerWorker>> workers_;

  std::mutex plugin_metrics_lock_;  // Held while a metric is defined, and to find one.
  std::map<std::string, wasm::MetricId, std::less<>> plugin_metric_ids_;
  std::vector<std::unique_ptr<PluginMetric>> plugin_metrics_;
};

}  // namespace mynah
