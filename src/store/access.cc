// SPDX-License-Identifier: Apache-2.0
// Taking and letting go of locks; finding, changing and writing down.
#include "store/access.h"

#include <bit>
#include <thread>

#include "base/check.h"
#include "store/effects.h"

namespace mynah::store {

void Access::lock_key(std::string_view key) { take(Keyspace::shard_of(keyspace_.hash(key))); }

void Access::lock_keys(std::span<const std::string_view> keys) {
  if (keys.size() == 1) return lock_key(keys[0]);
  std::array<std::uint64_t, 4> wanted{};
  for (const std::string_view key : keys) {
    const std::size_t shard = Keyspace::shard_of(keyspace_.hash(key));
    wanted[shard / 64] |= std::uint64_t{1} << (shard % 64);
  }
  take_many(wanted);
}

// Waits for one shard only while it holds none: what cannot be had at once sends it back to the
// start.
void Access::take_many(const std::array<std::uint64_t, 4>& wanted) {
  std::size_t busy = Keyspace::kShards;
  while (true) {
    if (busy < Keyspace::kShards) take(busy);
    busy = Keyspace::kShards;
    for (std::size_t word = 0; word < wanted.size() && busy == Keyspace::kShards; ++word) {
      for (std::uint64_t bits = wanted[word]; bits != 0; bits &= bits - 1) {
        const std::size_t shard = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        if (holds(shard) || try_take(shard)) continue;
        busy = shard;
        break;
      }
    }
    if (busy == Keyspace::kShards) return;
    release();
    std::this_thread::yield();
  }
}

bool Access::try_take(std::size_t shard) {
  if (!keyspace_.shard(shard).lock.try_lock()) return false;
  mark(shard);
  return true;
}

void Access::give_back(std::size_t shard) {
  held_[shard / 64] &= ~(std::uint64_t{1} << (shard % 64));
  keyspace_.shard(shard).lock.unlock();
}

void Access::release() {
  for (std::size_t word = 0; word < held_.size(); ++word) {
    while (held_[word] != 0) {
      give_back(word * 64 + static_cast<std::size_t>(std::countr_zero(held_[word])));
    }
  }
}

std::uint64_t Access::commit() {
  std::uint64_t sequence = 0;
  if (!effects_.empty()) {
    sequence = keyspace_.journal()->append(now_, effects_);
    effects_.clear();
  }
  release();
  return sequence;
}

Shard& Access::reach(std::uint64_t hash) {
  const std::size_t shard = Keyspace::shard_of(hash);
  if (!holds(shard) && mode_ != Mode::replay) {
    // A plain command names its keys to the dispatcher; reaching others is a mistake in the table
    // of commands.
    MYNAH_CHECK(mode_ == Mode::everything);
    take(shard);
  }
  return keyspace_.shard(shard);
}

Entry* Access::find(std::string_view key) {
  const std::uint64_t hash = keyspace_.hash(key);
  Shard& shard = reach(hash);
  Entry* entry = shard.entries.find(key, hash);
  if (entry == nullptr || expired(*entry)) {
    ++shard.misses;
    return nullptr;
  }
  ++shard.hits;
  Eviction::used(*entry);
  return entry;
}

Entry* Access::peek(std::string_view key) {
  const std::uint64_t hash = keyspace_.hash(key);
  Entry* entry = reach(hash).entries.find(key, hash);
  return entry == nullptr || expired(*entry) ? nullptr : entry;
}

Entry* Access::find_for_write(std::string_view key) {
  const std::uint64_t hash = keyspace_.hash(key);
  Shard& shard = reach(hash);
  Entry* entry = shard.entries.find(key, hash);
  if (entry == nullptr) return nullptr;
  if (!expired(*entry)) {
    Eviction::used(*entry);
    return entry;
  }
  drop_expired(shard, *entry);
  return nullptr;
}

void Access::drop_expired(Shard& shard, Entry& entry) {
  ++shard.expired;
  if (journalled_)
    append_command_effect(std::array<std::string_view, 2>{"DEL", entry.key()}, effects_);
  keyspace_.remove(shard, entry);
}

Entry& Access::add(std::string_view key, Value value) {
  const std::uint64_t hash = keyspace_.hash(key);
  ++changes_;
  return keyspace_.add(reach(hash), key, hash, std::move(value));
}

Entry& Access::put(std::string_view key, Value value) {
  Entry* entry = find_for_write(key);
  if (entry == nullptr) return add(key, std::move(value));
  entry->value = std::move(value);
  set_expiry(*entry, 0);
  changed(*entry);
  return *entry;
}

void Access::changed(Entry& entry) {
  if (is_empty_collection(entry.value)) return remove(entry);
  ++changes_;
  keyspace_.recharge(keyspace_.shard(Keyspace::shard_of(entry.hash)), entry);
}

void Access::set_expiry(Entry& entry, WallMs expire_at) {
  if (entry.expire_at == expire_at) return;
  ++changes_;
  keyspace_.shard(Keyspace::shard_of(entry.hash)).expiries.schedule(entry, expire_at);
}

void Access::remove(Entry& entry) {
  ++changes_;
  keyspace_.remove(keyspace_.shard(Keyspace::shard_of(entry.hash)), entry);
}

void Access::flush(std::size_t shard) {
  ++changes_;
  ++effect_count_;
  keyspace_.clear(keyspace_.shard(shard));
  if (!journalled_) return;
  append_flush_effect(shard, effects_);
  // A plain command holds one shard at a time, and the record must be written while it does.
  if (mode_ == Mode::keys) {
    keyspace_.journal()->append(now_, effects_);
    effects_.clear();
  }
}

void Access::effect(std::span<const std::string_view> words) {
  ++effect_count_;
  if (journalled_) append_command_effect(words, effects_);
}

void Access::effect_of_whole(const Entry& entry) {
  ++effect_count_;
  if (!journalled_) return;
  append_command_effect(std::array<std::string_view, 2>{"DEL", entry.key()}, effects_);
  append_whole(entry, effects_);
}

}  // namespace mynah::store
