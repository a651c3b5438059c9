// SPDX-License-Identifier: Apache-2.0
// Resolver: names to addresses, for one loop.
//
//   auto addresses = co_await resolver.resolve("api.example.org", 443, deadline);
//   auto connection = co_await connect_any(loop, *addresses, deadline);
//
// The system's resolver is asked on a pool, once for all who ask for the same name meanwhile.
// Answers are kept for a time that is a setting, since the system does not tell theirs. An old
// answer is given while it is being refreshed, and when it cannot be, for longer; so a failing name
// server is noticed late.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/address.h"
#include "aio/event.h"
#include "aio/loop.h"
#include "aio/pool.h"
#include "aio/scope.h"
#include "base/result.h"
#include "base/task.h"

namespace mynah {

class Resolver final {
 public:
  using Addresses = std::vector<Address>;
  // Asks for a name's addresses, on a thread of the pool. Ports are 0.
  using Lookup = std::function<Result<Addresses>(const std::string& name)>;

  struct Options {
    Duration ttl = 30s;            // How long an answer is fresh.
    Duration stale_ttl = 10min;    // How long it is given, counted from when it came.
    Duration failure_ttl = 1s;     // How long a failure is an answer.
    std::size_t names_max = 4096;  // How many names are kept.
    Lookup lookup = &Resolver::ask_system;
  };

  Resolver(Loop& loop, BlockingPool& pool, Options options);
  Resolver(Resolver&&) = delete;

  // The name's addresses, at least one. Numeric addresses and localhost are known without asking.
  Task<Result<Addresses>> resolve(std::string_view name, std::uint16_t port, Instant deadline);

  // getaddrinfo: IPv4 and IPv6.
  static Result<Addresses> ask_system(const std::string& name);

 private:
  struct Entry {
    Addresses addresses;
    std::optional<Error> failure;  // Of the last attempt.
    Instant fresh_until = Instant::min();
    Instant usable_until = Instant::min();  // The addresses.
    bool asking = false;
    std::vector<Event*> waiting;
  };

  Entry& ensure_entry(const std::string& name);
  void make_room();
  Task<> ask(std::string name);
  Task<Status> wait_for(Entry& entry, const std::string& name, Instant deadline);

  Loop& loop_;
  BlockingPool& pool_;
  const Options options_;
  std::map<std::string, Entry> entries_;
  Scope asking_;
};

}  // namespace mynah
