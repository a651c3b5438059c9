// SPDX-License-Identifier: Apache-2.0
// A call's turns through the cluster, and how the map is kept.
#include "redis/cluster.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mynah::redis {
namespace {

constexpr int kTurnsMax = 8;
// What may pass by itself is waited for so long, then twice as long, and so on.
constexpr Duration kFirstPatience = 10ms;
constexpr int kPausesMax = 4;
// A map is not fetched more often, however much goes wrong,
constexpr Duration kFetchedSeldom = 100ms;
// and when replicas are read from, not more seldom: nobody tells of new ones.
constexpr Duration kFetchedOften = 60s;
constexpr Duration kInformantTime = 1s;
constexpr std::size_t kInformantsMax = 8;

constexpr std::string_view kAsking = "*1\r\n$6\r\nASKING\r\n";

bool passes(std::string_view error) {
  return error.starts_with("TRYAGAIN") || error.starts_with("CLUSTERDOWN") ||
         error.starts_with("LOADING");
}

bool is_away(Errc code) {
  return code == Errc::unavailable || code == Errc::closed || code == Errc::timeout;
}

}  // namespace

// What a call has been through.
struct Cluster::Turn {
  std::optional<std::uint16_t> slot;
  CommandKind kind;
  bool asking = false;   // The command goes with ASKING.
  bool primary = false;  // Replicas are not asked any more.
  int pauses = 0;
};

Cluster::Cluster(Context& context, Link::Greeting greeting)
    : context_(context),
      greeting_(std::move(greeting)),
      fetched_(Instant::min()),
      waiters_(context.loop, context.options.limits.waiting_max),
      running_(context.loop) {}

Task<Result<Resp>> Cluster::call(std::span<const std::string_view> words, std::string_view bytes,
                                 Instant deadline) {
  Turn turn{slot_of(words), kind_of(words)};
  const Repeat repeat = turn.kind.only_reads ? Repeat::always : Repeat::if_unsent;
  if (map_.empty()) MYNAH_CO_OK(co_await fresh_map(deadline));
  const bool aged = context_.loop.now() - fetched_ > kFetchedOften;
  if (context_.options.read_from == ReadFrom::replica && aged) ensure_fetching();
  MYNAH_CO_LET(Endpoint target, choose(turn));
  for (int turns = 1;; ++turns) {
    MYNAH_CO_LET(Node* const asked, node(target));
    const std::string both = turn.asking ? cat(kAsking, bytes) : std::string();
    auto reply =
        co_await asked->call(turn.asking ? both : bytes, turn.asking ? 2 : 1, repeat, deadline);
    if (turns == kTurnsMax) co_return reply;
    auto further = co_await next(turn, target, reply, deadline);
    if (!further) co_return reply;
    target = *std::move(further);
  }
}

Task<std::optional<Endpoint>> Cluster::next(Turn& turn, const Endpoint& asked,
                                            const Result<Resp>& reply, Instant deadline) {
  if (reply) {
    if (!reply->is_error()) co_return std::nullopt;
    co_return co_await redirect(turn, asked, reply->text.view(), deadline);
  }
  const Errc code = reply.error().code;
  if (!is_away(code)) co_return std::nullopt;
  ensure_fetching();
  const bool repeatable = code == Errc::unavailable || turn.kind.only_reads;
  if (!repeatable || code == Errc::timeout) co_return std::nullopt;
  // Another server may have its part by now.
  turn.asking = false;
  turn.primary = true;
  if (!co_await fresh_map(deadline)) co_return std::nullopt;
  auto other = choose(turn);
  if (!other || *other == asked) co_return std::nullopt;
  co_return *std::move(other);
}

Task<std::optional<Endpoint>> Cluster::redirect(Turn& turn, const Endpoint& asked,
                                                std::string_view error, Instant deadline) {
  if (passes(error)) {
    const Duration patience = kFirstPatience * (std::int64_t{1} << turn.pauses);
    if (turn.pauses++ == kPausesMax || context_.loop.in(patience) >= deadline)
      co_return std::nullopt;
    if (!error.starts_with("TRYAGAIN")) ensure_fetching();
    co_await Sleep(context_.loop, patience);
    // Keys that are half moved stay with whom ASK has named.
    if (turn.asking) co_return asked;
    auto again = choose(turn);
    if (!again) co_return std::nullopt;
    co_return *std::move(again);
  }
  auto elsewhere = parse_elsewhere(error, asked);
  if (!elsewhere || !*elsewhere) co_return std::nullopt;
  turn.asking = (*elsewhere)->kind == Elsewhere::Kind::ask;
  context_.health.redirected(turn.asking ? Redirect::ask : Redirect::moved);
  if (!turn.asking) {
    map_.move((*elsewhere)->slot, (*elsewhere)->endpoint);
    ensure_fetching();
  }
  co_return std::move((*elsewhere)->endpoint);
}

Result<Endpoint> Cluster::choose(const Turn& turn) {
  const Shard* shard = nullptr;
  if (turn.slot) {
    shard = map_.find(*turn.slot);
    // Who is asked will say CLUSTERDOWN, or knows better than the map.
    if (shard == nullptr && !map_.empty()) shard = &map_.shards().front();
  } else if (!map_.empty()) {
    shard = &map_.shards()[context_.dice.below(map_.shards().size())];
  }
  if (shard == nullptr) return failure_.value_or(Error{Errc::unavailable, "no map of the cluster"});
  const bool from_replica = context_.options.read_from == ReadFrom::replica &&
                            turn.kind.only_reads && turn.slot && !turn.primary;
  if (!from_replica || shard->replicas.empty()) return shard->primary;
  // Any that is not known to be away.
  const std::size_t first = context_.dice.below(shard->replicas.size());
  for (std::size_t i = 0; i < shard->replicas.size(); ++i) {
    const Endpoint& replica = shard->replicas[(first + i) % shard->replicas.size()];
    const auto known = nodes_.find(replica);
    if (known == nodes_.end() || !known->second->is_down()) return replica;
  }
  return shard->primary;
}

Result<Node*> Cluster::node(const Endpoint& endpoint) {
  const auto known = nodes_.find(endpoint);
  if (known != nodes_.end()) return known->second.get();
  // Servers that lie about where keys are could name any number of others.
  if (nodes_.size() >= 2 * context_.options.limits.nodes_max)
    return Error{Errc::exhausted, "too many servers of the cluster"};
  auto made = std::make_unique<Node>(context_,
                                     std::make_unique<FixedPlaces>(std::vector<Endpoint>{endpoint}),
                                     greeting_, Node::Part::any);
  return nodes_.emplace(endpoint, std::move(made)).first->second.get();
}

void Cluster::ensure_fetching() {
  if (fetching_) return;
  if (fetched_ != Instant::min() && context_.loop.now() - fetched_ < kFetchedSeldom) return;
  fetching_ = true;
  running_.spawn(&Cluster::fetch, std::ref(*this));
}

// A map that is no older than that, or why there is none.
Task<Status> Cluster::fresh_map(Instant deadline) {
  ensure_fetching();
  while (fetching_) MYNAH_CO_OK(co_await waiters_.wait(deadline, "the map of the Redis cluster"));
  if (map_.empty()) co_return *failure_;
  co_return ok();
}

Task<> Cluster::fetch(Cluster& cluster) {
  co_await Yield(cluster.context_.loop);
  for (const Endpoint& informant : cluster.informants()) {
    auto fetched = co_await cluster.fetch_from(informant);
    if (fetched) {
      cluster.failure_.reset();
      break;
    }
    cluster.failure_ = std::move(fetched).error();
  }
  cluster.drop_strangers();
  cluster.fetched_ = cluster.context_.loop.now();
  cluster.fetching_ = false;
  cluster.waiters_.wake();
}

Task<Status> Cluster::fetch_from(const Endpoint& endpoint) {
  MYNAH_CO_LET(Node* const informant, node(endpoint));
  std::string bytes;
  const std::string_view words[] = {"CLUSTER", "SLOTS"};
  encode_command(words, bytes);
  const Instant deadline =
      context_.loop.in(std::min(kInformantTime, context_.options.connect_timeout));
  MYNAH_CO_LET(const Resp reply, co_await informant->call(bytes, 1, Repeat::always, deadline));
  MYNAH_CO_LET(map_, SlotMap::parse(reply, endpoint, context_.options.limits.nodes_max));
  co_return ok();
}

// Whom to ask for a map: servers that are connected to, then the others of the last map, then those
// of the configuration; in an order of chance, so that a server with a stale map is not always
// believed.
std::vector<Endpoint> Cluster::informants() {
  std::vector<Endpoint> connected;
  std::vector<Endpoint> others;
  for (const Shard& shard : map_.shards()) {
    const auto known = nodes_.find(shard.primary);
    const bool is_up = known != nodes_.end() && known->second->is_up();
    (is_up ? connected : others).push_back(shard.primary);
  }
  std::ranges::shuffle(connected, context_.dice);
  std::ranges::shuffle(others, context_.dice);
  std::vector<Endpoint> configured = context_.options.endpoints;
  std::ranges::shuffle(configured, context_.dice);
  connected.resize(std::min(connected.size(), kInformantsMax));
  others.resize(std::min(others.size(), kInformantsMax));
  connected.insert(connected.end(), others.begin(), others.end());
  connected.insert(connected.end(), configured.begin(), configured.end());
  return connected;
}

// Servers that are in no map any more and that nobody is asking.
void Cluster::drop_strangers() {
  if (map_.empty()) return;
  std::erase_if(nodes_, [this](const auto& known) {
    return known.second->calls() == 0 && !map_.mentions(known.first);
  });
}

}  // namespace mynah::redis
