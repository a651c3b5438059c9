// SPDX-License-Identifier: Apache-2.0
// The access log's line and the gateway's metrics.
#include "gateway/telemetry.h"

#include <chrono>
#include <unordered_map>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

LogLevel level_of(abi::LogLevel level) {
  switch (level) {
    case abi::LogLevel::trace:
      return LogLevel::trace;
    case abi::LogLevel::debug:
      return LogLevel::debug;
    case abi::LogLevel::info:
      return LogLevel::info;
    case abi::LogLevel::warn:
      return LogLevel::warn;
    case abi::LogLevel::error:
    case abi::LogLevel::critical:
      return LogLevel::error;
  }
  return LogLevel::info;
}

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}
double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view status_class(int status) {
  switch (status / 100) {
    case 1:
      return "1xx";
    case 2:
      return "2xx";
    case 3:
      return "3xx";
    case 4:
      return "4xx";
    case 5:
      return "5xx";
    default:
      return "none";
  }
}

}  // namespace

struct Telemetry::RouteMetrics {
  // tidy: allow string_view: the names of classes of status live as long as the program
  std::unordered_map<std::string_view, Counter*> by_status;
  std::unordered_map<Outcome, Counter*> by_outcome;
  Histogram* seconds = nullptr;
};

struct Telemetry::PerWorker {
  std::map<std::string, RouteMetrics, std::less<>> routes;
};

struct Telemetry::PluginMetric {
  abi::MetricType type = abi::MetricType::counter;
  Counter* counter = nullptr;
  Gauge* gauge = nullptr;
  Histogram* histogram = nullptr;
};

Telemetry::Telemetry(const Log& log, LogSink* access, Metrics& metrics, std::uint32_t workers)
    : gateway_log_(log, "gateway"),
      plugin_log_(log, "plugin"),
      access_(access),
      metrics_(metrics),
      exchanges_(metrics.counters("mynah_gateway_exchanges_total",
                                  "Exchanges by route and class of status.", {"route", "status"})),
      outcomes_(metrics.counters("mynah_gateway_outcomes_total", "How exchanges ended.",
                                 {"route", "outcome"})),
      seconds_(metrics.histograms("mynah_gateway_exchange_seconds",
                                  "Time from a request's head to the response's end.", {"route"},
                                  seconds_bounds())),
      in_flight_(metrics.gauge("mynah_gateway_exchanges_in_flight",
                               "Exchanges that have begun and not ended.")),
      refused_(metrics.counter("mynah_gateway_connections_refused_total",
                               "Connections that were turned away.")),
      failures_(metrics.counters("mynah_gateway_plugin_failures_total",
                                 "Failures of plug-ins in exchanges.", {"plugin"})),
      spans_(metrics.counters("mynah_gateway_traced_exchanges_total",
                              "Exchanges whose spans were exported, or given up.", {"result"})) {
  for (std::uint32_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<PerWorker>());
}

Telemetry::~Telemetry() = default;

void Telemetry::event(abi::LogLevel level, std::string_view message) {
  gateway_log_.write(level_of(level), message);
}

void Telemetry::exchange_began(std::uint32_t worker) { in_flight_.add(Slot::worker(worker), 1); }

Telemetry::RouteMetrics& Telemetry::route_metrics(std::uint32_t worker, std::string_view route) {
  auto& routes = workers_[worker]->routes;
  const auto known = routes.find(route);
  return known != routes.end() ? known->second : routes[std::string(route)];
}

void Telemetry::exchange_ended(std::uint32_t worker, const Exchange& exchange, Instant now) {
  const Slot slot = Slot::worker(worker);
  in_flight_.add(slot, -1);
  const std::string_view route =
      exchange.route == nullptr ? "none" : std::string_view(exchange.route->name);
  RouteMetrics& series = route_metrics(worker, route);
  const std::string_view status = status_class(exchange.status);
  Counter*& by_status = series.by_status[status];
  if (by_status == nullptr) by_status = &exchanges_.with({route, status});
  by_status->add(slot);
  Counter*& by_outcome = series.by_outcome[exchange.outcome];
  if (by_outcome == nullptr) by_outcome = &outcomes_.with({route, name_of(exchange.outcome)});
  by_outcome->add(slot);
  if (series.seconds == nullptr) series.seconds = &seconds_.with({route});
  series.seconds->observe(slot, seconds(now - exchange.begun));
  if (access_ == nullptr) return;

  JsonWriter json;
  json.begin_object();
  json.member("time", rfc3339(exchange.begun_wall));
  json.member("id", exchange.request_id).member("client", exchange.client.address);
  json.member("method", exchange.method)
      .member("host", exchange.host)
      .member("path", exchange.path);
  json.member("protocol", http::name_of(exchange.client_stream.version()));
  json.member("status", exchange.status)
      .member("outcome", name_of(exchange.outcome))
      .member("route", route);
  if (exchange.trace) json.member("trace", trace_id(exchange.trace->exchange));
  if (!exchange.details.empty()) json.member("details", exchange.details);
  if (exchange.upstream != nullptr) json.member("service", exchange.upstream->service().name);
  if (!exchange.upstream_address.empty()) json.member("endpoint", exchange.upstream_address);
  if (exchange.attempts > 1) json.member("attempts", exchange.attempts);
  json.member("request_bytes", exchange.request_bytes)
      .member("response_bytes", exchange.response_bytes);
  json.member("milliseconds", milliseconds(now - exchange.begun));
  if (exchange.first_byte)
    json.member("first_byte_milliseconds", milliseconds(*exchange.first_byte - exchange.begun));
  if (exchange.upstream_begun && exchange.upstream_answered) {
    json.member("service_milliseconds",
                milliseconds(*exchange.upstream_answered - *exchange.upstream_begun));
  }
  if (!exchange.notes.empty()) {
    json.key("notes").begin_object();
    for (const auto& [name, value] : exchange.notes) json.member(name, value);
    json.end_object();
  }
  json.end_object();
  access_->write(LogLevel::info, std::move(json).take());
}

void Telemetry::filter_failed(std::uint32_t worker, std::string_view filter, const Error& error,
                              const Exchange& exchange) {
  failures_.with({filter}).add(Slot::worker(worker));
  gateway_log_.warn("a plug-in failed in an exchange",
                    {{"plugin", filter}, {"error", error}, {"request_id", exchange.request_id}});
}

void Telemetry::spans_exported(std::uint32_t worker, bool taken, std::uint32_t exchanges) {
  spans_.with({taken ? "sent" : "dropped"}).add(Slot::worker(worker), exchanges);
}

void Telemetry::connection_refused(std::uint32_t worker, std::string_view reason) {
  refused_.add(Slot::worker(worker));
  gateway_log_.debug("a connection was refused", {{"reason", reason}});
}

void Telemetry::plugin_log(std::string_view plugin, abi::LogLevel level, std::string_view message,
                           const Exchange* exchange) {
  const std::string_view id =
      exchange == nullptr ? std::string_view() : std::string_view(exchange->request_id);
  plugin_log_.write(level_of(level), message, {{"plugin", plugin}, {"request_id", id}});
}

abi::LogLevel Telemetry::plugin_log_level() {
  switch (plugin_log_.log().level()) {
    case LogLevel::trace:
      return abi::LogLevel::trace;
    case LogLevel::debug:
      return abi::LogLevel::debug;
    case LogLevel::info:
      return abi::LogLevel::info;
    case LogLevel::warn:
      return abi::LogLevel::warn;
    case LogLevel::error:
    case LogLevel::off:
      return abi::LogLevel::error;
  }
  return abi::LogLevel::info;
}

// Plug-ins name metrics as they like; outside, they carry the gateway's prefix and characters that
// Prometheus allows.
Result<wasm::MetricId> Telemetry::define_metric(abi::MetricType type, std::string_view name) {
  const std::lock_guard lock(plugin_metrics_lock_);
  if (const auto known = plugin_metric_ids_.find(name); known != plugin_metric_ids_.end()) {
    if (plugin_metrics_[known->second]->type == type) return known->second;
    return Error{Errc::already_exists, cat("metric ", name, " has another type")};
  }
  constexpr std::size_t kMetricsMax = 10'000;
  if (plugin_metrics_.size() >= kMetricsMax)
    return Error{Errc::exhausted, "plug-ins have defined too many metrics"};
  static constexpr std::string_view kHelp = "Counted by plug-ins, under the names that they gave.";
  auto metric = std::make_unique<PluginMetric>();
  metric->type = type;
  switch (type) {
    case abi::MetricType::counter:
      metric->counter =
          &metrics_.counters("mynah_plugin_count_total", kHelp, {"name"}).with({name});
      break;
    case abi::MetricType::gauge:
      metric->gauge = &metrics_.gauges("mynah_plugin_gauge", kHelp, {"name"}).with({name});
      break;
    case abi::MetricType::histogram:
      metric->histogram =
          &metrics_.histograms("mynah_plugin_values", kHelp, {"name"}, bytes_bounds()).with({name});
      break;
  }
  const auto id = static_cast<wasm::MetricId>(plugin_metrics_.size());
  plugin_metrics_.push_back(std::move(metric));
  plugin_metric_ids_.emplace(name, id);
  return id;
}

Telemetry::PluginMetric* Telemetry::find_metric(wasm::MetricId metric) {
  const std::lock_guard lock(plugin_metrics_lock_);
  return metric < plugin_metrics_.size() ? plugin_metrics_[metric].get() : nullptr;
}

void Telemetry::add_to_metric(std::uint32_t worker, wasm::MetricId metric, std::int64_t offset) {
  PluginMetric* found = find_metric(metric);
  if (found == nullptr) return;
  const Slot slot = Slot::worker(worker);
  if (found->counter != nullptr && offset > 0)
    found->counter->add(slot, static_cast<std::uint64_t>(offset));
  if (found->gauge != nullptr) found->gauge->add(slot, offset);
}

void Telemetry::record_metric(std::uint32_t worker, wasm::MetricId metric, std::uint64_t value) {
  PluginMetric* found = find_metric(metric);
  if (found == nullptr) return;
  const Slot slot = Slot::worker(worker);
  if (found->gauge != nullptr) found->gauge->set(slot, static_cast<std::int64_t>(value));
  if (found->histogram != nullptr) found->histogram->observe(slot, static_cast<double>(value));
}

std::uint64_t Telemetry::metric(wasm::MetricId metric) {
  const PluginMetric* found = find_metric(metric);
  if (found == nullptr) return 0;
  if (found->counter != nullptr) return found->counter->value();
  if (found->gauge != nullptr) return static_cast<std::uint64_t>(found->gauge->value());
  return 0;
}

}  // namespace mynah
