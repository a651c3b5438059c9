// SPDX-License-Identifier: Apache-2.0
// Exchange: one request and its response, as the gateway knows it: what filters see as properties
// and what the access log tells in the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/headers.h"
#include "base/time.h"
#include "gateway/forwarding.h"
#include "gateway/model.h"
#include "gateway/tracing.h"
#include "http/stream.h"

namespace mynah {

class Generation;
class Upstream;

// How an exchange ended, when not simply by the service's whole response.
enum class Outcome : unsigned char {
  completed,
  answered_by_filter,
  answered_by_gateway,  // a redirect or direct response of a route
  no_route,
  filter_failed,
  request_too_large,
  response_too_large,
  client_gone,
  client_too_slow,
  client_malformed,
  service_unavailable,  // no endpoint that can be asked, or over a limit of the service
  service_unreachable,  // connecting failed
  service_broke_off,    // the connection ended before the response did
  service_too_slow,
  service_malformed,
  timed_out,  // over the exchange's overall time
  overloaded,
  reset_by_filter,
};
// "completed", "no-route", …: as the access log and metrics spell it.
std::string_view name_of(Outcome outcome);

struct Exchange {
  Exchange(http::ServerStream& stream, Instant started, WallTime started_wall)
      : client_stream(stream), begun(started), begun_wall(started_wall) {}
  Exchange(Exchange&&) = delete;

  http::ServerStream& client_stream;
  Instant begun;
  WallTime begun_wall;
  Client client;
  std::string request_id;
  std::optional<ExchangeTrace> trace;  // Nothing: the gateway does not trace.
  std::string method;                  // As the client sent it; filters may change the request.
  std::string path;
  std::string host;

  const Generation* generation = nullptr;  // The configuration that it began with.
  std::size_t route_index = static_cast<std::size_t>(-1);
  const model::Route* route = nullptr;
  Upstream* upstream = nullptr;
  bool route_cleared = false;  // A filter wants the route chosen anew.
  bool under_way = false;      // The request has passed the filters: its route stays.
  double draw = 0;             // From 0 to 1: chooses among weights, the same at every choice.
  std::string upstream_address;
  std::uint32_t attempts = 0;

  Headers response;
  bool by_service = false;  // The response is that of the service.
  Headers request_trailers;
  Headers response_trailers;
  int status = 0;
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::optional<Instant> upstream_begun;
  std::optional<Instant> upstream_answered;
  std::optional<Instant> first_byte;  // The head of the response went to the client.

  Outcome outcome = Outcome::client_gone;  // What it is when nobody says otherwise before the end.
  std::string details;                     // Of the outcome, for the log.

  // What plug-ins have set, by path with dots; read by later plug-ins and written to the access
  // log.
  std::vector<std::pair<std::string, std::string>> notes;
  [[nodiscard]] std::optional<std::string_view> note(std::string_view name) const;
  void set_note(std::string_view name, std::string_view value);
};

}  // namespace mynah
