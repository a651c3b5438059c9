// SPDX-License-Identifier: Apache-2.0
// The seam between an exchange of the gateway and a stream of a plug-in's machine.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/wasm_filter.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "gateway/generation.h"
#include "gateway/properties.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

constexpr std::size_t kNotesMax = 256;
constexpr std::string_view kClearRoute = "clear_route_cache";

bool tells_route(wasm::PropertyPath path) {
  const std::string_view name = path.back();
  return name.starts_with("route_") || name.starts_with("cluster_");
}

}  // namespace

WasmFilter::WasmFilter(std::shared_ptr<PluginHost> host, std::shared_ptr<PluginMachine> machine,
                       wasm::RootId root, Chain& chain, mynah::Exchange& exchange)
    : host_(std::move(host)),
      machine_(std::move(machine)),
      chain_(chain),
      exchange_(exchange),
      stream_(machine_->machine(), root, *this) {}

WasmFilter::~WasmFilter() {
  // What a plug-in does at the end of an exchange can fail as anything it does; the host is told of
  // a fault.
  if (auto finished = stream_.finish(); !finished && finished.error().code == Errc::plugin_fault) {
    host_->machine_failed(finished.error());
  }
}

template <class Action>
Result<Action> WasmFilter::told(Result<Action> answered) {
  if (!answered && answered.error().code == Errc::plugin_fault)
    host_->machine_failed(answered.error());
  return answered;
}

Result<abi::HeadersAction> WasmFilter::on_headers(Direction direction, End end) {
  return told(direction == Direction::request ? stream_.on_request_headers(end)
                                              : stream_.on_response_headers(end));
}

Result<abi::BodyAction> WasmFilter::on_body(Direction direction, End end) {
  return told(direction == Direction::request ? stream_.on_request_body(end)
                                              : stream_.on_response_body(end));
}

Result<abi::TrailersAction> WasmFilter::on_trailers(Direction direction) {
  return told(direction == Direction::request ? stream_.on_request_trailers()
                                              : stream_.on_response_trailers());
}

bool WasmFilter::wants_body(Direction direction) const { return stream_.wants_body(direction); }

Headers* WasmFilter::headers(abi::MapType map) {
  switch (map) {
    case abi::MapType::request_headers:
      return &exchange_.client_stream.request();
    case abi::MapType::request_trailers:
      return &exchange_.request_trailers;
    case abi::MapType::response_headers:
      return exchange_.response.empty() ? nullptr : &exchange_.response;
    case abi::MapType::response_trailers:
      return exchange_.response.empty() ? nullptr : &exchange_.response_trailers;
    default:
      return nullptr;
  }
}

// A request with other headers may belong to another route; a plug-in whose changes do not matter
// to routes switches that off for the exchange.
void WasmFilter::headers_changed(abi::MapType map) {
  if (map == abi::MapType::request_headers && exchange_.note(kClearRoute) != "off") clear_route();
}

SliceChain* WasmFilter::body(Direction direction) { return chain_.body_of(place_, direction); }

std::optional<wasm::Property> WasmFilter::property(wasm::PropertyPath path) {
  if (path.size() == 1 && path[0] == "plugin_name") return wasm::Property(host_->code().id);
  // Who asks after a change sees the route to which the change leads.
  if (exchange_.route_cleared && tells_route(path)) exchange_.generation->choose_route(exchange_);
  return property_of(exchange_, path, exchange_.begun);
}

Status WasmFilter::set_property(wasm::PropertyPath path, std::string_view value) {
  if (exchange_.notes.size() >= kNotesMax)
    return Error{Errc::exhausted, "too many properties are set"};
  exchange_.set_note(note_name(path), value);
  return ok();
}

void WasmFilter::clear_route() {
  if (!exchange_.under_way) exchange_.route_cleared = true;
}

Headers WasmFilter::upstream_hosts() {
  Headers hosts;
  if (exchange_.upstream == nullptr) return hosts;
  for (const auto& endpoint : exchange_.upstream->endpoints()) {
    JsonWriter state;
    const bool well = endpoint->usable(exchange_.upstream->loop().now());
    state.begin_object();
    state.key("health_status").value(well ? "Healthy" : "Unhealthy");
    state.key("weight").value(endpoint->weight());
    state.key("metrics").begin_object().key("rq_active").value(endpoint->in_flight).end_object();
    state.end_object();
    hosts.add(endpoint->address().text(), std::move(state).take());
  }
  return hosts;
}

Status WasmFilter::set_upstream_host(std::string_view address) {
  exchange_.set_note("upstream_override_host", address);
  return ok();
}

void WasmFilter::respond(wasm::LocalResponse response) {
  chain_.respond(place_, std::move(response));
}
void WasmFilter::resume(Direction direction) { chain_.resume(place_, direction); }
void WasmFilter::reset(Direction) { chain_.reset(place_); }
void WasmFilter::inject_response(std::string bytes, End end) {
  chain_.inject_response(place_, std::move(bytes), end);
}

void WasmFilter::plugin_failed(const Error& error) {
  host_->machine_failed(error);
  chain_.fail(place_, error);
}

}  // namespace mynah
