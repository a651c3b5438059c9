// SPDX-License-Identifier: Apache-2.0
// The queues of S3-FIFO and the fingerprints of what was dropped.
#include "store/eviction.h"

#include <bit>

namespace mynah::store {
namespace {

std::uint32_t fingerprint(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 24) | 1; }

constexpr std::size_t kGhostsMin = 64;

}  // namespace

void Eviction::added(Entry& entry, std::size_t known) {
  if (ghosts_.size() < known && !ghosts_.empty()) ghosts_.resize(std::bit_ceil(known));
  push(entry, forget(entry.hash) ? Entry::Queue::main : Entry::Queue::small);
}

void Eviction::removed(Entry& entry) { unlink(entry); }

void Eviction::recharged(const Entry& entry, std::size_t before) {
  Queue& queue = queue_of(entry);
  queue.bytes += entry.charged;
  queue.bytes -= before;
}

Entry* Eviction::victim() {
  while (true) {
    const bool from_small =
        small_.bytes * kSmallPart > small_.bytes + main_.bytes || main_.oldest == nullptr;
    Entry* oldest = from_small ? small_.oldest : main_.oldest;
    if (oldest == nullptr) return nullptr;
    if (oldest->uses == 0) {
      if (from_small) remember(oldest->hash);
      return oldest;
    }
    unlink(*oldest);
    oldest->uses = from_small ? std::uint8_t{0} : static_cast<std::uint8_t>(oldest->uses - 1);
    push(*oldest, Entry::Queue::main);
  }
}

void Eviction::push(Entry& entry, Entry::Queue which) {
  entry.queue = which;
  Queue& queue = queue_of(entry);
  entry.older = queue.newest;
  entry.newer = nullptr;
  (queue.newest != nullptr ? queue.newest->newer : queue.oldest) = &entry;
  queue.newest = &entry;
  queue.bytes += entry.charged;
}

void Eviction::unlink(Entry& entry) {
  Queue& queue = queue_of(entry);
  (entry.older != nullptr ? entry.older->newer : queue.oldest) = entry.newer;
  (entry.newer != nullptr ? entry.newer->older : queue.newest) = entry.older;
  queue.bytes -= entry.charged;
}

void Eviction::remember(std::uint64_t hash) {
  if (ghosts_.empty()) ghosts_.resize(kGhostsMin);
  ghosts_[(hash >> 8) & (ghosts_.size() - 1)] = fingerprint(hash);
}

bool Eviction::forget(std::uint64_t hash) {
  if (ghosts_.empty()) return false;
  std::uint32_t& ghost = ghosts_[(hash >> 8) & (ghosts_.size() - 1)];
  if (ghost != fingerprint(hash)) return false;
  ghost = 0;
  return true;
}

}  // namespace mynah::store
