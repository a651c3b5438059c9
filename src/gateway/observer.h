// SPDX-License-Identifier: Apache-2.0
// Observer: where the workers tell what happens: the access log, the log, the metrics. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/abi.h"
#include "base/result.h"
#include "gateway/exchange.h"
#include "http/server.h"
#include "wasm/outside.h"

namespace mynah {

class Observer {
 public:
  virtual ~Observer() = default;

  // Something that an operator wants to know.
  virtual void event(abi::LogLevel level, std::string_view message) = 0;

  virtual void exchange_began(std::uint32_t worker) = 0;
  virtual void exchange_ended(std::uint32_t worker, const Exchange& exchange, Instant now) = 0;
  virtual void filter_failed(std::uint32_t worker, std::string_view filter, const Error& error,
                             const Exchange& exchange) = 0;
  // Spans of so many exchanges have reached the collector, or are given up.
  virtual void spans_exported(std::uint32_t worker, bool taken, std::uint32_t exchanges) = 0;
  virtual void connection_refused(std::uint32_t worker, std::string_view reason) = 0;

  // What plug-ins say. The exchange is null when a plug-in does not act for one.
  virtual void plugin_log(std::string_view plugin, abi::LogLevel level, std::string_view message,
                          const Exchange* exchange) = 0;
  virtual abi::LogLevel plugin_log_level() = 0;

  // The metrics of plug-ins; the same name yields the same number on every worker.
  virtual Result<wasm::MetricId> define_metric(abi::MetricType type, std::string_view name) = 0;
  virtual void add_to_metric(std::uint32_t worker, wasm::MetricId metric, std::int64_t offset) = 0;
  virtual void record_metric(std::uint32_t worker, wasm::MetricId metric, std::uint64_t value) = 0;
  virtual std::uint64_t metric(wasm::MetricId metric) = 0;
};

}  // namespace mynah
