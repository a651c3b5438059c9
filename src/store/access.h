// SPDX-License-Identifier: Apache-2.0
// Access: what one command, or one script, sees of the keyspace while it runs, and what it changes
// there.
//
// Locks. A plain command locks the shards of its keys before it runs, and while it waits for one it
// holds none. A script or a transaction takes shards as it first touches them and keeps them to its
// end; only one of those runs at a time (Store sees to it). So whoever waits for a shard waits for
// somebody who does not wait: there is no deadlock, and everybody sees all of another's changes or
// none.
//
// Changes are written to the journal before the locks go, as effects. A handler whose command,
// repeated word by word, would do the same again leaves that to the dispatcher; the others say with
// effect() what to repeat.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "store/keyspace.h"

namespace mynah::store {

class Access final {
 public:
  enum class Mode : std::uint8_t {
    keys,        // a plain command: shards are locked by lock_keys()
    everything,  // a script or a transaction: shards are locked when touched
    replay,  // reading the journal: nobody else is there; nothing expires, nothing is written down
  };

  Access(Keyspace& keyspace, Mode mode, WallMs now)
      : keyspace_(keyspace),
        mode_(mode),
        now_(now),
        journalled_(mode != Mode::replay && keyspace.journal() != nullptr) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;
  ~Access() { release(); }

  void lock_key(std::string_view key);
  void lock_keys(std::span<const std::string_view> keys);
  // Writes the effects down and lets go of the locks. Returns the journal's sequence number, 0 when
  // nothing was written.
  std::uint64_t commit();

  [[nodiscard]] Mode mode() const { return mode_; }
  [[nodiscard]] WallMs now() const { return now_; }
  // For the replay, which lives through the times of the records.
  void set_now(WallMs now) { now_ = now; }
  [[nodiscard]] Keyspace& keyspace() const { return keyspace_; }
  [[nodiscard]] HashSeed seed() const { return keyspace_.seed(); }

  // The key's entry, unless there is none or it has expired.
  Entry* find(std::string_view key);
  // The same, and an expired entry is removed for good.
  Entry* find_for_write(std::string_view key);
  // The same without a trace in the statistics and the eviction.
  Entry* peek(std::string_view key);

  Entry& add(std::string_view key, Value value);
  // Puts the value in the place of what is there, if anything is; it then has no expiry.
  Entry& put(std::string_view key, Value value);
  // After each change of an entry's value: accounts for it, and removes it when it is an empty
  // collection.
  void changed(Entry& entry);
  void set_expiry(Entry& entry, WallMs expire_at);
  void remove(Entry& entry);

  // Runs `visit(shard, index)` on each shard, locked.
  template <class Visit>
  void each_shard(Visit&& visit) {
    for (std::size_t i = 0; i < Keyspace::kShards; ++i) with_shard(i, visit);
  }
  template <class Visit>
  void with_shard(std::size_t index, Visit&& visit) {
    const bool held = holds(index) || mode_ == Mode::replay;
    if (!held) take(index);
    visit(keyspace_.shard(index), index);
    if (!held && mode_ == Mode::keys) give_back(index);
  }
  void flush(std::size_t shard);
  [[nodiscard]] bool expired(const Entry& entry) const {
    return entry.expire_at != 0 && entry.expire_at <= now_ && mode_ != Mode::replay;
  }

  // How much was changed so far; the dispatcher compares.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::uint64_t effects() const { return effect_count_; }
  void effect(std::span<const std::string_view> words);
  void effect(std::initializer_list<std::string_view> words) {
    effect(std::span(words.begin(), words.size()));
  }
  // Writes down, as one or more commands, all that the entry is.
  void effect_of_whole(const Entry& entry);
  // For a change that needs no writing down.
  void effect_none() { ++effect_count_; }

 private:
  [[nodiscard]] bool holds(std::size_t shard) const {
    return (held_[shard / 64] >> (shard % 64) & 1) != 0;
  }
  void mark(std::size_t shard) { held_[shard / 64] |= std::uint64_t{1} << (shard % 64); }
  void take(std::size_t shard) {
    keyspace_.shard(shard).lock.lock();
    mark(shard);
  }
  bool try_take(std::size_t shard);
  void give_back(std::size_t shard);
  void release();
  void take_many(const std::array<std::uint64_t, 4>& wanted);
  // The shard of a hash, locked.
  Shard& reach(std::uint64_t hash);
  void drop_expired(Shard& shard, Entry& entry);

  Keyspace& keyspace_;
  Mode mode_;
  WallMs now_;
  bool journalled_;
  std::array<std::uint64_t, Keyspace::kShards / 64> held_{};
  std::uint64_t changes_ = 0;
  std::uint64_t effect_count_ = 0;
  std::string effects_;
};

// Appends the commands that make the entry as it is, to effects.
void append_whole(const Entry& entry, std::string& effects);

}  // namespace mynah::store
