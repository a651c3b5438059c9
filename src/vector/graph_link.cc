// SPDX-License-Identifier: Apache-2.0
// Choosing links: for a vector that comes, and for the neighbours of one that goes.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "vector/graph.h"

namespace mynah::vector {

// Of candidates, nearest first, those that lie nearer to the vector than to any that was chosen
// before: links then lead into all directions and not into the thick of one cluster. What room is
// left goes to the nearest of the others.
Graph::Links Graph::select(std::vector<Near> nearest_first, std::size_t count) const {
  std::sort(nearest_first.begin(), nearest_first.end());
  Links chosen;
  Links others;
  for (const Near& candidate : nearest_first) {
    if (chosen.size() == count) break;
    const bool alone = std::ranges::none_of(
        chosen, [&](Slot other) { return distance(candidate.slot, other) < candidate.distance; });
    (alone ? chosen : others).push_back(candidate.slot);
  }
  for (std::size_t i = 0; i < others.size() && chosen.size() < count; ++i)
    chosen.push_back(others[i]);
  return chosen;
}

Graph::Links Graph::with_link(Slot slot, std::size_t level, Slot added) const {
  Links all = links(slot, level);
  std::erase_if(all, [&](Slot other) { return !leads(other, level); });
  if (std::ranges::find(all, added) == all.end()) all.push_back(added);
  if (all.size() <= links_max(level)) return all;
  std::vector<Near> candidates;
  for (const Slot other : all) candidates.push_back({distance(slot, other), other});
  return select(std::move(candidates), links_max(level));
}

Graph::Plan Graph::plan_link(Slot slot, Scratch& scratch) const {
  MYNAH_CHECK(is_alive(slot) && !head(slot).linked);
  Plan plan;
  plan.slot = slot;
  const std::size_t own_level = head(slot).level;
  if (entry_ == kNoSlot || own_level > head(entry_).level) {
    plan.changes_entry = true;
    plan.entry = slot;
  }
  if (entry_ == kNoSlot) return plan;
  const Scale& scale = head(slot).scale;
  Near start = descend(scale, codes(slot), own_level);
  for (std::size_t level = std::min<std::size_t>(own_level, head(entry_).level) + 1; level-- > 0;) {
    search_level(scale, codes(slot), start, level, options_.breadth_built,
                 std::numeric_limits<std::size_t>::max(), {}, scratch);
    std::sort_heap(scratch.found.begin(), scratch.found.end());
    if (scratch.found.empty()) continue;
    start = scratch.found.front();
    Links chosen = select(scratch.found, options_.links);
    for (const Slot other : chosen)
      plan.lists.push_back({other, level, with_link(other, level, slot)});
    plan.lists.push_back({slot, level, std::move(chosen)});
  }
  return plan;
}

// The neighbour's links without the one that goes, joined with where that one led.
Graph::Links Graph::without_link(Slot slot, std::size_t level, Slot gone) const {
  std::vector<Near> candidates;
  const auto offer = [&](Slot other) {
    if (other == slot || other == gone || !leads(other, level)) return;
    if (head(other).state == State::removed) return;
    if (std::ranges::find(candidates, other, &Near::slot) != candidates.end()) return;
    candidates.push_back({distance(slot, other), other});
  };
  for (const Slot other : list(slot, level)) offer(other);
  for (const Slot other : list(gone, level)) offer(other);
  return select(std::move(candidates), links_max(level));
}

Graph::Plan Graph::plan_unlink(Slot slot) const {
  MYNAH_CHECK(head(slot).state == State::removed && head(slot).linked);
  Plan plan;
  plan.slot = slot;
  for (std::size_t level = 0; level <= head(slot).level; ++level) {
    for (const Slot other : list(slot, level)) {
      if (!leads(other, level)) continue;
      const auto back = list(other, level);
      if (std::ranges::find(back, slot) == back.end()) continue;
      plan.lists.push_back({other, level, without_link(other, level, slot)});
    }
    plan.lists.push_back({slot, level, {}});
  }
  if (slot != entry_) return plan;
  plan.changes_entry = true;
  for (Slot other = 0; other < nodes_.size(); ++other) {
    if (other == slot || !leads(other, 0)) continue;
    if (plan.entry == kNoSlot || head(other).level > head(plan.entry).level) plan.entry = other;
  }
  return plan;
}

}  // namespace mynah::vector
