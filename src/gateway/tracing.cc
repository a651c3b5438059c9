// SPDX-License-Identifier: Apache-2.0
// Spans carry the attributes of OpenTelemetry's semantic conventions for HTTP, and the gateway's
// own under "mynah.".
#include "gateway/tracing.h"

#include <string_view>

#include "base/json_writer.h"
#include "base/text.h"
#include "gateway/exchange.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

// Numbers of OTLP's enumerations.
constexpr int kServerSpan = 2;
constexpr int kClientSpan = 3;
constexpr int kStatusError = 2;

constexpr int kFirstServerError = 500;
constexpr double kPercent = 100;

// OTLP's JSON spells numbers of 64 bits as text.
std::string unix_nanoseconds(const Exchange& exchange, Instant moment) {
  const auto wall = exchange.begun_wall + (moment - exchange.begun);
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(wall.time_since_epoch()).count());
}

void attribute(JsonWriter& json, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  json.begin_object().member("key", key).key("value").begin_object();
  json.member("stringValue", text).end_object().end_object();
}
void attribute(JsonWriter& json, std::string_view key, std::int64_t number) {
  json.begin_object().member("key", key).key("value").begin_object();
  json.member("intValue", std::to_string(number)).end_object().end_object();
}

void begin_span(JsonWriter& json, const TraceContext& context, std::uint64_t parent) {
  json.begin_object();
  json.member("traceId", trace_id(context)).member("spanId", span_id(context.span));
  if (parent != 0) json.member("parentSpanId", span_id(parent));
}

void end_span(JsonWriter& json, bool failed) {
  json.end_array();
  json.key("status").begin_object();
  if (failed) json.member("code", kStatusError);
  json.end_object().end_object();
}

bool went_wrong(const Exchange& exchange) {
  return exchange.outcome != Outcome::completed &&
         exchange.outcome != Outcome::answered_by_filter &&
         exchange.outcome != Outcome::answered_by_gateway;
}

std::string exchange_span(const Exchange& exchange, Instant now) {
  const std::string_view path = cut(exchange.path, "?").before;
  JsonWriter json;
  begin_span(json, exchange.trace->exchange, exchange.trace->parent);
  const std::string_view route =
      exchange.route == nullptr ? std::string_view() : std::string_view(exchange.route->name);
  json.member("name", route.empty() ? exchange.method : cat(exchange.method, " ", route));
  json.member("kind", kServerSpan);
  json.member("startTimeUnixNano", unix_nanoseconds(exchange, exchange.begun));
  json.member("endTimeUnixNano", unix_nanoseconds(exchange, now));
  json.key("attributes").begin_array();
  attribute(json, "http.request.method", exchange.method);
  attribute(json, "url.path", path);
  attribute(json, "url.scheme", exchange.client.tls ? "https" : "http");
  attribute(json, "server.address", exchange.host);
  attribute(json, "client.address", exchange.client.address);
  attribute(json, "http.route", route);
  if (exchange.status != 0) attribute(json, "http.response.status_code", exchange.status);
  attribute(json, "http.request.body.size", static_cast<std::int64_t>(exchange.request_bytes));
  attribute(json, "http.response.body.size", static_cast<std::int64_t>(exchange.response_bytes));
  attribute(json, "mynah.request_id", exchange.request_id);
  attribute(json, "mynah.outcome", name_of(exchange.outcome));
  if (went_wrong(exchange)) attribute(json, "error.type", name_of(exchange.outcome));
  for (const auto& [name, value] : exchange.notes) attribute(json, cat("mynah.note.", name), value);
  end_span(json, exchange.status >= kFirstServerError || went_wrong(exchange));
  return std::move(json).take();
}

std::string service_span(const Exchange& exchange, Instant now) {
  JsonWriter json;
  begin_span(json, exchange.trace->service, exchange.trace->exchange.span);
  json.member("name", cat(exchange.method, " ", exchange.upstream->service().name));
  json.member("kind", kClientSpan);
  json.member("startTimeUnixNano", unix_nanoseconds(exchange, *exchange.upstream_begun));
  json.member("endTimeUnixNano", unix_nanoseconds(exchange, now));
  json.key("attributes").begin_array();
  attribute(json, "http.request.method", exchange.method);
  attribute(json, "mynah.service", exchange.upstream->service().name);
  attribute(json, "server.address", exchange.upstream_address);
  if (exchange.upstream_answered) attribute(json, "http.response.status_code", exchange.status);
  if (exchange.attempts > 1)
    attribute(json, "http.request.resend_count", std::int64_t{exchange.attempts} - 1);
  end_span(json, !exchange.upstream_answered || exchange.status >= kFirstServerError);
  return std::move(json).take();
}

}  // namespace

ExchangeTrace trace_exchange(Headers& request, const model::Tracing& settings, Random& dice) {
  ExchangeTrace trace;
  if (const auto given = parse_traceparent(request.value_or("traceparent", ""))) {
    trace.parent = given->span;
    trace.exchange = child_span(*given, dice);
  } else {
    // What belongs to a trace that nobody can read belongs to none.
    request.remove("tracestate");
    trace.exchange = begin_trace(dice, dice.unit() * kPercent < settings.sample_percent);
  }
  trace.service = child_span(trace.exchange, dice);
  request.set("traceparent", traceparent(trace.service));
  return trace;
}

std::string spans_of(const Exchange& exchange, Instant now) {
  std::string spans = exchange_span(exchange, now);
  if (exchange.upstream != nullptr && exchange.upstream_begun)
    append(spans, ",", service_span(exchange, now));
  return spans;
}

std::string export_request(const model::Tracing& settings, std::string_view spans) {
  JsonWriter json;
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  attribute(json, "service.name", settings.service_name);
  json.end_array().end_object();
  json.key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().member("name", "mynah").end_object();
  json.key("spans").raw(cat("[", spans, "]"));
  json.end_object().end_array().end_object().end_array().end_object();
  return std::move(json).take();
}

}  // namespace mynah
