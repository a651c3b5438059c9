// SPDX-License-Identifier: Apache-2.0
// Keyspace: all keys, in shards by hash, each under a short lock of its own. Commands reach it
// through Access only.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "store/entry.h"
#include "store/eviction.h"
#include "store/expiry.h"
#include "store/hash.h"

namespace mynah::store {

// Where changes are written down in the order in which they happen to each key. Called with the
// keys' shards locked, so it must not wait.
class Journal {
 public:
  virtual ~Journal() = default;
  // `effects` is encoded by effects.h. Returns the record's sequence number.
  virtual std::uint64_t append(WallMs now, std::string_view effects) = 0;
};

struct Shard {
  explicit Shard(HashSeed seed) : entries(seed) {}

  std::mutex lock;
  NodeTable<Entry> entries;
  Eviction eviction;
  ExpiryHeap expiries;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
};

class Keyspace final {
 public:
  static constexpr std::size_t kShards = 256;  // Part of the format on disk.

  Keyspace(HashSeed seed, std::size_t memory_limit);

  [[nodiscard]] std::uint64_t hash(std::string_view key) const { return hash_of(key, seed_); }
  [[nodiscard]] static std::size_t shard_of(std::uint64_t hash) { return hash >> 56; }
  [[nodiscard]] Shard& shard(std::size_t index) { return *shards_[index]; }
  [[nodiscard]] HashSeed seed() const { return seed_; }

  [[nodiscard]] std::size_t memory_bytes() const {
    return memory_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t memory_limit() const { return memory_limit_; }
  [[nodiscard]] Journal* journal() const { return journal_; }
  // Before the keyspace is shared.
  void set_journal(Journal* journal) { journal_ = journal; }

  // A number below `bound`, good enough for picking victims and random members.
  std::size_t pick(std::size_t bound);

  // Drops entries, from one shard after the other, while they take more memory than allowed.
  void shed(WallMs now);
  // Removes at most `most` expired entries of a shard. Returns how many.
  std::size_t expire(std::size_t shard, WallMs now, std::size_t most);

  // With the shard locked: makes, accounts for and removes an entry.
  Entry& add(Shard& shard, std::string_view key, std::uint64_t hash, Value value);
  void recharge(Shard& shard, Entry& entry);
  void remove(Shard& shard, Entry& entry);
  void clear(Shard& shard);

 private:
  void note_removal(WallMs now, const Entry& entry);

  HashSeed seed_;
  std::size_t memory_limit_;
  Journal* journal_ = nullptr;
  std::atomic<std::size_t> memory_bytes_ = 0;
  std::atomic<std::uint64_t> random_state_ = 0;
  std::atomic<std::size_t> shed_next_ = 0;
  std::array<std::unique_ptr<Shard>, kShards> shards_;
};

}  // namespace mynah::store
