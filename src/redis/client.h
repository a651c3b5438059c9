// SPDX-License-Identifier: Apache-2.0
// Client: a client of Redis on one loop: of one server, of whichever server Sentinels name as the
// primary, or of a Redis Cluster. One connection a server, shared by all calls, which are
// pipelined.
//
//   Client client(loop, resolver, options, health, seed);
//   auto reply = co_await client.call({{"get", key}}, 1s);       // Result<Resp>
//
// - Every call ends within its time, whatever the servers do.
// - An error reply of the server is a reply. An Error means that there is none; of the command it
//   says: unavailable, exhausted: it was not carried out; denied: the server refuses this client
//   (`what` is its own text, as an error reply would spell it); unsupported: the command cannot be
//   sent on a shared connection; anything else: it may or may not have been carried out.
// - Commands that only read are sent again when their connection breaks; others only if they were
//   certainly not carried out.
// - All calls end before the client is destroyed.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/random.h"
#include "base/resp.h"
#include "base/task.h"
#include "redis/health.h"
#include "redis/options.h"

namespace mynah {
class Loop;
class Resolver;
}  // namespace mynah

namespace mynah::redis {

class Client final {
 public:
  // What is borrowed outlives the client. `seed` is for jitter and the spreading of load.
  Client(Loop& loop, Resolver& resolver, Options options, Health& health, std::uint64_t seed);
  ~Client();
  Client(Client&&) = delete;

  Task<Result<Resp>> call(std::span<const std::string_view> words, Duration timeout);

  [[nodiscard]] const Options& options() const { return options_; }

 private:
  struct Parts;

  const Options options_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mynah::redis
