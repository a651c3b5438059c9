// SPDX-License-Identifier: Apache-2.0
// A binary heap whose entries know their place in it.
#include "store/expiry.h"

namespace mynah::store {

void ExpiryHeap::schedule(Entry& entry, WallMs expire_at) {
  const WallMs before = entry.expire_at;
  entry.expire_at = expire_at;
  const bool scheduled = entry.heap_position != Entry::kNotInHeap;
  if (expire_at != 0) {
    if (!scheduled) {
      heap_.push_back(&entry);
      sift_up(heap_.size() - 1, &entry);
    } else if (expire_at < before) {
      sift_up(entry.heap_position, &entry);
    } else if (expire_at > before) {
      sift_down(entry.heap_position, &entry);
    }
    return;
  }
  if (!scheduled) return;
  Entry* last = heap_.back();
  heap_.pop_back();
  const std::size_t hole = entry.heap_position;
  entry.heap_position = Entry::kNotInHeap;
  if (last == &entry) return;
  if (last->expire_at < before) {
    sift_up(hole, last);
  } else {
    sift_down(hole, last);
  }
}

void ExpiryHeap::sift_up(std::size_t position, Entry* entry) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (heap_[parent]->expire_at <= entry->expire_at) break;
    put(position, heap_[parent]);
    position = parent;
  }
  put(position, entry);
}

void ExpiryHeap::sift_down(std::size_t position, Entry* entry) {
  while (true) {
    std::size_t child = position * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->expire_at < heap_[child]->expire_at) ++child;
    if (entry->expire_at <= heap_[child]->expire_at) break;
    put(position, heap_[child]);
    position = child;
  }
  put(position, entry);
}

}  // namespace mynah::store
