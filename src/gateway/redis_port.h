// SPDX-License-Identifier: Apache-2.0
// A service that speaks Redis, outside the process, as plug-ins reach it: a command in RESP goes
// in, a reply in RESP comes out. Each configuration of a plug-in has a client of its own on each
// worker, so that neither another's database nor its slow replies are its own.
//
// What a plug-in sees of a failure: of a server that cannot be reached or does not answer in time,
// a status that is not 0; of one that refuses the client (a wrong password), and of commands that
// cannot be sent on a shared connection, an error reply.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <cstdint>
#include <memory>

#include "base/metrics.h"
#include "gateway/observer.h"
#include "gateway/plugin_host.h"

namespace mynah {

class Resolver;

// What a port needs of its worker; both outlive it.
struct RedisPlace {
  Loop& loop;
  Resolver& resolver;
  std::uint32_t worker = 0;
  std::uint64_t seed = 0;
};

// The metrics of all ports, and the log. Thread-safe.
struct RedisMeters {
  RedisMeters(Metrics& metrics, Observer& told);

  CounterFamily& calls;
  HistogramFamily& seconds;
  GaugeFamily& connections;
  CounterFamily& failed_connects;
  CounterFamily& redirects;
  Observer& observer;
};

// Errors: unsupported (an embedded service that speaks something else), and those of TLS files.
Result<std::shared_ptr<RedisPort>> make_redis_port(const RedisPlace& place,
                                                   const model::Service& service,
                                                   const wasm::RedisService& wanted,
                                                   RedisMeters& meters);

}  // namespace mynah
