// SPDX-License-Identifier: Apache-2.0
// Host functions: what becomes of an exchange. What ends or continues it happens after the plug-in
// has returned.
#include <algorithm>

#include "wasm/header_rules.h"
#include "wasm/host.h"
#include "wasm/pairs.h"

namespace mynah::wasm {
namespace {

std::optional<Direction> direction_of(abi::StreamType stream) {
  switch (stream) {
    case abi::StreamType::http_request:
      return Direction::request;
    case abi::StreamType::http_response:
      return Direction::response;
    default:
      return std::nullopt;
  }
}

}  // namespace

abi::Status Host::send_local_response(std::uint32_t status, std::string_view details,
                                      std::string_view body, std::string_view headers,
                                      std::int32_t grpc_status) {
  const Limits& limits = settings_.limits;
  if (exchange() == nullptr || status < 200 || status > 599) return abi::Status::bad_argument;
  if (body.size() > limits.local_response_bytes || details.size() > limits.property_value_bytes) {
    return abi::Status::bad_argument;
  }
  std::optional<Headers> given = decode_pairs(headers);
  if (!given) return abi::Status::bad_argument;
  LocalResponse response{status, std::string(details), std::string(body), {}, grpc_status};
  for (const Headers::Field& field : *given) {
    if (!is_pseudo(field.name)) response.headers.add(field.name, field.value);
  }
  Context& context = acting();
  if (context.answered) return abi::Status::ok;  // The first answer counts.
  context.answered = context.phase.has_value();
  later([this, id = context.id, answer = std::move(response)]() mutable {
    if (Exchange* const live = live_exchange(id)) live->respond(std::move(answer));
  });
  return abi::Status::ok;
}

// In the midst of that direction's phase it turns the phase's answer into "continue"; at any other
// time it wakes the direction if the plug-in has stopped it.
abi::Status Host::resume(Context& context, Direction direction) {
  if (context.phase == direction) {
    context.resumed = true;
    return abi::Status::ok;
  }
  bool& stopped = context.stopped[static_cast<std::size_t>(direction)];
  if (!stopped) return abi::Status::ok;
  stopped = false;
  later([this, id = context.id, direction] {
    if (Exchange* const live = live_exchange(id)) live->resume(direction);
  });
  return abi::Status::ok;
}

abi::Status Host::continue_stream(abi::StreamType stream) {
  const auto direction = direction_of(stream);
  if (stream > abi::StreamType::upstream) return abi::Status::bad_argument;
  if (!direction) return abi::Status::unimplemented;
  if (exchange() == nullptr) return abi::Status::bad_argument;
  return resume(acting(), *direction);
}

abi::Status Host::close_stream(abi::StreamType stream) {
  const auto direction = direction_of(stream);
  if (stream > abi::StreamType::upstream) return abi::Status::bad_argument;
  if (!direction) return abi::Status::unimplemented;
  if (exchange() == nullptr) return abi::Status::bad_argument;
  Context& context = acting();
  if (context.phase) context.answered = true;
  later([this, id = context.id, which = *direction] {
    if (Exchange* const live = live_exchange(id)) live->reset(which);
  });
  return abi::Status::ok;
}

abi::Status Host::clear_route_cache() {
  if (exchange() == nullptr) return abi::Status::bad_argument;
  exchange()->clear_route();
  return abi::Status::ok;
}

abi::Status Host::set_effective_context(std::uint32_t context) {
  Context* const found = find_context(context);
  if (found == nullptr) return abi::Status::bad_argument;
  effective_ = found;
  return abi::Status::ok;
}

abi::Status Host::done() {
  Context& context = acting();
  if (!context.pending) return abi::Status::not_found;
  set_pending(context, false);
  later([this, id = context.id] { done_(id); });
  return abi::Status::ok;
}

abi::Status Host::inject_response(std::string_view bytes, std::uint32_t end_stream) {
  if (exchange() == nullptr) return abi::Status::bad_argument;
  Context& context = acting();
  if (bytes.size() > settings_.limits.injected_bytes - context.injected) {
    return abi::Status::bad_argument;
  }
  context.injected += bytes.size();
  later([this, id = context.id, copy = std::string(bytes),
         end = end_stream != 0 ? End::yes : End::no]() mutable {
    if (Exchange* const live = live_exchange(id)) live->inject_response(std::move(copy), end);
  });
  return abi::Status::ok;
}

abi::Status Host::get_upstream_hosts(Reply& pairs) {
  if (exchange() == nullptr) return abi::Status::bad_argument;
  pairs.own_pairs(exchange()->upstream_hosts());
  return abi::Status::ok;
}

abi::Status Host::set_upstream_host(std::string_view address) {
  if (exchange() == nullptr) return abi::Status::bad_argument;
  if (address.size() > settings_.limits.property_path_bytes) return abi::Status::bad_argument;
  const Status set = exchange()->set_upstream_host(address);
  return set ? abi::Status::ok : status_of(set.error());
}

abi::Status Host::set_tick_period(std::uint32_t milliseconds) {
  const Context& root = acting_root();
  if (root.id == 0) return abi::Status::bad_argument;
  std::chrono::milliseconds period(milliseconds);
  acting_root().ticks = milliseconds != 0;
  if (milliseconds != 0) period = std::max(period, settings_.limits.tick_period_min);
  outside_.set_tick_period(root.id, period);
  return abi::Status::ok;
}

}  // namespace mynah::wasm
