// SPDX-License-Identifier: Apache-2.0
// Goal: an exchange joins its client's trace or begins one, and a message to the collector is
// proper JSON of OTLP. What spans carry is shown by the whole-program tests.
#include "gateway/tracing.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace mynah {
namespace {

constexpr std::string_view kGiven = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

TEST(Tracing, AnExchangeIsASpanBelowTheClientsAndTheServiceIsOneBelowIt) {
  Random dice(1);
  Headers request;
  request.add("traceparent", kGiven);
  request.add("tracestate", "a=b");

  const ExchangeTrace trace = trace_exchange(request, {}, dice);

  EXPECT_EQ(trace.parent, 0x00f067aa0ba902b7U);
  EXPECT_EQ(trace_id(trace.exchange), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_NE(trace.exchange.span, trace.parent);
  EXPECT_NE(trace.service.span, trace.exchange.span);
  EXPECT_EQ(request.find("traceparent"), traceparent(trace.service));
  EXPECT_EQ(request.find("tracestate"), "a=b");
}

TEST(Tracing, TheClientsDecisionStands) {
  Random dice(1);
  Headers request;
  request.add("traceparent", kGiven);
  EXPECT_FALSE(trace_exchange(request, {.sample_percent = 100}, dice).exchange.sampled);
}

TEST(Tracing, WhatIsNoTraceIsBegunAnewWithoutItsState) {
  for (const std::string_view given :
       {"", "00-0-0-0", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}) {
    Random dice(1);
    Headers request;
    request.add("traceparent", given);
    request.add("tracestate", "a=b");

    const ExchangeTrace trace = trace_exchange(request, {.sample_percent = 100}, dice);

    EXPECT_EQ(trace.parent, 0U) << given;
    EXPECT_TRUE(trace.exchange.sampled) << given;
    EXPECT_FALSE(request.find("tracestate")) << given;
  }
}

TEST(Tracing, AShareIsSampled) {
  Random dice(1);
  Headers request;
  EXPECT_FALSE(trace_exchange(request, {.sample_percent = 0}, dice).exchange.sampled);
}

TEST(Tracing, AMessageNamesTheServiceAndCarriesTheSpans) {
  const std::string message =
      export_request({.service_name = "edge \"1\""}, R"({"name":"a"},{"name":"b"})");
  const auto json = Json::parse(message);
  ASSERT_TRUE(json) << message;
  const JsonView resource = (*json)["resourceSpans"].at(0);
  EXPECT_EQ(resource.text("resource.attributes.0.value.stringValue"), "edge \"1\"");
  EXPECT_EQ(resource.text("scopeSpans.0.spans.1.name"), "b");
}

}  // namespace
}  // namespace mynah
