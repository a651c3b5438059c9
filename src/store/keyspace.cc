// SPDX-License-Identifier: Apache-2.0
// Accounting for entries, dropping them when memory is short or their time is over.
#include "store/keyspace.h"

#include <string>

#include "store/effects.h"

namespace mynah::store {
namespace {

// Of the index and the row of its shard, per entry.
constexpr std::size_t kTableBytesPerEntry = 24;

}  // namespace

Keyspace::Keyspace(HashSeed seed, std::size_t memory_limit)
    : seed_(seed), memory_limit_(memory_limit) {
  for (auto& shard : shards_) shard = std::make_unique<Shard>(seed);
}

std::size_t Keyspace::pick(std::size_t bound) {
  std::uint64_t z =
      random_state_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed) + seed_.a;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
}

Entry& Keyspace::add(Shard& shard, std::string_view key, std::uint64_t hash, Value value) {
  Entry& entry = shard.entries.insert(key, hash);
  entry.value = std::move(value);
  entry.charged = NodeTable<Entry>::footprint(entry) + kTableBytesPerEntry + footprint(entry.value);
  memory_bytes_.fetch_add(entry.charged, std::memory_order_relaxed);
  shard.eviction.added(entry, shard.entries.size());
  return entry;
}

void Keyspace::recharge(Shard& shard, Entry& entry) {
  const std::size_t before = entry.charged;
  entry.charged = NodeTable<Entry>::footprint(entry) + kTableBytesPerEntry + footprint(entry.value);
  memory_bytes_.fetch_add(entry.charged - before, std::memory_order_relaxed);
  shard.eviction.recharged(entry, before);
}

void Keyspace::remove(Shard& shard, Entry& entry) {
  memory_bytes_.fetch_sub(entry.charged, std::memory_order_relaxed);
  shard.eviction.removed(entry);
  shard.expiries.schedule(entry, 0);
  shard.entries.erase(entry);
}

void Keyspace::clear(Shard& shard) {
  while (!shard.entries.empty()) remove(shard, shard.entries.at(shard.entries.size() - 1));
}

void Keyspace::note_removal(WallMs now, const Entry& entry) {
  if (journal_ == nullptr) return;
  std::string effects;
  append_command_effect(std::array<std::string_view, 2>{"DEL", entry.key()}, effects);
  journal_->append(now, effects);
}

void Keyspace::shed(WallMs now) {
  std::size_t empty = 0;
  while (memory_bytes() > memory_limit_ && empty < kShards) {
    Shard& shard = *shards_[shed_next_.fetch_add(1, std::memory_order_relaxed) % kShards];
    const std::scoped_lock locked(shard.lock);
    Entry* victim = shard.eviction.victim();
    if (victim == nullptr) {
      ++empty;
      continue;
    }
    empty = 0;
    ++shard.evicted;
    note_removal(now, *victim);
    remove(shard, *victim);
  }
}

std::size_t Keyspace::expire(std::size_t index, WallMs now, std::size_t most) {
  Shard& shard = *shards_[index];
  const std::scoped_lock locked(shard.lock);
  std::size_t removed = 0;
  for (; removed < most; ++removed) {
    Entry* entry = shard.expiries.soonest();
    if (entry == nullptr || entry->expire_at > now) break;
    ++shard.expired;
    note_removal(now, *entry);
    remove(shard, *entry);
  }
  return removed;
}

}  // namespace mynah::store
