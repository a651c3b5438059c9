// SPDX-License-Identifier: Apache-2.0
// What servers tell of a cluster, as a map and as errors. Whatever they say, a map leads to places
// that can be connected to and to no more servers than are allowed, and a redirection names a slot.
#include <cstdlib>
#include <string_view>

#include "redis/options.h"
#include "redis/slots.h"

namespace {

using namespace mynah;
using namespace mynah::redis;

constexpr std::size_t kNodesMax = 8;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_place(const Endpoint& endpoint) {
  require(!endpoint.host.empty() && !endpoint.host.starts_with('/') && endpoint.port != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Endpoint asked{"10.0.0.1", 6379};
  if (const auto elsewhere = parse_elsewhere(bytes, asked); elsewhere && *elsewhere) {
    require_place((*elsewhere)->endpoint);
    require((*elsewhere)->slot < kSlots);
  }
  RespDecoder decoder(kReplyLimits);
  decoder.feed(bytes);
  const auto reply = decoder.next();
  if (!reply || !*reply) return 0;
  const auto map = SlotMap::parse(**reply, asked, kNodesMax);
  if (!map) return 0;
  std::size_t nodes = 0;
  for (const Shard& shard : map->shards()) {
    require_place(shard.primary);
    for (const Endpoint& replica : shard.replicas) require_place(replica);
    nodes += 1 + shard.replicas.size();
  }
  require(nodes > 0 && nodes <= kNodesMax);
  for (std::uint16_t slot = 0; slot < kSlots; ++slot) {
    const Shard* shard = map->find(slot);
    require(shard == nullptr || map->mentions(shard->primary));
  }
  return 0;
}
