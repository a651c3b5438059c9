// SPDX-License-Identifier: Apache-2.0
// Keeping documents and graph together, and ranking what the graph finds by all 16 bits.
#include "vector/partition.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace mynah::vector {
namespace {

// How broadly the graph is searched: wide enough for a recall of 0.99, see the decision record.
constexpr std::size_t kBreadthMin = 96;
// How many finds are ranked by all their bits: rounding to 8 bits moves few by more places.
constexpr std::size_t kRankedMin = 24;
// A filter that lets little through makes a search wander: beyond this share of the vectors, and at
// least so many, comparing them all is quicker.
constexpr std::size_t kWanderedMin = 4096;
constexpr std::size_t kWanderedShare = 8;
// Links that lead nowhere are made good when they are more than this share after loading.
constexpr double kDroppedMax = 0.02;

}  // namespace

struct Partition::Nearest {
  std::vector<Near> heap;
  std::size_t count;

  void offer(Near near) {
    if (heap.size() == count && !(near < heap.front())) return;
    heap.push_back(near);
    std::push_heap(heap.begin(), heap.end());
    if (heap.size() <= count) return;
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
  }
};

Partition::Partition(std::uint64_t number, std::size_t dimension, Metric metric, std::uint64_t seed)
    : number_(number),
      metric_(metric),
      graph_(dimension, seed),
      documents_(padded(dimension), seed) {}

void Partition::put(std::string_view id, const Code& code, std::string_view fields,
                    WallMs expires) {
  if (const auto before = documents_.find(id)) erase(*before);
  const Slot slot = graph_.add(code);
  documents_.put(
      slot, {.id = id, .fields = fields, .low = code.low, .norm = code.norm, .expires = expires});
  pending_.push_back(slot);
  expires_any_ |= expires != kNeverExpires;
}

void Partition::change(Slot slot, std::string_view fields, WallMs expires) {
  const DocumentView before = documents_.at(slot);
  const std::string id(before.id);
  const std::vector<std::int8_t> low(before.low.begin(), before.low.end());
  const float norm = before.norm;
  documents_.erase(slot);
  documents_.put(slot, {.id = id, .fields = fields, .low = low, .norm = norm, .expires = expires});
  expires_any_ |= expires != kNeverExpires;
}

void Partition::erase(Slot slot) {
  documents_.erase(slot);
  const bool linked = graph_.is_linked(slot);
  graph_.remove(slot);
  if (linked) erased_.push_back(slot);
}

std::optional<Partition::Job> Partition::next_job(Scratch& scratch) const {
  if (!erased_.empty()) {
    const Slot slot = erased_.front();
    return Job{Job::Kind::unlink, slot, graph_.plan_unlink(slot)};
  }
  if (pending_.empty()) return std::nullopt;
  const Slot slot = pending_.front();
  if (!graph_.is_alive(slot)) return Job{Job::Kind::release, slot, {}};
  return Job{Job::Kind::link, slot, graph_.plan_link(slot, scratch)};
}

void Partition::finish(const Job& job) {
  if (job.kind == Job::Kind::link) {
    pending_.pop_front();
    graph_.apply(job.plan);
    // Erased since the plan was made.
    if (!graph_.is_alive(job.slot)) erased_.push_back(job.slot);
    return;
  }
  if (job.kind == Job::Kind::unlink) {
    erased_.pop_front();
    graph_.apply(job.plan);
  } else {
    pending_.pop_front();
  }
  graph_.release(job.slot);
}

bool Partition::evict(std::string& id) {
  if (documents_.size() == 0) return false;
  while (true) {
    if (hand_ >= graph_.slots()) hand_ = 0;
    const Slot slot = hand_++;
    if (!documents_.has(slot) || documents_.take_touched(slot)) continue;
    id = documents_.at(slot).id;
    erase(slot);
    return true;
  }
}

std::optional<Slot> Partition::find(std::string_view id, WallMs now) const {
  const auto slot = documents_.find(id);
  if (!slot) return std::nullopt;
  const WallMs expires = documents_.at(*slot).expires;
  return expires != kNeverExpires && expires <= now ? std::nullopt : slot;
}

std::vector<float> Partition::vector(Slot slot) const {
  return decode(graph_.scale(slot).step, graph_.high(slot), documents_.at(slot).low,
                graph_.dimension());
}

bool Partition::is_wanted(Slot slot, const Search& search) const {
  const DocumentView document = documents_.at(slot);
  if (document.expires != kNeverExpires && document.expires <= search.now) return false;
  return search.filter == nullptr || search.filter->matches(document.fields);
}

void Partition::compare_pending(const Search& search, Nearest& nearest) const {
  for (const Slot slot : pending_) {
    if (!graph_.is_alive(slot)) continue;
    const Near near{graph_.distance(search.query->code, slot), slot};
    if (search.filter == nullptr || is_wanted(slot, search)) nearest.offer(near);
  }
}

void Partition::compare_all(const Search& search, Nearest& nearest) const {
  for (Slot slot = 0; slot < graph_.slots(); ++slot) {
    if (!documents_.has(slot)) continue;
    if (search.filter != nullptr && !is_wanted(slot, search)) continue;
    nearest.offer({graph_.distance(search.query->code, slot), slot});
  }
}

std::vector<Partition::Hit> Partition::any(const Search& search) const {
  std::vector<Hit> hits;
  for (Slot slot = 0; slot < graph_.slots() && hits.size() < search.count; ++slot) {
    if (documents_.has(slot) && is_wanted(slot, search)) hits.push_back({0, slot});
  }
  return hits;
}

// By all bits, best first; what has expired is left out.
std::vector<Partition::Hit> Partition::rank(const Search& search,
                                            const std::vector<Near>& found) const {
  std::vector<Hit> hits;
  hits.reserve(found.size());
  for (const Near& near : found) {
    const DocumentView document = documents_.at(near.slot);
    if (document.expires != kNeverExpires && document.expires <= search.now) continue;
    hits.push_back({score(*search.query, metric_, graph_.scale(near.slot).step, document.norm,
                          graph_.high(near.slot).data(), document.low.data()),
                    near.slot});
  }
  std::ranges::sort(hits, [this](const Hit& a, const Hit& b) {
    return greater_is_nearer(metric_) ? a.score > b.score : a.score < b.score;
  });
  if (hits.size() > search.count) hits.resize(search.count);
  return hits;
}

std::vector<Partition::Hit> Partition::search(const Search& search, Scratch& scratch) const {
  if (search.query == nullptr) return any(search);
  const std::size_t ranked = std::max(kRankedMin, search.count + search.count / 2);
  Nearest nearest{{}, ranked};
  if (graph_.size() <= kScanMax || graph_.linked() == 0) {
    compare_all(search, nearest);
    return rank(search, nearest.heap);
  }
  struct Asked {
    const Partition& partition;
    const Search& search;
  } const asked{*this, search};
  const Accept accept{[](const void* whom, Slot slot) {
                        const auto& [partition, wanted] = *static_cast<const Asked*>(whom);
                        return partition.is_wanted(slot, wanted);
                      },
                      &asked};
  const std::size_t breadth = std::max(kBreadthMin, ranked);
  const bool filtered = search.filter != nullptr;
  const std::size_t visits_max = filtered ? std::max(kWanderedMin, graph_.linked() / kWanderedShare)
                                          : std::numeric_limits<std::size_t>::max();
  const Graph::Found found =
      graph_.search(search.query->code, breadth, visits_max, filtered ? accept : Accept{}, scratch);
  if (filtered && (found.exhausted || found.nearest.size() < search.count)) {
    compare_all(search, nearest);
  } else {
    for (const Near& near : found.nearest) nearest.offer(near);
    compare_pending(search, nearest);
  }
  return rank(search, nearest.heap);
}

std::vector<Slot> Partition::expired(WallMs now, Slot& from, std::size_t slots_max) const {
  std::vector<Slot> found;
  const std::size_t end = std::min<std::size_t>(graph_.slots(), from + slots_max);
  for (; from < end; ++from) {
    if (!documents_.has(from)) continue;
    const WallMs expires = documents_.at(from).expires;
    if (expires != kNeverExpires && expires <= now) found.push_back(from);
  }
  return found;
}

bool Partition::restore(Slot slot, std::string_view id, const Code& code, std::string_view fields,
                        WallMs expires, std::size_t level, bool linked,
                        std::span<const Graph::Links> links) {
  if (documents_.find(id) || !graph_.restore(slot, code, level, linked, links)) return false;
  documents_.put(
      slot, {.id = id, .fields = fields, .low = code.low, .norm = code.norm, .expires = expires});
  expires_any_ |= expires != kNeverExpires;
  return true;
}

void Partition::end_restore() {
  if (graph_.end_restore() > kDroppedMax) graph_.forget_links();
  pending_.clear();
  for (Slot slot = 0; slot < graph_.slots(); ++slot) {
    if (graph_.is_alive(slot) && !graph_.is_linked(slot)) pending_.push_back(slot);
  }
}

}  // namespace mynah::vector
