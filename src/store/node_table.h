// SPDX-License-Identifier: Apache-2.0
// NodeTable: the one hash table of the store, for the keys of a shard, the fields of a hash, the
// members of a set.
//
// - A node and its key lie in one allocation; a node never moves while it lives.
// - An index of tagged pointers leads from a key to its node: one miss of the cache for the index,
// one for the node.
// - All nodes also stand in a row, in no particular order: a random one is found at once, and a
// scan that walks the row
//   backwards meets every node that was there from its start to its end, whatever is added and
//   removed meanwhile (removing moves the last node into the hole, which is towards the scan and
//   never past it).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/hash.h"

namespace mynah::store {

// What a type of nodes derives from; N is the type itself.
template <class N>
struct Keyed {
  std::uint64_t hash = 0;
  std::uint32_t position = 0;  // in the row
  std::uint32_t key_bytes = 0;

  [[nodiscard]] std::string_view key() const {
    return {reinterpret_cast<const char*>(static_cast<const N*>(this) + 1), key_bytes};
  }
};

template <class N>
class NodeTable final {
 public:
  explicit NodeTable(HashSeed seed) : seed_(seed) {}
  NodeTable(const NodeTable&) = delete;
  NodeTable& operator=(const NodeTable&) = delete;
  ~NodeTable() { clear(); }

  [[nodiscard]] std::size_t size() const { return row_.size(); }
  [[nodiscard]] bool empty() const { return row_.empty(); }
  [[nodiscard]] HashSeed seed() const { return seed_; }
  // The node at a position of the row, below size().
  [[nodiscard]] N& at(std::size_t position) { return *row_[position]; }
  [[nodiscard]] const N& at(std::size_t position) const { return *row_[position]; }

  [[nodiscard]] N* find(std::string_view key) const { return find(key, hash_of(key, seed_)); }
  [[nodiscard]] N* find(std::string_view key, std::uint64_t hash) const {
    if (slots_.empty()) {
      for (N* node : row_) {
        if (node->hash == hash && node->key() == key) return node;
      }
      return nullptr;
    }
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t tag = tag_of(hash);
    for (std::size_t i = hash & mask; slots_[i] != 0; i = (i + 1) & mask) {
      if ((slots_[i] & kTagMask) != tag) continue;
      N* node = node_of(slots_[i]);
      if (node->hash == hash && node->key() == key) return node;
    }
    return nullptr;
  }

  // Adds a node for a key that is not there yet.
  N& insert(std::string_view key) { return insert(key, hash_of(key, seed_)); }
  N& insert(std::string_view key, std::uint64_t hash) {
    void* memory = std::malloc(sizeof(N) + key.size());
    MYNAH_CHECK(memory != nullptr);
    N* node = new (memory) N();
    if (!key.empty()) std::memcpy(reinterpret_cast<char*>(node + 1), key.data(), key.size());
    node->hash = hash;
    node->key_bytes = static_cast<std::uint32_t>(key.size());
    node->position = static_cast<std::uint32_t>(row_.size());
    node_bytes_ += footprint(*node);
    row_.push_back(node);
    if (row_.size() > kUnindexed && row_.size() * 4 > slots_.size() * 3) {
      index_anew(std::bit_ceil(row_.size() * 2));
    } else if (!slots_.empty()) {
      place(*node);
    }
    return *node;
  }

  void erase(N& node) {
    if (!slots_.empty()) unplace(node);
    N* last = row_.back();
    row_[node.position] = last;
    last->position = node.position;
    row_.pop_back();
    node_bytes_ -= footprint(node);
    destroy(&node);
    if (slots_.size() > kUnindexed * 4 && row_.size() * 8 < slots_.size()) {
      index_anew(std::bit_ceil(row_.size() * 2));
    }
  }

  void clear() {
    for (N* node : row_) destroy(node);
    row_ = {};
    slots_ = {};
    node_bytes_ = 0;
  }

  // Memory of the table itself: index, row, nodes with their keys; not what nodes point to.
  [[nodiscard]] std::size_t footprint() const {
    return node_bytes_ + row_.capacity() * sizeof(N*) + slots_.capacity() * sizeof(std::uint64_t);
  }
  // The node's own share of it.
  static std::size_t footprint(const N& node) {
    return (sizeof(N) + node.key_bytes + 8 + 15) & ~std::size_t{15};
  }

  // Visits about `count` nodes and returns where to go on; a scan begins and ends with 0.
  template <class Visit>
  std::size_t scan(std::size_t cursor, std::size_t count, Visit&& visit) const {
    std::size_t unseen = cursor == 0 ? row_.size() : std::min(cursor, row_.size());
    for (; unseen > 0 && count > 0; --count) visit(*row_[--unseen]);
    return unseen;
  }

 private:
  static constexpr std::size_t kUnindexed = 8;  // So few nodes are looked through.
  static constexpr std::uint64_t kTagMask = 0xffffull << 48;

  static std::uint64_t tag_of(std::uint64_t hash) { return (hash << 12) & kTagMask; }
  static std::uint64_t slot_of(const N& node) {
    return tag_of(node.hash) | reinterpret_cast<std::uintptr_t>(&node);
  }
  static N* node_of(std::uint64_t slot) { return reinterpret_cast<N*>(slot & ~kTagMask); }

  static void destroy(N* node) {
    node->~N();
    std::free(node);
  }

  void place(const N& node) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = node.hash & mask;
    while (slots_[i] != 0) i = (i + 1) & mask;
    slots_[i] = slot_of(node);
  }

  // Empties the node's slot and moves later ones back, so that no search meets a hole before its
  // node.
  void unplace(const N& node) {
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t wanted = slot_of(node);
    std::size_t hole = node.hash & mask;
    while (slots_[hole] != wanted) hole = (hole + 1) & mask;
    for (std::size_t i = (hole + 1) & mask; slots_[i] != 0; i = (i + 1) & mask) {
      const std::size_t home = node_of(slots_[i])->hash & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = 0;
  }

  void index_anew(std::size_t slots) {
    slots_.assign(slots, 0);
    slots_.shrink_to_fit();
    for (const N* node : row_) place(*node);
  }

  HashSeed seed_;
  std::vector<N*> row_;
  std::vector<std::uint64_t> slots_;  // Empty while there are few nodes; else a power of two.
  std::size_t node_bytes_ = 0;
};

}  // namespace mynah::store
