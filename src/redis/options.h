// SPDX-License-Identifier: Apache-2.0
// What a client of Redis is told: where the servers are, who it is, how long it waits, how much it
// takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aio/tls.h"
#include "base/resp.h"
#include "base/time.h"
#include "redis/endpoint.h"

namespace mynah::redis {

// Without a password nobody is announced. Without a user the password is the default user's.
struct Login {
  std::string user;
  std::string password;
};

enum class Topology : std::uint8_t {
  single,    // one server; of several endpoints, the first that is a primary
  sentinel,  // the endpoints are Sentinels, which know where the primary is
  cluster,   // the endpoints are some nodes of a Redis Cluster, which know the others
};

// Which servers of a cluster answer commands that only read.
enum class ReadFrom : std::uint8_t { primary, replica };

// A reply's bytes cost memory many times over when it is made of tiny values, hence the limit of
// items.
inline constexpr RespLimits kReplyLimits{.bulk_bytes = std::size_t{16} << 20U,
                                         .items = std::size_t{1} << 17U,
                                         .message_bytes = std::size_t{16} << 20U};

struct Limits {
  std::size_t in_flight_max = 1024;  // Commands on one connection.
  std::size_t waiting_max = 1024;    // Callers that wait for one connection to be made.
  std::size_t unsent_bytes_max = std::size_t{32} << 20U;  // Of one connection.
  std::size_t nodes_max = 1024;                           // Servers of a cluster.
  RespLimits reply = kReplyLimits;
};

// The pauses between attempts to connect: each twice as long as the one before, and up to a half
// shorter by chance, so that many clients do not come back at once.
struct BackOff {
  Duration first = 50ms;
  Duration longest = 2s;
};

struct Options {
  Topology topology = Topology::single;
  std::vector<Endpoint> endpoints;  // At least one.
  std::string primary_name;         // What Sentinels call the primary.
  Login login;
  Login sentinel_login;
  std::uint32_t database = 0;
  RespVersion version = RespVersion::resp2;  // What replies look like; older servers know 2 only.
  ReadFrom read_from = ReadFrom::primary;

  std::shared_ptr<const TlsClientContext> tls;  // Null: none. Sentinels are spoken to alike.
  std::string tls_name;  // The name that certificates carry. Empty: that of each endpoint.

  Duration connect_timeout = 5s;  // Finding, connecting, TLS and the greeting together.
  BackOff back_off;
  Limits limits;
};

}  // namespace mynah::redis
