// SPDX-License-Identifier: Apache-2.0
// What the gateway is to do: the configuration as plain values, after parsing and checking. It
// knows no file format and has no behaviour. `control` builds it; the gateway reads it.
//
// - A Config is complete and consistent: every name it refers to exists, every address, pattern and
//   path is well formed, names are unique, the embedded services are present. The gateway need not
//   check again.
// - It is immutable once built and is shared by all workers as std::shared_ptr<const Config>. Two
//   equal values ask for the same behaviour, so comparing parts of two configurations tells what a
//   reload has to touch.
// - The defaults stand here and nowhere else. An optional that is empty means that something else
//   decides, as its comment says.
// - Times are milliseconds, sizes are bytes. Unless a comment says otherwise, zero means no limit.
// - Relative paths of the file are already resolved against the folder of the file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/model_route.h"
#include "gateway/model_service.h"
#include "gateway/model_values.h"

namespace mynah::model {

// ---- The edge ----

enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

struct ListenerTls {
  // At least one. SNI chooses, the first is for everybody else.
  std::vector<CertificateFiles> certificates;
  TlsVersion min_version = TlsVersion::tls1_2;
  std::vector<std::string> alpn = {"h2", "http/1.1"};  // In order of preference.
  bool operator==(const ListenerTls&) const = default;
};

struct Listener {
  Address address;
  std::optional<ListenerTls> tls;  // Empty: HTTP/1.1, and HTTP/2 by prior knowledge, in the clear.
  bool proxy_protocol = false;     // Every connection starts with a PROXY header, version 1 or 2.
  bool operator==(const Listener&) const = default;
};

// What one client, and all clients together, may use up. Connections, memory and descriptors are
// counted over the whole process; everything else is for one message, stream or connection.
struct Limits {
  std::uint32_t header_count = 100;
  std::uint64_t header_bytes = 64 * kKiB;
  std::uint64_t uri_bytes = 16 * kKiB;
  std::uint64_t body_bytes = 1 * kGiB;
  std::uint64_t gathered_body_bytes = 32 * kMiB;  // Of a body that a plug-in wants in one piece.
  std::uint32_t connections = 20'000;
  std::uint32_t streams = 100;         // Open HTTP/2 streams of a connection.
  Milliseconds header_timeout = 10s;   // From the first byte of a request to the end of its header.
  Milliseconds idle_timeout = 75s;     // Of a connection without an exchange.
  Milliseconds stream_timeout = 5min;  // Of an exchange in which no byte moves.
  Milliseconds overall_timeout = 1h;   // Of an exchange, start to end.
  std::uint64_t body_rate_min = 240;   // Bytes a second that a client must send or take, averaged.
  Milliseconds body_rate_grace = 10s;  // How long an exchange may be slower than that.
  Milliseconds connection_lifetime = 1h;  // Then it is closed after the exchanges it carries.
  Milliseconds drain_grace = 1s;  // At the end: not ready any more, new connections still accepted.
  Milliseconds drain_time = 30s;  // After that: how long exchanges in flight may take.
  std::uint64_t memory_bytes = 0;  // New exchanges are refused above it. Zero: nine tenths of what
                                   // the machine or its control group has.
  bool operator==(const Limits&) const = default;
};

// Whom the gateway believes about the client, and what a client may never claim about itself.
struct Forwarding {
  // How many proxies in front of the gateway are ours: so many entries of x-forwarded-for, from the
  // right, are true.
  std::uint32_t trusted_hops = 0;
  // Or: the addresses of those proxies. When given, trusted_hops is zero.
  std::vector<Cidr> trusted_proxies;
  // Headers that only plug-ins may set: removed from every request as it comes in.
  std::vector<std::string> identity_headers = {
      "x-mse-consumer",        "x-mse-consumer-group",   "x-mse-tag",
      "x-higress-uid",         "x-higress-llm-model",    "x-higress-llm-provider",
      "x-higress-geo-country", "x-higress-geo-province", "x-higress-geo-city",
      "x-higress-geo-isp",     "x-envoy-original-path",  "x-envoy-original-host",
      "x-envoy-original-auth", "x-envoy-allow-mcp-tools"};
  std::string via = "mynah";  // How the gateway names itself in `via`. Empty: adds none.
  bool operator==(const Forwarding&) const = default;
};

struct AccessLog {
  bool enabled = true;
  std::string path;  // Empty: standard output.
  bool operator==(const AccessLog&) const = default;
};

struct Tracing {
  // Of an OTLP/HTTP collector, with its path. Empty: nothing is exported.
  std::optional<Url> endpoint;
  std::string service_name = "mynah";
  double sample_percent = 100;  // Of exchanges that bring no decision of their own in traceparent.
  std::vector<NameValue> headers;
  bool operator==(const Tracing&) const = default;
};

// `normal` is spelt `default` in files.
enum class Stage : std::uint8_t { authn, authz, stats, normal };

struct Gateway {
  std::vector<Listener> listeners = {{*Address::from_ip("127.0.0.1", 8080), std::nullopt, false}};
  std::uint32_t workers = 0;  // Zero: one a CPU.
  Limits limits;
  Forwarding forwarding;
  AccessLog access_log;
  Tracing tracing;
  std::vector<Stage> stage_order = {Stage::authn, Stage::authz, Stage::stats, Stage::normal};
  bool operator==(const Gateway&) const = default;
};

struct Console {
  Address address = *Address::from_ip("127.0.0.1", 8001);
  std::optional<ListenerTls> tls;
  bool operator==(const Console&) const = default;
};

// ---- Plug-ins ----

enum class OnFailure : std::uint8_t { open, closed };

struct PluginLimits {
  std::uint64_t memory_bytes = 128 * kMiB;  // Of one machine.
  Milliseconds call_time = 1s;              // Of one call into it. Never zero.
  Milliseconds paused_max = 2min;           // How long it may hold an exchange while it waits.
  std::uint32_t log_lines_per_second = 100;
  bool operator==(const PluginLimits&) const = default;
};

// The plug-in on some exchanges only. It applies where every list that is not empty has an entry
// that fits.
struct PluginRule {
  std::vector<std::string> hosts;     // As in Match.
  std::vector<std::string> routes;    // Names.
  std::vector<std::string> services;  // Names.
  bool enabled = true;
  // JSON text that stands in the place of the plug-in's. Empty: the plug-in's.
  std::optional<std::string> config;
  bool operator==(const PluginRule&) const = default;
};

struct Plugin {
  std::string id;
  std::string wasm;     // File of the module. Empty: a built-in or published plug-in of that id …
  std::string url;      // … unless it is fetched from here: oci://, http://, https://.
  std::string sha256;   // In hex, when the file must have it.
  std::string version;  // Of a published plug-in. Empty: the newest.
  std::string root_id;  // Which of the module's root contexts. Empty: its only one.
  std::optional<Stage> stage;            // Empty: what the module says of itself, else `normal`.
  std::optional<std::int32_t> priority;  // Empty: what the module says of itself, else 100.
  std::optional<OnFailure> on_failure;  // Empty: what the module says of itself, else closed in the
                                        // stages authn and authz, open in the others.
  bool enabled = true;                  // False: it runs nowhere, whatever the rules say.
  bool rules_only = false;              // True: it runs only where a rule enables it.
  std::string config = "{}";            // JSON text.
  PluginLimits limits;
  std::vector<NameValue> environment;  // Variables that the module sees.
  std::vector<PluginRule> rules;       // The first that fits decides.
  bool operator==(const Plugin&) const = default;
};

// ---- The whole ----

// The embedded services that are there without being declared.
inline constexpr std::array<std::pair<const char*, EmbeddedKind>, 4> kEmbeddedServices = {{
    {"store", EmbeddedKind::store},
    {"vectors", EmbeddedKind::vectors},
    {"embedder", EmbeddedKind::embeddings},
    {"demo", EmbeddedKind::demo_llm},
}};

struct Config {
  Gateway gateway;
  Console console;
  std::string data = "./data";  // Folder of the embedded store, published plug-ins, accounts.
  std::vector<Service> services;
  std::vector<Route> routes;  // In the order of the file.
  std::vector<Plugin> plugins;
  bool operator==(const Config&) const = default;
};

}  // namespace mynah::model
