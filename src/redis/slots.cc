// SPDX-License-Identifier: Apache-2.0
// Reading what servers tell of the cluster. CLUSTER SLOTS answers with
//
//   [[first, last, [host, port, id, …], [host, port, id, …] …] …]
//
// the primary first, then its replicas. A host is empty or null when it is that of whoever answers,
// and "?" when it is not known.
#include "redis/slots.h"

#include <algorithm>

#include "base/text.h"

namespace mynah::redis {
namespace {

Error malformed() { return {Errc::protocol, "the server tells of its cluster what is no map"}; }

// Nothing for a server whose place is not known.
Result<std::optional<Endpoint>> server_of(const Resp& told, const Endpoint& asked) {
  if (told.items.size() < 2 || told.items[1].kind != Resp::Kind::integer) return malformed();
  std::string_view host = told.items[0].text.view();
  if (host == "?") return std::optional<Endpoint>();
  if (host.empty()) host = asked.host;
  MYNAH_LET(auto endpoint, told_endpoint(host, cat(told.items[1].integer)));
  return std::optional(std::move(endpoint));
}

bool is_slot(const Resp& number) {
  return number.kind == Resp::Kind::integer && number.integer >= 0 &&
         number.integer < static_cast<std::int64_t>(kSlots);
}

}  // namespace

Result<SlotMap> SlotMap::parse(const Resp& reply, const Endpoint& asked, std::size_t nodes_max) {
  if (reply.is_error()) return Error{Errc::unavailable, std::string(reply.text.view())};
  if (reply.kind != Resp::Kind::array) return malformed();
  SlotMap map;
  map.holders_.assign(kSlots, kNobody);
  std::size_t nodes = 0;
  std::int64_t held = 0;
  for (const Resp& range : reply.items) {
    if (range.items.size() < 3 || !is_slot(range.items[0]) || !is_slot(range.items[1]))
      return malformed();
    const std::int64_t first = range.items[0].integer;
    const std::int64_t last = range.items[1].integer;
    held += std::max<std::int64_t>(last - first + 1, 1);
    if (held > static_cast<std::int64_t>(kSlots)) return malformed();
    const std::size_t shards_before = map.shards_.size();
    MYNAH_LET(const std::uint16_t index, map.take_shard(range, asked));
    if (index == kNobody) continue;
    if (map.shards_.size() > shards_before) nodes += range.items.size() - 2;
    if (nodes > nodes_max)
      return Error{Errc::too_large, "the cluster has more servers than are allowed"};
    for (std::int64_t slot = first; slot <= last; ++slot)
      map.holders_[static_cast<std::size_t>(slot)] = index;
  }
  if (map.empty()) return Error{Errc::unavailable, "the cluster has given no slots to anybody"};
  return map;
}

Result<std::uint16_t> SlotMap::take_shard(const Resp& range, const Endpoint& asked) {
  MYNAH_LET(auto primary, server_of(range.items[2], asked));
  if (!primary) return kNobody;
  Shard shard{*std::move(primary), {}};
  for (std::size_t i = 3; i < range.items.size(); ++i) {
    MYNAH_LET(auto replica, server_of(range.items[i], asked));
    if (replica) shard.replicas.push_back(*std::move(replica));
  }
  return index_of(std::move(shard));
}

// A shard holds many ranges when slots have been moved about.
std::uint16_t SlotMap::index_of(Shard shard) {
  const auto known = std::ranges::find(shards_, shard.primary, &Shard::primary);
  const auto index = static_cast<std::uint16_t>(known - shards_.begin());
  if (known == shards_.end()) shards_.push_back(std::move(shard));
  return index;
}

const Shard* SlotMap::find(std::uint16_t slot) const {
  if (empty() || holders_[slot] == kNobody) return nullptr;
  return &shards_[holders_[slot]];
}

void SlotMap::move(std::uint16_t slot, const Endpoint& to) {
  const auto known = std::ranges::find(shards_, to, &Shard::primary);
  // A server that the map does not know comes with the next map.
  if (known == shards_.end()) return;
  holders_[slot] = static_cast<std::uint16_t>(known - shards_.begin());
}

bool SlotMap::mentions(const Endpoint& endpoint) const {
  return std::ranges::any_of(shards_, [&](const Shard& shard) {
    return shard.primary == endpoint ||
           std::ranges::find(shard.replicas, endpoint) != shard.replicas.end();
  });
}

Result<std::optional<Elsewhere>> parse_elsewhere(std::string_view error, const Endpoint& asked) {
  const auto words = split(error, ' ');
  const bool moved = words[0] == "MOVED";
  if (!moved && words[0] != "ASK") return std::optional<Elsewhere>();
  const Error bad{Errc::protocol, "the server says that a key is elsewhere and not where"};
  if (words.size() < 3) return bad;
  const auto slot = parse_number<std::uint16_t>(words[1]);
  const std::size_t colon = words[2].rfind(':');
  if (!slot || *slot >= kSlots || colon == std::string_view::npos) return bad;
  std::string_view host = words[2].substr(0, colon);
  if (host.empty()) host = asked.host;
  MYNAH_LET(auto endpoint, told_endpoint(host, words[2].substr(colon + 1)));
  return std::optional(
      Elsewhere{moved ? Elsewhere::Kind::moved : Elsewhere::Kind::ask, *slot, std::move(endpoint)});
}

}  // namespace mynah::redis
