// SPDX-License-Identifier: Apache-2.0
// Partition: the documents of one partition and the graph over their vectors. The database holds
// its locks around every call: shared for what is const, exclusive for the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "vector/code.h"
#include "vector/documents.h"
#include "vector/filter.h"
#include "vector/graph.h"

namespace mynah::vector {

// Up to so many vectors all are compared: that takes no longer than the way through the graph.
inline constexpr std::size_t kScanMax = 512;

class Partition final {
 public:
  struct Hit {
    float score = 0;
    Slot slot = kNoSlot;
  };
  struct Search {
    const Query* query = nullptr;  // null: any documents, in no order
    std::size_t count = 10;
    const Filter* filter = nullptr;  // null: none
    WallMs now = 0;
  };
  // A step of the upkeep, thought out under the shared lock and done under the exclusive one.
  struct Job {
    enum class Kind : std::uint8_t { link, unlink, release };
    Kind kind = Kind::link;
    Slot slot = kNoSlot;
    Graph::Plan plan;
  };

  Partition(std::uint64_t number, std::size_t dimension, Metric metric, std::uint64_t seed);
  Partition(Partition&&) = delete;

  // In the place of any document of that id.
  void put(std::string_view id, const Code& code, std::string_view fields, WallMs expires);
  // Another set of fields and another end for a document that is there.
  void change(Slot slot, std::string_view fields, WallMs expires);
  void erase(Slot slot);
  void finish(const Job& job);
  // Drops one document, the first that was not used since it was last looked at. False when there
  // is none at all.
  bool evict(std::string& id);

  // Best first.
  [[nodiscard]] std::vector<Hit> search(const Search& search, Scratch& scratch) const;
  [[nodiscard]] std::optional<Slot> find(std::string_view id, WallMs now) const;
  [[nodiscard]] DocumentView document(Slot slot) const { return documents_.at(slot); }
  [[nodiscard]] std::vector<float> vector(Slot slot) const;
  void touch(Slot slot) const { documents_.touch(slot); }
  [[nodiscard]] std::optional<Job> next_job(Scratch& scratch) const;
  // Documents whose time has come among `slots_max` slots from `from` on, which moves on.
  [[nodiscard]] std::vector<Slot> expired(WallMs now, Slot& from, std::size_t slots_max) const;

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::size_t size() const { return documents_.size(); }
  // Those that are found by comparing, for they are not linked yet.
  [[nodiscard]] std::size_t pending() const { return graph_.size() - graph_.linked(); }
  [[nodiscard]] std::size_t memory_bytes() const {
    return graph_.memory_bytes() + documents_.memory_bytes() + size() * kTableBytes + kOwnBytes;
  }
  [[nodiscard]] bool expires_any() const { return expires_any_; }

  // For snapshots: see Graph::restore.
  [[nodiscard]] const Graph& graph() const { return graph_; }
  bool restore(Slot slot, std::string_view id, const Code& code, std::string_view fields,
               WallMs expires, std::size_t level, bool linked, std::span<const Graph::Links> links);
  void end_restore();

 private:
  static constexpr std::size_t kTableBytes = 24;  // tables of slots, documents and ids, a document
  static constexpr std::size_t kOwnBytes = 1024;  // what an empty one takes, about

  // A growing set of the nearest, farthest on top.
  struct Nearest;
  [[nodiscard]] bool is_wanted(Slot slot, const Search& search) const;
  void compare_pending(const Search& search, Nearest& nearest) const;
  void compare_all(const Search& search, Nearest& nearest) const;
  [[nodiscard]] std::vector<Hit> rank(const Search& search, const std::vector<Near>& found) const;
  [[nodiscard]] std::vector<Hit> any(const Search& search) const;

  const std::uint64_t number_;
  const Metric metric_;
  Graph graph_;
  Documents documents_;
  std::deque<Slot> pending_;  // to be linked, or released if they were erased meanwhile
  std::deque<Slot> erased_;   // to be unlinked
  Slot hand_ = 0;             // where evict() goes on
  bool expires_any_ = false;
};

}  // namespace mynah::vector
