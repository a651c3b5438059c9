// SPDX-License-Identifier: Apache-2.0
// Slots, blocks and what is done to them; searching and linking: graph_search.cc, graph_link.cc.
#include "vector/graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kLevelMax = 12;
constexpr std::size_t kAllocatorBytes = 16;  // its share of a block

}  // namespace

void Scratch::begin(std::size_t slots) {
  if (marks_.size() < slots) {
    marks_.assign(slots + slots / 4, 0);
    mark_ = 0;
  }
  if (++mark_ == 0) {
    std::ranges::fill(marks_, std::uint16_t{0});
    mark_ = 1;
  }
  candidates.clear();
  found.clear();
}

Graph::Graph(std::size_t dimension, std::uint64_t seed, GraphOptions options)
    : dimension_(dimension),
      row_bytes_(padded(dimension)),
      options_(options),
      kernels_(kernels()),
      random_(seed) {}

std::size_t Graph::block_bytes(std::size_t level) const {
  return sizeof(Head) + row_bytes_ + sizeof(Slot) * (links_max(0) + level * (options_.links + 1));
}

Slot* Graph::words(Slot slot, std::size_t level) const {
  auto* ground = reinterpret_cast<Slot*>(nodes_[slot].get() + sizeof(Head) + row_bytes_);
  return level == 0 ? ground : ground + links_max(0) + (level - 1) * (options_.links + 1);
}

std::span<const Slot> Graph::list(Slot slot, std::size_t level) const {
  const Slot* at = words(slot, level);
  if (level == 0) return {at, head(slot).ground_links};
  return {at + 1, *at};
}

Graph::Links Graph::links(Slot slot, std::size_t level) const {
  const auto from = list(slot, level);
  return {from.begin(), from.end()};
}

void Graph::set_list(Slot slot, std::size_t level, std::span<const Slot> links) {
  MYNAH_CHECK(links.size() <= links_max(level));
  Slot* at = words(slot, level);
  if (level == 0) {
    head(slot).ground_links = static_cast<std::uint8_t>(links.size());
  } else {
    *at++ = static_cast<Slot>(links.size());
  }
  std::ranges::copy(links, at);
}

// Each level has a share of 1/links of the one below it.
std::size_t Graph::draw_level() {
  const double level =
      -std::log(1.0 - random_.unit()) / std::log(static_cast<double>(options_.links));
  return std::min(static_cast<std::size_t>(level), kLevelMax);
}

void Graph::fill(Slot slot, const Code& code, std::size_t level) {
  MYNAH_CHECK(code.high.size() == row_bytes_);
  const std::size_t bytes = block_bytes(level);
  nodes_[slot] = std::make_unique<std::byte[]>(bytes);
  memory_bytes_ += bytes + kAllocatorBytes;
  head(slot) = {.scale = code.scale,
                .level = static_cast<std::uint8_t>(level),
                .state = State::present,
                .linked = false,
                .ground_links = 0};
  std::memcpy(nodes_[slot].get() + sizeof(Head), code.high.data(), row_bytes_);
  ++alive_;
}

Slot Graph::add(const Code& code) {
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(nodes_.size());
    nodes_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  fill(slot, code, draw_level());
  return slot;
}

void Graph::remove(Slot slot) {
  MYNAH_CHECK(is_alive(slot));
  head(slot).state = State::removed;
  memory_bytes_ -= block_bytes(head(slot).level) + kAllocatorBytes;
  --alive_;
  if (head(slot).linked) --linked_;
}

void Graph::release(Slot slot) {
  MYNAH_CHECK(head(slot).state == State::removed && !head(slot).linked);
  nodes_[slot].reset();
  free_.push_back(slot);
}

bool Graph::restore(Slot slot, const Code& code, std::size_t level, bool linked,
                    std::span<const Links> links) {
  if (slot == kNoSlot || level > kLevelMax || (linked && links.size() != level + 1)) return false;
  if (slot >= nodes_.size()) nodes_.resize(std::size_t{slot} + 1);
  if (nodes_[slot] != nullptr) return false;
  fill(slot, code, level);
  if (!linked) return true;
  head(slot).linked = true;
  ++linked_;
  for (std::size_t i = 0; i <= level; ++i) {
    set_list(slot, i, std::span(links[i]).first(std::min(links[i].size(), links_max(i))));
  }
  return true;
}

double Graph::end_restore() {
  std::size_t kept_total = 0;
  std::size_t total = 0;
  for (Slot slot = 0; slot < nodes_.size(); ++slot) {
    if (nodes_[slot] == nullptr) {
      free_.push_back(slot);
      continue;
    }
    if (!head(slot).linked) continue;
    if (entry_ == kNoSlot || head(slot).level > head(entry_).level) entry_ = slot;
    for (std::size_t level = 0; level <= head(slot).level; ++level) {
      Links kept = links(slot, level);
      total += kept.size();
      std::erase_if(kept, [&](Slot other) { return other == slot || !leads(other, level); });
      kept_total += kept.size();
      set_list(slot, level, kept);
    }
  }
  return total == 0 ? 0 : 1 - static_cast<double>(kept_total) / static_cast<double>(total);
}

void Graph::forget_links() {
  for (Slot slot = 0; slot < nodes_.size(); ++slot) {
    if (nodes_[slot] == nullptr) continue;
    for (std::size_t level = 0; level <= head(slot).level; ++level) set_list(slot, level, {});
    head(slot).linked = false;
  }
  entry_ = kNoSlot;
  linked_ = 0;
}

void Graph::apply(const Plan& plan) {
  for (const Plan::List& list : plan.lists) {
    // What was removed since the plan was made is unlinked by a plan of its own.
    if (nodes_[list.slot] != nullptr) set_list(list.slot, list.level, list.links);
  }
  if (plan.changes_entry) entry_ = plan.entry;
  Head& own = head(plan.slot);
  if (own.linked) {
    own.linked = false;
    return;
  }
  own.linked = true;
  if (own.state == State::present) ++linked_;
}

}  // namespace mynah::vector
