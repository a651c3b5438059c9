// SPDX-License-Identifier: Apache-2.0
// SlotMap: which servers of a cluster hold which slots, as one of them tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resp.h"
#include "base/result.h"
#include "redis/command.h"
#include "redis/endpoint.h"

namespace mynah::redis {

struct Shard {
  Endpoint primary;
  std::vector<Endpoint> replicas;
  bool operator==(const Shard&) const = default;
};

class SlotMap final {
 public:
  // From the reply to CLUSTER SLOTS. `asked` is whom the reply is from: its host stands for those
  // that are not told. Errors: protocol (no such reply), too_large (over `nodes_max` servers),
  // unavailable (no slot is held by anybody).
  static Result<SlotMap> parse(const Resp& reply, const Endpoint& asked, std::size_t nodes_max);

  [[nodiscard]] bool empty() const { return shards_.empty(); }
  [[nodiscard]] const std::vector<Shard>& shards() const { return shards_; }
  // Null when nobody holds the slot.
  [[nodiscard]] const Shard* find(std::uint16_t slot) const;
  // A server said that the slot is there now.
  void move(std::uint16_t slot, const Endpoint& to);
  [[nodiscard]] bool mentions(const Endpoint& endpoint) const;

 private:
  static constexpr std::uint16_t kNobody = 0xFFFF;

  Result<std::uint16_t> take_shard(const Resp& range, const Endpoint& asked);
  std::uint16_t index_of(Shard shard);

  std::vector<Shard> shards_;
  std::vector<std::uint16_t> holders_;  // By slot: an index into shards_, or kNobody.
};

// An error reply that says that a key is elsewhere: "MOVED 3999 127.0.0.1:6381", "ASK …".
struct Elsewhere {
  enum class Kind : std::uint8_t { moved, ask };
  Kind kind = Kind::moved;
  std::uint16_t slot = 0;
  Endpoint endpoint;
};

// Nothing when the error says something else. Errc::protocol when it names no slot or no place.
Result<std::optional<Elsewhere>> parse_elsewhere(std::string_view error, const Endpoint& asked);

}  // namespace mynah::redis
