// SPDX-License-Identifier: Apache-2.0
// What is the same for all topologies, and the choice among them.
#include "redis/client.h"

#include <utility>

#include "aio/dns.h"
#include "aio/loop.h"
#include "base/check.h"
#include "base/text.h"
#include "redis/cluster.h"
#include "redis/command.h"
#include "redis/node.h"
#include "redis/sentinel.h"

namespace mynah::redis {

struct Client::Parts {
  Parts(Loop& loop, Resolver& resolver, const Options& options, Health& health, std::uint64_t seed)
      : dice(seed), context{loop, resolver, options, health, dice} {}

  Random dice;
  Context context;
  std::unique_ptr<Node> node;        // Of one server,
  std::unique_ptr<Cluster> cluster;  // or of many.
};

Client::Client(Loop& loop, Resolver& resolver, Options options, Health& health, std::uint64_t seed)
    : options_(std::move(options)),
      parts_(std::make_unique<Parts>(loop, resolver, options_, health, seed)) {
  MYNAH_CHECK(!options_.endpoints.empty());
  Link::Greeting greeting{options_.login, options_.database, options_.version};
  if (options_.topology == Topology::cluster) {
    greeting.reads_replicas = options_.read_from == ReadFrom::replica;
    parts_->cluster = std::make_unique<Cluster>(parts_->context, std::move(greeting));
    return;
  }
  std::unique_ptr<Locator> places;
  if (options_.topology == Topology::sentinel) {
    places = std::make_unique<SentinelPlaces>(parts_->context);
  } else {
    places = std::make_unique<FixedPlaces>(options_.endpoints);
  }
  parts_->node = std::make_unique<Node>(parts_->context, std::move(places), std::move(greeting),
                                        Node::Part::primary);
}

Client::~Client() = default;

Task<Result<Resp>> Client::call(std::span<const std::string_view> words, Duration timeout) {
  if (words.empty()) co_return Error{Errc::invalid_argument, "an empty command"};
  const CommandKind kind = kind_of(words);
  if (!kind.shareable) {
    co_return Error{Errc::unsupported,
                    cat("ERR '", lower(words[0]), "' cannot be sent on a shared connection")};
  }
  const Instant deadline = parts_->context.loop.in(timeout);
  std::string bytes;
  encode_command(words, bytes);
  if (parts_->cluster != nullptr) co_return co_await parts_->cluster->call(words, bytes, deadline);
  const Repeat repeat = kind.only_reads ? Repeat::always : Repeat::if_unsent;
  co_return co_await parts_->node->call(bytes, 1, repeat, deadline);
}

}  // namespace mynah::redis
