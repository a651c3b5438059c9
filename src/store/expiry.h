// SPDX-License-Identifier: Apache-2.0
// ExpiryHeap: the entries of a shard that expire, soonest first.
#pragma once

#include <vector>

#include "store/entry.h"

namespace mynah::store {

class ExpiryHeap final {
 public:
  // Sets, changes or (with 0) clears when the entry expires.
  void schedule(Entry& entry, WallMs expire_at);
  // The entry that expires first, if any does.
  [[nodiscard]] Entry* soonest() const { return heap_.empty() ? nullptr : heap_.front(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  void put(std::size_t position, Entry* entry) {
    heap_[position] = entry;
    entry->heap_position = static_cast<std::uint32_t>(position);
  }
  void sift_up(std::size_t position, Entry* entry);
  void sift_down(std::size_t position, Entry* entry);

  std::vector<Entry*> heap_;
};

}  // namespace mynah::store
