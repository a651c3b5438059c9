// SPDX-License-Identifier: Apache-2.0
// Graph: the index of one partition: a hierarchical navigable small world (HNSW) over the high
// bytes of its vectors. A vector gets a slot; slots of removed ones are given out again.
//
// Adding and removing cost a few microseconds, because both leave the links for later: a vector is
// `pending` until it is linked and is then found by looking at all pending ones; a removed one
// stays in the graph as a way through it, found by nobody, until it is unlinked. Linking and
// unlinking come in two steps: a plan is made while others search, and applying it is a copy of
// some lists.
//
// Whoever owns the graph sees to the locks: searches and planning may run side by side (shared),
// everything that is not const is alone (exclusive). Only one thread makes plans, and applies each
// before the next; vectors may be added and removed in between.
//
// Links are directed, so a link may lead to a slot that has been freed, or given to another vector
// since: searches check what they find there. Such links cost a little time, never a wrong result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/random.h"
#include "vector/code.h"
#include "vector/kernels.h"

namespace mynah::vector {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xFFFFFFFF;

// A find: smaller distances are nearer, by the high bytes alone.
struct Near {
  float distance = 0;
  Slot slot = kNoSlot;
  friend bool operator<(const Near& a, const Near& b) { return a.distance < b.distance; }
};

// What a search needs room for, kept from one search to the next.
class Scratch final {
 public:
  // Forgets what was visited.
  void begin(std::size_t slots);
  // True the first time.
  bool visit(Slot slot) {
    if (marks_[slot] == mark_) return false;
    marks_[slot] = mark_;
    return true;
  }

  std::vector<Near> candidates;  // a heap, nearest on top
  std::vector<Near> found;       // a heap, farthest on top

 private:
  std::vector<std::uint16_t> marks_;
  std::uint16_t mark_ = 0;
};

// Decides whether a search may return a vector.
struct Accept {
  bool (*call)(const void* whom, Slot slot) = nullptr;  // null: all are accepted
  const void* whom = nullptr;
  bool operator()(Slot slot) const { return call == nullptr || call(whom, slot); }
};

struct GraphOptions {
  std::size_t links = 16;           // of a vector on the upper levels; twice as many on the ground
  std::size_t breadth_built = 128;  // how many neighbours are considered for a new vector
};

class Graph final {
 public:
  using Links = std::vector<Slot>;
  // New lists of links for some slots.
  struct Plan {
    struct List {
      Slot slot;
      std::size_t level;
      Links links;
    };
    Slot slot = kNoSlot;
    std::vector<List> lists;
    Slot entry = kNoSlot;  // the new entry, if the plan changes it
    bool changes_entry = false;
  };

  Graph(std::size_t dimension, std::uint64_t seed, GraphOptions options = {});
  Graph(Graph&&) = delete;

  // ---- Exclusive

  // Gives the vector a slot; it is pending.
  Slot add(const Code& code);
  // Nobody finds it from here on. The slot stays taken until release().
  void remove(Slot slot);
  void apply(const Plan& plan);
  // Frees the slot of a removed vector that is not linked, or was unlinked by a plan.
  void release(Slot slot);
  // For loading: puts a vector with its links where it was. False when it cannot be so.
  bool restore(Slot slot, const Code& code, std::size_t level, bool linked,
               std::span<const Links> links);
  // After the last restore(): finds the entry and the free slots, drops links that lead nowhere.
  // Returns the share of links that were dropped.
  double end_restore();
  // Makes all vectors pending again.
  void forget_links();

  // ---- Shared

  // Of a pending vector that has not been removed; of a removed one that is linked.
  [[nodiscard]] Plan plan_link(Slot slot, Scratch& scratch) const;
  [[nodiscard]] Plan plan_unlink(Slot slot) const;
  // The linked vectors nearest to the query among those accepted, nearest first, at most `breadth`.
  // Looks at `visits_max` vectors at most; `exhausted` tells that it stopped for that reason.
  struct Found {
    std::vector<Near> nearest;
    bool exhausted = false;
  };
  [[nodiscard]] Found search(const Code& query, std::size_t breadth, std::size_t visits_max,
                             Accept accept, Scratch& scratch) const;
  [[nodiscard]] float distance(const Code& query, Slot slot) const {
    return distance(query.scale, query.high.data(), slot);
  }

  [[nodiscard]] bool is_alive(Slot slot) const {
    return slot < nodes_.size() && nodes_[slot] != nullptr && head(slot).state != State::removed;
  }
  [[nodiscard]] bool is_linked(Slot slot) const { return head(slot).linked; }
  [[nodiscard]] std::size_t level(Slot slot) const { return head(slot).level; }
  [[nodiscard]] Links links(Slot slot, std::size_t level) const;
  [[nodiscard]] const Scale& scale(Slot slot) const { return head(slot).scale; }
  [[nodiscard]] std::span<const std::int8_t> high(Slot slot) const {
    return {codes(slot), row_bytes_};
  }
  // One more than the greatest slot ever given out; and how many vectors are alive, and linked.
  [[nodiscard]] std::size_t slots() const { return nodes_.size(); }
  [[nodiscard]] std::size_t size() const { return alive_; }
  [[nodiscard]] std::size_t linked() const { return linked_; }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::size_t row_bytes() const { return row_bytes_; }
  // What is allocated for the vectors that are alive, but for the table of slots.
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }

 private:
  enum class State : std::uint8_t { present, removed };
  // A node is one block: this head, the row of high bytes, the links on the ground, then for each
  // upper level their count and room for them.
  struct Head {
    Scale scale;
    std::uint8_t level;
    State state;
    bool linked;
    std::uint8_t ground_links;
  };
  using Block = std::unique_ptr<std::byte[]>;

  Head& head(Slot slot) { return *reinterpret_cast<Head*>(nodes_[slot].get()); }
  [[nodiscard]] const Head& head(Slot slot) const {
    return *reinterpret_cast<const Head*>(nodes_[slot].get());
  }
  [[nodiscard]] const std::int8_t* codes(Slot slot) const {
    return reinterpret_cast<const std::int8_t*>(nodes_[slot].get() + sizeof(Head));
  }
  [[nodiscard]] Slot* words(Slot slot, std::size_t level) const;
  [[nodiscard]] std::span<const Slot> list(Slot slot, std::size_t level) const;
  void set_list(Slot slot, std::size_t level, std::span<const Slot> links);
  [[nodiscard]] std::size_t links_max(std::size_t level) const {
    return level == 0 ? options_.links * 2 : options_.links;
  }
  [[nodiscard]] std::size_t block_bytes(std::size_t level) const;
  void fill(Slot slot, const Code& code, std::size_t level);
  std::size_t draw_level();

  [[nodiscard]] float distance(const Scale& scale, const std::int8_t* row, Slot slot) const {
    const Head& other = head(slot);
    const auto product = static_cast<float>(kernels_.dot(row, codes(slot), row_bytes_));
    return scale.offset + other.scale.offset - scale.factor * other.scale.factor * product;
  }
  [[nodiscard]] float distance(Slot a, Slot b) const {
    return distance(head(a).scale, codes(a), b);
  }
  // Whether a link on that level leads somewhere.
  [[nodiscard]] bool leads(Slot slot, std::size_t level) const {
    return slot < nodes_.size() && nodes_[slot] != nullptr && head(slot).linked &&
           head(slot).level >= level;
  }
  [[nodiscard]] Near descend(const Scale& scale, const std::int8_t* row, std::size_t to) const;
  bool search_level(const Scale& scale, const std::int8_t* row, Near start, std::size_t level,
                    std::size_t breadth, std::size_t visits_max, Accept accept,
                    Scratch& scratch) const;
  [[nodiscard]] Links select(std::vector<Near> nearest_first, std::size_t count) const;
  [[nodiscard]] Links with_link(Slot slot, std::size_t level, Slot added) const;
  [[nodiscard]] Links without_link(Slot slot, std::size_t level, Slot gone) const;

  const std::size_t dimension_;
  const std::size_t row_bytes_;
  const GraphOptions options_;
  const Kernels& kernels_;
  Random random_;
  std::vector<Block> nodes_;
  std::vector<Slot> free_;
  Slot entry_ = kNoSlot;
  std::size_t alive_ = 0;
  std::size_t linked_ = 0;
  std::size_t memory_bytes_ = 0;
};

}  // namespace mynah::vector
