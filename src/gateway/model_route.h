// SPDX-License-Identifier: Apache-2.0
// Routes of the model: which request goes where, and what is done to it on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/model_values.h"

namespace mynah::model {

enum class PathKind : std::uint8_t { prefix, exact, regex };
// A prefix ends where a segment ends: /v1 covers /v1 and /v1/x, not /v1x; /v1/ covers /v1/x and
// /v1/, not /v1.
struct PathMatch {
  PathKind kind = PathKind::prefix;
  std::string value = "/";
  bool operator==(const PathMatch&) const = default;
};

enum class FieldKind : std::uint8_t { exact, prefix, regex, present, absent };
// A condition on a header or a query field. Regular expressions (RE2) must match the whole value.
struct FieldMatch {
  std::string name;
  FieldKind kind = FieldKind::present;
  std::string value;
  bool operator==(const FieldMatch&) const = default;
};

// All of it must hold. An empty list puts no condition.
struct Match {
  // In lower case: "a.example", "*.example" (any labels before it), "*".
  std::vector<std::string> hosts;
  PathMatch path;
  std::vector<std::string> methods;
  std::vector<FieldMatch> headers;
  std::vector<FieldMatch> query;
  bool operator==(const Match&) const = default;
};

struct WeightedService {
  std::string service;
  std::uint32_t weight = 1;
  bool operator==(const WeightedService&) const = default;
};
struct Forward {
  std::vector<WeightedService> services;  // At least one, with a weight above zero.
  bool operator==(const Forward&) const = default;
};
// What is empty stays as the request has it.
struct Redirect {
  std::uint16_t status = 302;
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  std::string path;    // The whole path.
  std::string prefix;  // Or: what stands in the place of the prefix that matched.
  bool operator==(const Redirect&) const = default;
};
struct DirectResponse {
  std::uint16_t status = 200;
  std::vector<NameValue> headers;
  std::string body;
  bool operator==(const DirectResponse&) const = default;
};

struct RouteTimeouts {
  std::optional<Milliseconds> overall;  // Empty: limits.overall_timeout.
  std::optional<Milliseconds> idle;     // Empty: limits.stream_timeout.
  Milliseconds per_try{0};              // To the header of the answer, each attempt.
  bool operator==(const RouteTimeouts&) const = default;
};

enum class RetryOn : std::uint8_t {
  connect_failure,  // No byte of the request was sent.
  reset,            // The connection broke before the header of the answer.
  per_try_timeout,
  gateway_error,  // 502, 503, 504.
  server_error,   // Any 5xx.
  too_many,       // 429.
};
struct Retry {
  std::uint32_t attempts = 1;  // Besides the first. Zero: never.
  std::vector<RetryOn> on = {RetryOn::connect_failure, RetryOn::reset};
  std::vector<std::uint16_t> statuses;  // And answers of these.
  bool non_idempotent = false;          // Also POST and the like after bytes of them were sent.
  double budget_percent = 20;    // Retries in flight, of the requests in flight to the service …
  std::uint32_t budget_min = 3;  // … but so many are always allowed.
  Milliseconds backoff_base = 25ms;  // Doubles with each attempt, with full jitter.
  Milliseconds backoff_max = 250ms;
  bool operator==(const Retry&) const = default;
};

// A second attempt runs beside the first when that has not answered in time; the first answer wins.
struct Hedge {
  Milliseconds after = 1s;
  std::uint32_t attempts_max = 1;  // Besides the first.
  bool operator==(const Hedge&) const = default;
};

struct Mirror {
  std::string service;
  double percent = 100;
  bool operator==(const Mirror&) const = default;
};

// Applied in this order: remove, set, add.
struct HeaderEdits {
  std::vector<NameValue> set;
  std::vector<NameValue> add;
  std::vector<std::string> remove;
  bool operator==(const HeaderEdits&) const = default;
};

struct RegexRewrite {
  std::string pattern;  // RE2; every match in the path is replaced.
  std::string to;       // \1 to \9 stand for groups.
  bool operator==(const RegexRewrite&) const = default;
};
// At most one of prefix and regex is there.
struct Rewrite {
  std::optional<std::string> prefix;  // In the place of the prefix that matched.
  std::optional<RegexRewrite> regex;
  std::string host;
  bool operator==(const Rewrite&) const = default;
};

struct Route {
  std::string name;
  Match match;
  std::variant<Forward, Redirect, DirectResponse> action;
  RouteTimeouts timeouts;
  Retry retry;
  std::optional<Hedge> hedge;
  std::vector<Mirror> mirrors;
  HeaderEdits request_headers;
  HeaderEdits response_headers;
  Rewrite rewrite;
  bool operator==(const Route&) const = default;
};

}  // namespace mynah::model
