// SPDX-License-Identifier: Apache-2.0
// Cluster: the client's view of a Redis Cluster: the map of slots, and a node for each server that
// was asked. A command goes to the server that holds its slot; commands without a key go to any.
//
// What servers say corrects the map: MOVED changes a slot at once and fetches a new map, ASK sends
// one command elsewhere, a server that is away has the map fetched from the others. TRYAGAIN,
// CLUSTERDOWN and LOADING are given a little time to pass. Each call has a maximum of such turns,
// so servers that point at each other end it with the last reply.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "redis/node.h"
#include "redis/slots.h"

namespace mynah::redis {

class Cluster final {
 public:
  Cluster(Context& context, Link::Greeting greeting);
  Cluster(Cluster&&) = delete;

  // `bytes` are the words, encoded. Errors: those of Node::call.
  Task<Result<Resp>> call(std::span<const std::string_view> words, std::string_view bytes,
                          Instant deadline);

 private:
  struct Turn;

  // Where a command goes next, after a reply or an error; nothing when that is the outcome.
  Task<std::optional<Endpoint>> next(Turn& turn, const Endpoint& asked, const Result<Resp>& reply,
                                     Instant deadline);
  Task<std::optional<Endpoint>> redirect(Turn& turn, const Endpoint& asked, std::string_view error,
                                         Instant deadline);
  [[nodiscard]] Result<Endpoint> choose(const Turn& turn);
  Result<Node*> node(const Endpoint& endpoint);

  void ensure_fetching();
  Task<Status> fresh_map(Instant deadline);
  static Task<> fetch(Cluster& cluster);
  Task<Status> fetch_from(const Endpoint& endpoint);
  [[nodiscard]] std::vector<Endpoint> informants();
  void drop_strangers();

  Context& context_;
  const Link::Greeting greeting_;
  SlotMap map_;
  std::optional<Error> failure_;  // Of the last attempt to fetch a map.
  Instant fetched_;               // When that was; never is long ago.
  bool fetching_ = false;
  std::map<Endpoint, std::unique_ptr<Node>> nodes_;
  Waiters waiters_;
  Scope running_;  // Last: it uses all of the above.
};

}  // namespace mynah::redis
