// SPDX-License-Identifier: Apache-2.0
// What the thread in the background does: linking vectors, dropping what has expired, writing to
// disk; and reading it back at the start.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "vector/database.h"

namespace mynah::vector {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(50);
constexpr Duration kExpireEvery = 1s;
// How much is done under one hold of a lock, so that searches never wait for long.
constexpr std::size_t kSlotsExpired = 4096;
constexpr std::size_t kSlotsDumped = 64;
// How much is linked before the disk has its turn again.
constexpr std::size_t kJobsInTurn = 64;
// A slot from disk beyond this measure would take a table out of proportion.
constexpr std::size_t kSlotsSparse = 64;
constexpr std::size_t kSlotsFree = 4096;

Status give(const std::vector<std::string>& operations, const DiskLog::Sink& sink) {
  for (const std::string& operation : operations)
    MYNAH_OK(sink({store::RecordKind::whole, 0, 0, operation}));
  return ok();
}

}  // namespace

// A partition that may be gone when it is looked for again.
struct Database::Address {
  std::string collection;
  std::string partition;
  std::uint64_t number = 0;
};

std::vector<Database::Address> Database::addresses() {
  const std::shared_lock locked(lock_);
  std::vector<Address> all;
  for (const auto& [name, collection] : collections_) {
    for (const auto& [partition_name, partition] : collection.partitions)
      all.push_back({name, partition_name, partition->number()});
  }
  return all;
}

Partition* Database::find(const Address& address) {
  const auto collection = collections_.find(address.collection);
  if (collection == collections_.end()) return nullptr;
  const auto partition = collection->second.partitions.find(address.partition);
  const bool there = partition != collection->second.partitions.end() &&
                     partition->second->number() == address.number;
  return there ? partition->second.get() : nullptr;
}

// True when there is more to do.
bool Database::link_some() {
  bool more = false;
  auto scratch = take_scratch();
  for (const Address& address : addresses()) {
    for (std::size_t i = 0; i < kJobsInTurn && !stopping_; ++i) {
      std::optional<Partition::Job> job;
      {
        const std::shared_lock locked(lock_);
        const Partition* partition = find(address);
        if (partition != nullptr) job = partition->next_job(*scratch);
      }
      if (!job) break;
      const std::unique_lock locked(lock_);
      Partition* partition = find(address);
      if (partition == nullptr) break;
      partition->finish(*job);
      if (job->kind == Partition::Job::Kind::link) linked_.fetch_add(1, std::memory_order_relaxed);
      more |= i + 1 == kJobsInTurn;
    }
  }
  give_back(std::move(scratch));
  return more;
}

void Database::drop_expired() {
  const WallMs time = now();
  for (const Address& address : addresses()) {
    for (Slot from = 0; !stopping_;) {
      std::vector<Slot> expired;
      {
        const std::shared_lock locked(lock_);
        const Partition* partition = find(address);
        if (partition == nullptr || !partition->expires_any() || from >= partition->graph().slots())
          break;
        expired = partition->expired(time, from, kSlotsExpired);
      }
      if (expired.empty()) continue;
      const std::unique_lock locked(lock_);
      Partition* partition = find(address);
      if (partition == nullptr) break;
      for (const Slot slot : expired) {
        // The document may have been replaced meanwhile.
        Slot here = slot;
        if (partition->expired(time, here, 1).empty()) continue;
        erase_slot(address.collection, address.partition, *partition, slot);
        expired_.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }
}

void Database::wake() {
  {
    const std::scoped_lock locked(work_lock_);
    has_work_ = true;
  }
  work_.notify_one();
}

void Database::run_background() {
  Instant expired_at = clock_.now();
  bool more = false;
  while (!stopping_) {
    if (!more) {
      std::unique_lock waiting(work_lock_);
      work_.wait_for(waiting, kPatience, [&] { return has_work_ || stopping_.load(); });
      has_work_ = false;
    }
    if (log_ != nullptr) log_->work({});
    more = link_some();
    if (clock_.now() - expired_at < kExpireEvery) continue;
    expired_at = clock_.now();
    drop_expired();
  }
}

void Database::maintain() {
  drop_expired();
  while (link_some()) {
  }
  if (log_ != nullptr) log_->work({});
}

Status Database::flush() { return log_ == nullptr ? ok() : log_->flush(); }
Status Database::snapshot() { return log_ == nullptr ? ok() : log_->snapshot(); }

Status Database::dump(const DiskLog::Sink& sink) {
  std::vector<std::string> operations;
  {
    const std::shared_lock locked(lock_);
    for (const auto& [name, collection] : collections_) {
      if (collection.info.dimension == 0) continue;
      operations.push_back(encode_create(collection.info));
      for (const auto& [partition, held] : collection.partitions)
        operations.push_back(encode_create_partition(name, partition));
    }
  }
  MYNAH_OK(give(operations, sink));
  for (const Address& address : addresses()) MYNAH_OK(dump_partition(address, sink));
  return ok();
}

Status Database::dump_partition(const Address& address, const DiskLog::Sink& sink) {
  for (Slot from = 0;;) {
    std::vector<std::string> operations;
    {
      const std::shared_lock locked(lock_);
      const Partition* partition = find(address);
      if (partition == nullptr || from >= partition->graph().slots()) return ok();
      const Graph& graph = partition->graph();
      const Slot end = static_cast<Slot>(std::min<std::size_t>(graph.slots(), from + kSlotsDumped));
      for (; from < end; ++from) {
        if (!graph.is_alive(from)) continue;
        StoredLinks links{.slot = from, .linked = graph.is_linked(from), .levels = {}};
        for (std::size_t level = 0; level <= graph.level(from); ++level)
          links.levels.push_back(graph.links(from, level));
        operations.push_back(encode_node(address.collection, address.partition,
                                         {.view = partition->document(from),
                                          .step = graph.scale(from).step,
                                          .high = graph.high(from),
                                          .dimension = graph.dimension()},
                                         links));
      }
    }
    MYNAH_OK(give(operations, sink));
  }
}

// Only at the start, when nobody else is there. False for bytes that are no operation: nothing
// after them can be trusted. What cannot be applied any more is passed over, because a snapshot may
// be ahead of the log.
bool Database::load(std::string_view bytes) {
  const auto operation = parse_operation(bytes);
  if (!operation) return false;
  using Kind = Operation::Kind;
  if (operation->kind == Kind::node || operation->kind == Kind::put)
    return load_document(*operation);
  const auto found = collections_.find(operation->collection);
  if (operation->kind == Kind::create) {
    const bool same = found != collections_.end() &&
                      found->second.info.dimension == operation->info.dimension &&
                      found->second.info.metric == operation->info.metric &&
                      found->second.info.element == operation->info.element;
    if (same || operation->info.dimension == 0 || !is_collection_name(operation->collection))
      return true;
    drop_all(operation->collection);
    add_collection(operation->info);
    return true;
  }
  if (operation->kind == Kind::drop) drop_all(operation->collection);
  if (operation->kind == Kind::drop || found == collections_.end()) return true;
  Collection& collection = found->second;
  const bool clears = operation->kind == Kind::clear;
  if (operation->kind == Kind::drop_partition || clears)
    drop_from(collection, operation->partition);
  const bool makes = operation->kind == Kind::create_partition || clears;
  if (makes && is_collection_name(operation->partition) &&
      !collection.partitions.contains(operation->partition))
    add_partition(collection, operation->partition);
  if (operation->kind == Kind::erase) {
    end_loading();
    const auto partition = collection.partitions.find(operation->partition);
    if (partition == collection.partitions.end()) return true;
    const auto slot = partition->second->find(operation->id, kNeverExpires);
    if (slot) partition->second->erase(*slot);
  }
  return true;
}

bool Database::load_document(const Operation& operation) {
  const bool is_node = operation.kind == Operation::Kind::node;
  // All nodes come before the first change.
  if (is_node && !restoring_) return false;
  if (!is_node) end_loading();
  const auto found = collections_.find(operation.collection);
  if (found == collections_.end()) return true;
  Collection& collection = found->second;
  const auto here = collection.partitions.find(operation.partition);
  if (here == collection.partitions.end() || collection.info.dimension != operation.dimension)
    return true;
  Partition& partition = *here->second;
  const Code code{.scale = scale_of(operation.step, operation.norm, collection.info.metric),
                  .norm = operation.norm,
                  .high = operation.high,
                  .low = operation.low};
  const StoredLinks& links = operation.links;
  const bool fits =
      is_node && links.slot < partition.size() * kSlotsSparse + kSlotsFree &&
      partition.restore(links.slot, operation.id, code, operation.fields, operation.expires,
                        links.levels.size() - 1, links.linked, links.levels);
  if (!fits) partition.put(operation.id, code, operation.fields, operation.expires);
  return true;
}

void Database::end_loading() {
  if (!std::exchange(restoring_, false)) return;
  for (auto& [name, collection] : collections_) {
    for (auto& [partition_name, partition] : collection.partitions) partition->end_restore();
  }
}

}  // namespace mynah::vector
