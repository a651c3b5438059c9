// SPDX-License-Identifier: Apache-2.0
// SpanExporter: sends the spans of one worker's exchanges to an OTLP/HTTP collector, in batches and
// beside the exchanges: a collector that is slow or gone costs spans, which are counted, and
// nothing else. tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation
// that made it
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "aio/event.h"
#include "aio/scope.h"
#include "gateway/exchange.h"
#include "gateway/model.h"
#include "gateway/observer.h"
#include "gateway/upstream.h"

namespace mynah {

// What an exporter tells of itself; all of it outlives the exporter.
struct SpanExportSeen {
  Observer& observer;
  std::uint32_t worker = 0;
  std::atomic<std::uint32_t>& waiting;  // Exchanges whose spans are to be sent, over all workers.
};

class SpanExporter final {
 public:
  // `settings` names an endpoint.
  static Result<std::shared_ptr<SpanExporter>> create(const model::Tracing& settings,
                                                      const UpstreamContext& context,
                                                      SpanExportSeen seen);
  ~SpanExporter();
  SpanExporter(SpanExporter&&) = delete;

  [[nodiscard]] const model::Tracing& settings() const { return settings_; }

  // Takes an exchange that has ended and is sampled.
  void record(const Exchange& exchange, Instant now);

 private:
  SpanExporter(const model::Tracing& settings, Loop& loop, SpanExportSeen seen);

  static Task<> send_batches(SpanExporter& self);
  Task<bool> send(std::string spans);

  model::Tracing settings_;
  Loop& loop_;
  SpanExportSeen seen_;
  std::shared_ptr<Upstream> collector_;
  std::string batch_;  // Spans as JSON, joined by commas.
  std::uint32_t batch_exchanges_ = 0;
  Event changed_;
  Scope sending_;  // Last: what runs in it uses all of the above.
};

}  // namespace mynah
