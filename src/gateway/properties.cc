// SPDX-License-Identifier: Apache-2.0
// One function a group of attributes; a path leads to a group by its first part.
#include "gateway/properties.h"

#include <chrono>
#include <utility>

#include "base/text.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

using wasm::Property;
using Found = std::optional<Property>;

Found text(std::string_view value) { return Property(std::string(value)); }
Found number(std::uint64_t value) { return Property(static_cast<std::int64_t>(value)); }

Found header(const Headers& headers, std::string_view name) {
  const auto value = headers.find(name);
  return value ? text(*value) : std::nullopt;
}

// A map as a whole, or one of its values.
Found map(const Headers& headers, wasm::PropertyPath rest) {
  if (rest.empty()) {
    Headers copy(headers);
    return Property(std::move(copy));
  }
  return header(headers, lower(rest.front()));
}

std::string_view protocol(http::Version version) { return http::name_of(version); }

Found request_attribute(Exchange& exchange, wasm::PropertyPath path, Instant now) {
  const std::string_view name = path[0];
  const Headers& headers = exchange.client_stream.request();
  const std::string_view target = headers.value_or(":path", "");
  if (name == "path") return text(target);
  if (name == "url_path") return text(cut(target, "?").before);
  if (name == "query") return text(cut(target, "?").after);
  if (name == "host") return header(headers, ":authority");
  if (name == "method") return header(headers, ":method");
  if (name == "scheme") return header(headers, "x-forwarded-proto");
  if (name == "headers") return map(headers, path.subspan(1));
  if (name == "referer") return header(headers, "referer");
  if (name == "useragent") return header(headers, "user-agent");
  if (name == "id") return text(exchange.request_id);
  if (name == "protocol") return text(protocol(exchange.client_stream.version()));
  if (name == "time")
    return number(static_cast<std::uint64_t>(exchange.begun_wall.time_since_epoch().count()));
  if (name == "duration") return number(static_cast<std::uint64_t>((now - exchange.begun).count()));
  if (name == "size") return number(exchange.request_bytes);
  if (name == "total_size") return number(exchange.request_bytes + headers.text_bytes());
  return std::nullopt;
}

// Who gave the response. Plug-ins of the family leave responses alone that do not come from the
// service, which they know by this word.
Found code_details(const Exchange& exchange) {
  if (exchange.by_service) return text("via_upstream");
  return text(exchange.details.empty() ? name_of(exchange.outcome) : exchange.details);
}

Found response_attribute(Exchange& exchange, wasm::PropertyPath path) {
  const std::string_view name = path[0];
  const Headers& headers = exchange.response;
  if (name == "code") {
    const int status = parse_number<int>(headers.value_or(":status", "")).value_or(exchange.status);
    return status == 0 ? std::nullopt : number(static_cast<std::uint64_t>(status));
  }
  if (name == "code_details") return code_details(exchange);
  if (name == "flags") return number(0);
  if (name == "headers") return map(headers, path.subspan(1));
  if (name == "trailers") return map(exchange.response_trailers, path.subspan(1));
  if (name == "size") return number(exchange.response_bytes);
  if (name == "total_size") return number(exchange.response_bytes + headers.text_bytes());
  if (name == "grpc_status") return header(exchange.response_trailers, "grpc-status");
  if (name == "backend_latency" && exchange.upstream_begun && exchange.upstream_answered) {
    return number(static_cast<std::uint64_t>(
        (*exchange.upstream_answered - *exchange.upstream_begun).count()));
  }
  return std::nullopt;
}

Found connection_attribute(Exchange& exchange, std::string_view name) {
  const http::PeerInfo& peer = exchange.client_stream.peer();
  if (name == "mtls") return Property(false);
  if (name == "tls_version") return peer.tls ? text("TLS") : std::nullopt;
  if (name == "requested_server_name")
    return peer.server_name.empty() ? std::nullopt : text(peer.server_name);
  if (name == "id") return number(0);
  return std::nullopt;
}

Found upstream_attribute(const Exchange& exchange, std::string_view name) {
  if (name == "address" && !exchange.upstream_address.empty())
    return text(exchange.upstream_address);
  if (name == "port") {
    const std::size_t colon = exchange.upstream_address.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto port = parse_unsigned(std::string_view(exchange.upstream_address).substr(colon + 1));
    return port ? number(*port) : std::nullopt;
  }
  return std::nullopt;
}

Found simple_attribute(Exchange& exchange, std::string_view name) {
  if (name == "route_name" && exchange.route != nullptr) return text(exchange.route->name);
  if (name == "cluster_name" && exchange.upstream != nullptr)
    return text(exchange.upstream->cluster_name());
  if (name == "plugin_vm_id" || name == "plugin_root_id") return text("");
  if (name == "listener_direction") return number(1);
  return std::nullopt;
}

}  // namespace

std::string note_name(wasm::PropertyPath path) {
  std::string name;
  for (const std::string_view part : path) {
    if (!name.empty()) name.push_back('.');
    name.append(part);
  }
  return name;
}

Found property_of(Exchange& exchange, wasm::PropertyPath path, Instant now) {
  if (!exchange.notes.empty()) {
    if (const auto note = exchange.note(note_name(path))) return text(*note);
  }
  const std::string_view group = path.front();
  const auto rest = path.subspan(1);
  if (rest.empty()) return simple_attribute(exchange, group);
  if (group == "request") return request_attribute(exchange, rest, now);
  if (group == "response") return response_attribute(exchange, rest);
  if (group == "source" && rest[0] == "address") {
    return text(cat(exchange.client.address, ":", exchange.client_stream.peer().port));
  }
  if (group == "source" && rest[0] == "port") return number(exchange.client_stream.peer().port);
  if (group == "connection") return connection_attribute(exchange, rest[0]);
  if (group == "upstream") return upstream_attribute(exchange, rest[0]);
  if (group == "xds" && rest[0] == "route_name") return simple_attribute(exchange, "route_name");
  if (group == "xds" && rest[0] == "cluster_name")
    return simple_attribute(exchange, "cluster_name");
  return std::nullopt;
}

}  // namespace mynah
