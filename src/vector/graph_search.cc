// SPDX-License-Identifier: Apache-2.0
// Searching: greedily down the levels, then with some breadth on the ground.
#include <algorithm>
#include <functional>

#include "vector/graph.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kPrefetched = 8;  // lines; the processor fetches what follows by itself

struct Farther {
  bool operator()(const Near& a, const Near& b) const { return b < a; }
};

void push_nearest_on_top(std::vector<Near>& heap, Near near) {
  heap.push_back(near);
  std::push_heap(heap.begin(), heap.end(), Farther());
}

Near pop_nearest(std::vector<Near>& heap) {
  std::pop_heap(heap.begin(), heap.end(), Farther());
  const Near near = heap.back();
  heap.pop_back();
  return near;
}

void push_farthest_on_top(std::vector<Near>& heap, Near near, std::size_t size_max) {
  heap.push_back(near);
  std::push_heap(heap.begin(), heap.end());
  if (heap.size() <= size_max) return;
  std::pop_heap(heap.begin(), heap.end());
  heap.pop_back();
}

void prefetch(const std::byte* block, std::size_t bytes) {
  const std::size_t end = std::min(bytes, kPrefetched * kCacheLine);
  for (std::size_t at = 0; at < end; at += kCacheLine) __builtin_prefetch(block + at);
}

}  // namespace

// From the entry to the nearest vector on the level above `to`.
Near Graph::descend(const Scale& scale, const std::int8_t* row, std::size_t to) const {
  Near best{distance(scale, row, entry_), entry_};
  for (std::size_t level = head(entry_).level; level > to; --level) {
    for (bool nearer = true; nearer;) {
      nearer = false;
      for (const Slot slot : list(best.slot, level)) {
        if (!leads(slot, level)) continue;
        const float there = distance(scale, row, slot);
        if (there >= best.distance) continue;
        best = {there, slot};
        nearer = true;
        break;
      }
    }
  }
  return best;
}

// Fills scratch.found with the nearest vectors that are accepted; removed ones are walked through.
// False when it ran into visits_max.
bool Graph::search_level(const Scale& scale, const std::int8_t* row, Near start, std::size_t level,
                         std::size_t breadth, std::size_t visits_max, Accept accept,
                         Scratch& scratch) const {
  scratch.begin(nodes_.size());
  const auto take = [&](Near near) {
    push_nearest_on_top(scratch.candidates, near);
    if (head(near.slot).state == State::present && accept(near.slot))
      push_farthest_on_top(scratch.found, near, breadth);
  };
  scratch.visit(start.slot);
  take(start);
  std::size_t visits = 1;
  Slot fresh[256];
  while (!scratch.candidates.empty()) {
    const Near from = pop_nearest(scratch.candidates);
    const bool full = scratch.found.size() >= breadth;
    if (full && scratch.found.front().distance < from.distance) return true;
    if (visits > visits_max) return false;
    std::size_t count = 0;
    for (const Slot slot : list(from.slot, level)) {
      if (slot >= nodes_.size() || nodes_[slot] == nullptr || !scratch.visit(slot)) continue;
      prefetch(nodes_[slot].get(), sizeof(Head) + row_bytes_);
      fresh[count++] = slot;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!leads(fresh[i], level)) continue;
      ++visits;
      const Near near{distance(scale, row, fresh[i]), fresh[i]};
      if (scratch.found.size() < breadth || near.distance < scratch.found.front().distance)
        take(near);
    }
  }
  return true;
}

Graph::Found Graph::search(const Code& query, std::size_t breadth, std::size_t visits_max,
                           Accept accept, Scratch& scratch) const {
  Found found;
  if (entry_ == kNoSlot) return found;
  const Near start = descend(query.scale, query.high.data(), 0);
  found.exhausted =
      !search_level(query.scale, query.high.data(), start, 0, breadth, visits_max, accept, scratch);
  std::sort_heap(scratch.found.begin(), scratch.found.end());
  found.nearest = scratch.found;
  return found;
}

}  // namespace mynah::vector
