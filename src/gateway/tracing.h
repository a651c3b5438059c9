// SPDX-License-Identifier: Apache-2.0
// Where an exchange stands in a distributed trace (W3C Trace Context): it is a span of its own
// below the client's, and the request to the service another below that.
//
// Without a collector in the configuration nothing is traced and `traceparent` passes as it came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/headers.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "gateway/model.h"

namespace mynah {

struct Exchange;

struct ExchangeTrace {
  TraceContext exchange;
  TraceContext service;      // What the service is told.
  std::uint64_t parent = 0;  // The client's span; zero: the trace begins here.
};

// Joins the client's trace or begins one, and writes the service's `traceparent` into the request.
// The client's decision whether to sample stands; otherwise the configured share is.
ExchangeTrace trace_exchange(Headers& request, const model::Tracing& settings, Random& dice);

// The spans of an exchange that has ended, as JSON objects of OTLP, joined by commas: its own, and
// that of the service when one was asked.
std::string spans_of(const Exchange& exchange, Instant now);

// The whole message to a collector.
std::string export_request(const model::Tracing& settings, std::string_view spans);

}  // namespace mynah
