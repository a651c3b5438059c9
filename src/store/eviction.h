// SPDX-License-Identifier: Apache-2.0
// S3-FIFO: which entry of a shard to drop when memory is short. What is asked once leaves soon,
// what is asked again stays, and a hit writes two bits of the entry and moves nothing.
//
// New entries join the small queue, a tenth of the memory. At its end an entry that was used moves
// to the main queue; one that was not is dropped, and its fingerprint is remembered: if the key
// comes back soon, it joins the main queue at once. At the end of the main queue an entry that was
// used goes round again. The docs/decisions page on the store has the measurements against other
// policies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/entry.h"

namespace mynah::store {

class Eviction final {
 public:
  // The entry must be charged. `known` tells how many entries the shard has, for how many it pays
  // to remember.
  void added(Entry& entry, std::size_t known);
  void removed(Entry& entry);
  void recharged(const Entry& entry, std::size_t before);
  static void used(Entry& entry) {
    if (entry.uses < kUsesMax) ++entry.uses;
  }
  // The entry to drop next; it stays in its queue until it is removed(). Nothing when there is no
  // entry.
  Entry* victim();

 private:
  struct Queue {
    Entry* newest = nullptr;
    Entry* oldest = nullptr;
    std::size_t bytes = 0;
  };
  static constexpr std::uint8_t kUsesMax = 3;
  static constexpr std::size_t kSmallPart = 10;

  Queue& queue_of(const Entry& entry) {
    return entry.queue == Entry::Queue::small ? small_ : main_;
  }
  void push(Entry& entry, Entry::Queue queue);
  void unlink(Entry& entry);
  void remember(std::uint64_t hash);
  bool forget(std::uint64_t hash);

  Queue small_;
  Queue main_;
  std::vector<std::uint32_t>
      ghosts_;  // Fingerprints of dropped keys by their hash; a newer one takes the place.
};

}  // namespace mynah::store
