// SPDX-License-Identifier: Apache-2.0
// SortedNodes: the order of a sorted set, by score and then by member. A row of short runs of
// pointers: finding a place is two binary searches, a rank is a sum over the runs' sizes, and a
// walk is a walk over arrays.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "store/node_table.h"

namespace mynah::store {

// A member of a sorted set.
struct ScoredNode : Keyed<ScoredNode> {
  double score = 0;
};

class SortedNodes final {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  void insert(ScoredNode& node);
  // The node must be in the order, with the score that it was inserted with.
  void erase(const ScoredNode& node);

  [[nodiscard]] std::size_t rank(const ScoredNode& node) const;
  [[nodiscard]] ScoredNode& at(std::size_t rank) const;

  // The first rank whose node is not before the bound: `before` is true for a beginning of the
  // order only.
  template <class Before>
  [[nodiscard]] std::size_t first_not(Before&& before) const {
    std::size_t rank = 0;
    for (const Run& run : runs_) {
      if (before(*run.back())) {
        rank += run.size();
        continue;
      }
      std::size_t low = 0;
      std::size_t high = run.size();
      while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (before(*run[middle])) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return rank + low;
    }
    return rank;
  }

  // Visits `count` nodes from `rank` on, which must exist, upwards.
  template <class Visit>
  void walk(std::size_t rank, std::size_t count, Visit&& visit) const {
    if (count == 0) return;
    Place place = place_of(rank);
    for (; count > 0; --count) {
      visit(*runs_[place.run][place.index]);
      if (++place.index == runs_[place.run].size()) place = {place.run + 1, 0};
    }
  }
  // The same downwards.
  template <class Visit>
  void walk_down(std::size_t rank, std::size_t count, Visit&& visit) const {
    if (count == 0) return;
    Place place = place_of(rank);
    while (true) {
      visit(*runs_[place.run][place.index]);
      if (--count == 0) return;
      if (place.index == 0) {
        --place.run;
        place.index = runs_[place.run].size();
      }
      --place.index;
    }
  }

  [[nodiscard]] std::size_t footprint() const {
    return runs_.capacity() * sizeof(Run) + size_ * sizeof(ScoredNode*) * 4 / 3;
  }

 private:
  using Run = std::vector<ScoredNode*>;
  struct Place {
    std::size_t run;
    std::size_t index;
  };
  static constexpr std::size_t kRunNodes = 256;

  [[nodiscard]] Place place_of(std::size_t rank) const;
  [[nodiscard]] Place place_of(const ScoredNode& node) const;

  std::vector<Run> runs_;  // None is empty.
  std::size_t size_ = 0;
};

}  // namespace mynah::store
