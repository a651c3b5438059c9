// SPDX-License-Identifier: Apache-2.0
// Services of the model: where requests go, and how connections to them are kept and judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/model_values.h"

namespace mynah::model {

struct Endpoint {
  Address address;
  std::uint32_t weight = 1;
  bool operator==(const Endpoint&) const = default;
};
struct StaticEndpoints {
  std::vector<Endpoint> endpoints;  // At least one.
  bool operator==(const StaticEndpoints&) const = default;
};
// A name that is resolved, and resolved again, while the gateway runs.
struct DnsName {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const DnsName&) const = default;
};
enum class EmbeddedKind : std::uint8_t { store, vectors, embeddings, demo_llm };
// A service inside the process.
struct Embedded {
  EmbeddedKind kind = EmbeddedKind::store;
  std::optional<Address> listen;            // Serves others too, on this address …
  std::string password;                     // … who know this password. Never empty with `listen`.
  std::uint64_t memory_bytes = 256 * kMiB;  // store, vectors: what may be kept in memory.
  std::string model;  // embeddings: folder of a model. Empty: those that come with Mynah.
  bool operator==(const Embedded&) const = default;
};

struct UpstreamTls {
  // Also the name that the certificate must carry. Empty: none is sent, the address must match.
  std::string sni;
  std::string ca;  // File of trusted certificates. Empty: those of the system.
  bool verify = true;
  std::optional<CertificateFiles> client_certificate;
  bool operator==(const UpstreamTls&) const = default;
};

enum class Protocol : std::uint8_t { http1, h2 };
enum class BalancingPolicy : std::uint8_t { round_robin, least_request, consistent_hash };
enum class HostHeader : std::uint8_t { client, service };

// consistent_hash hashes the named header, else the named cookie, else the address of the client.
struct LoadBalancing {
  BalancingPolicy policy = BalancingPolicy::round_robin;
  std::string hash_header;
  std::string hash_cookie;
  bool operator==(const LoadBalancing&) const = default;
};

// Connections of one worker to one endpoint, and what may wait for one.
struct Pool {
  std::uint32_t connections_max = 1024;
  std::uint32_t pending_max = 1024;
  std::uint32_t requests_per_connection = 0;
  Milliseconds idle_timeout = 60s;
  bool operator==(const Pool&) const = default;
};

struct StatusRange {
  std::uint16_t first = 200;
  std::uint16_t last = 299;
  bool operator==(const StatusRange&) const = default;
};

struct ActiveHealthCheck {
  std::string path = "/";
  std::string host;  // Empty: the host that requests to the service carry.
  Milliseconds interval = 10s;
  Milliseconds timeout = 2s;
  std::uint32_t unhealthy_threshold = 3;  // Failures in a row that take an endpoint out.
  std::uint32_t healthy_threshold = 2;    // Successes in a row that bring it back.
  std::vector<StatusRange> statuses = {{200, 299}};
  bool operator==(const ActiveHealthCheck&) const = default;
};

// Takes an endpoint out for a time because real requests fail on it: connections refused or broken,
// answers of 5xx.
struct OutlierEjection {
  std::uint32_t consecutive_errors = 5;  // Zero: never ejects.
  Milliseconds ejection_time = 30s;      // Times the number of ejections in a row, at most ten.
  double ejected_percent_max = 50;       // Of the endpoints; of several, one may always be.
  bool operator==(const OutlierEjection&) const = default;
};

// How much may be on its way to a service at once, over all workers; above it the answer is 503.
struct CircuitLimits {
  std::uint32_t requests_max = 0;
  std::uint32_t retries_max = 0;
  bool operator==(const CircuitLimits&) const = default;
};

enum class RedisTopology : std::uint8_t { single, sentinel, cluster };
enum class RedisReads : std::uint8_t { primary, replica };

// How a service is spoken to when plug-ins use it as Redis. Who they are, they say themselves.
struct RedisSettings {
  RedisTopology topology = RedisTopology::single;
  std::string primary;  // sentinel: what Sentinels call it.
  std::string sentinel_user;
  std::string sentinel_password;
  RedisReads read_from = RedisReads::primary;  // cluster: who answers commands that only read.
  bool operator==(const RedisSettings&) const = default;
};

struct Service {
  std::string name;
  std::variant<StaticEndpoints, DnsName, Embedded> origin;
  std::optional<UpstreamTls> tls;
  Protocol protocol = Protocol::http1;
  // Whose name the host header carries: the loader has chosen `service` for a DNS name unless the
  // file says otherwise. `service` is the DNS name, with the port when it is not the scheme's own;
  // of static endpoints it is the address.
  HostHeader host_header = HostHeader::client;
  LoadBalancing load_balancing;
  Milliseconds connect_timeout = 5s;
  Pool pool;
  std::optional<ActiveHealthCheck> health_check;
  OutlierEjection outlier_ejection;
  CircuitLimits circuit;
  RedisSettings redis;
  bool operator==(const Service&) const = default;
};

}  // namespace mynah::model
