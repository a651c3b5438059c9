// SPDX-License-Identifier: Apache-2.0
// Names for things that are made by the million: UUIDs for what is stored, request ids, and the ids
// of W3C Trace Context. All are unguessable to people but not to an adversary (see random.h): an id
// is never a permission.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace mynah {

// "f81d4fae-7dec-41d0-a765-00a0c91e6bf6": RFC 9562. Version 4 is random throughout; version 7
// begins with the millisecond, so that ids sort by the time of their making.
std::string uuid_v4(Random& random);
std::string uuid_v7(Random& random, WallTime now);

// The value of x-request-id for a request that came without one: a UUID of version 4, as Envoy
// makes them.
inline std::string request_id(Random& random) { return uuid_v4(random); }
// Whether a client's own id may be taken over: 1 to 128 printable ASCII characters, no blanks,
// quotes or backslashes.
bool is_request_id(std::string_view text);

// Where in a distributed trace a request stands, as the header `traceparent` carries it.
struct TraceContext {
  std::array<std::uint64_t, 2> trace{};  // never 0 altogether
  std::uint64_t span = 0;                // never 0
  bool sampled = false;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

TraceContext begin_trace(Random& random, bool sampled);
// The same trace, a span of its own below the given one.
TraceContext child_span(const TraceContext& parent, Random& random);
// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
std::string traceparent(const TraceContext& context);
// None when it is not one; versions to come are read as far as version 00 goes, as the standard
// asks.
std::optional<TraceContext> parse_traceparent(std::string_view text);
// The 32 digits of the trace and the 16 of a span, for logs and collectors.
std::string trace_id(const TraceContext& context);
std::string span_id(std::uint64_t span);

}  // namespace mynah
