// SPDX-License-Identifier: Apache-2.0
// Runs that are split when they grow too long.
#include "store/sorted_nodes.h"

#include <algorithm>

namespace mynah::store {
namespace {

bool precedes(const ScoredNode& a, const ScoredNode& b) {
  if (a.score != b.score) return a.score < b.score;
  return a.key() < b.key();
}

}  // namespace

// The run that holds the node, or into which it belongs, and its place there.
SortedNodes::Place SortedNodes::place_of(const ScoredNode& node) const {
  auto run =
      std::ranges::partition_point(runs_, [&](const Run& r) { return precedes(*r.back(), node); });
  if (run == runs_.end()) --run;
  const auto place =
      std::ranges::partition_point(*run, [&](const ScoredNode* n) { return precedes(*n, node); });
  return {static_cast<std::size_t>(run - runs_.begin()),
          static_cast<std::size_t>(place - run->begin())};
}

SortedNodes::Place SortedNodes::place_of(std::size_t rank) const {
  std::size_t run = 0;
  while (rank >= runs_[run].size()) rank -= runs_[run++].size();
  return {run, rank};
}

void SortedNodes::insert(ScoredNode& node) {
  ++size_;
  if (runs_.empty()) {
    runs_.push_back({&node});
    return;
  }
  const Place place = place_of(node);
  Run& run = runs_[place.run];
  run.insert(run.begin() + static_cast<std::ptrdiff_t>(place.index), &node);
  if (run.size() <= kRunNodes) return;
  const auto middle = run.begin() + kRunNodes / 2;
  Run upper(middle, run.end());
  run.erase(middle, run.end());
  runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(place.run) + 1, std::move(upper));
}

void SortedNodes::erase(const ScoredNode& node) {
  const Place place = place_of(node);
  Run& run = runs_[place.run];
  MYNAH_CHECK(place.index < run.size() && run[place.index] == &node);
  run.erase(run.begin() + static_cast<std::ptrdiff_t>(place.index));
  if (run.empty()) runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(place.run));
  --size_;
}

std::size_t SortedNodes::rank(const ScoredNode& node) const {
  const Place place = place_of(node);
  std::size_t rank = place.index;
  for (std::size_t i = 0; i < place.run; ++i) rank += runs_[i].size();
  return rank;
}

ScoredNode& SortedNodes::at(std::size_t rank) const {
  const Place place = place_of(rank);
  return *runs_[place.run][place.index];
}

}  // namespace mynah::store
