// SPDX-License-Identifier: Apache-2.0
// Opening, collections and partitions. Documents: database_write.cc and database_read.cc; what goes
// on in the background: database_upkeep.cc.
#include "vector/database.h"

#include <algorithm>
#include <random>

#include "base/text.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kNameMin = 3;
constexpr std::size_t kNameMax = 32;
constexpr std::size_t kIdMax = 64;

std::uint64_t entropy() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

bool is_name_character(char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == '-'; }

}  // namespace

bool is_collection_name(std::string_view name) {
  return name.size() >= kNameMin && name.size() <= kNameMax &&
         std::ranges::all_of(name, is_name_character);
}

bool is_document_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdMax && std::ranges::all_of(id, [](char c) {
    return is_name_character(c) || std::string_view("!@#$%+=.").contains(c);
  });
}

Database::Database(DatabaseOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), random_(entropy()) {}

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options, const Clock& clock) {
  // tidy: allow new: the constructor is private
  std::unique_ptr<Database> database(new Database(std::move(options), clock));
  Database& self = *database;
  if (!self.options_.folder.empty()) {
    MYNAH_LET(self.files_, store::open_folder(self.options_.folder));
    MYNAH_LET(const Replayed replayed,
              replay(*self.files_, self.options_.disk,
                     [&](std::string_view operation) { return self.load(operation); }));
    self.end_loading();
    self.log_ = std::make_unique<DiskLog>(
        *self.files_, clock, replayed.next, self.options_.disk,
        DiskLog::Owner{.name = "the vector index",
                       .seed = {},
                       .dump = [&self](const DiskLog::Sink& sink) { return self.dump(sink); }});
  }
  self.ensure_default();
  self.make_room(0);
  if (self.options_.background == Background::own_thread) {
    // tidy: allow thread: see the member
    self.background_ = std::thread([&self] { self.run_background(); });
  }
  return database;
}

Database::~Database() {
  stopping_ = true;
  wake();
  if (background_.joinable()) background_.join();
}

WallMs Database::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch())
      .count();
}

DatabaseNumbers Database::numbers() {
  DatabaseNumbers numbers;
  {
    const std::shared_lock locked(lock_);
    numbers.collections = collections_.size();
    for (const auto& [name, collection] : collections_) {
      for (const auto& [partition_name, partition] : collection.partitions) {
        numbers.documents += partition->size();
        numbers.pending += partition->pending();
      }
    }
  }
  numbers.memory_bytes = memory_bytes();
  // In this order, so that a change in between does not make it less than none.
  const std::uint64_t durable_before = durable();
  numbers.unwritten = latest() - durable_before;
  numbers.searches = searches_;
  numbers.written = documents_written_;
  numbers.linked = linked_;
  numbers.expired = expired_;
  numbers.evicted = evicted_;
  return numbers;
}

std::uint64_t Database::latest() const { return log_ == nullptr ? 0 : log_->latest(); }
std::uint64_t Database::durable() const { return log_ == nullptr ? 0 : log_->durable(); }
bool Database::is_disk_healthy() const { return log_ == nullptr || log_->is_healthy(); }

Answer<Database::Collection*> Database::find(std::string_view name) {
  const auto found = collections_.find(name);
  if (found == collections_.end())
    return refuse(Reason::no_collection, cat("there is no collection ", utf8_prefix(name, 64)));
  return &found->second;
}

Answer<Partition*> Database::find(std::string_view collection, std::string_view partition) {
  const auto found = find(collection);
  if (!found) return std::unexpected(found.error());
  Collection& owner = **found;
  const auto here = owner.partitions.find(partition.empty() ? kDefaultPartition : partition);
  if (here != owner.partitions.end()) return here->second.get();
  // Nothing was written there yet.
  if (owner.info.origin == Origin::first_document) return nullptr;
  return refuse(Reason::no_partition,
                cat("collection ", collection, " has no partition ", utf8_prefix(partition, 64)));
}

Database::Collection& Database::add_collection(CollectionInfo info) {
  std::string name = info.name;
  Collection& added = collections_[std::move(name)];
  added.info = std::move(info);
  added.number = ++last_number_;
  if (added.info.dimension != 0) add_partition(added, std::string(kDefaultPartition));
  return added;
}

Partition& Database::add_partition(Collection& collection, std::string name) {
  auto made = std::make_unique<Partition>(++last_number_, collection.info.dimension,
                                          collection.info.metric, random_.next());
  Partition& added = *made;
  memory_ += added.memory_bytes();
  collection.partitions.insert_or_assign(std::move(name), std::move(made));
  return added;
}

void Database::drop_from(Collection& collection, std::string_view partition) {
  const auto found = collection.partitions.find(partition);
  if (found == collection.partitions.end()) return;
  memory_ -= found->second->memory_bytes();
  collection.partitions.erase(found);
}

void Database::drop_all(std::string_view name) {
  const auto found = collections_.find(name);
  if (found == collections_.end()) return;
  for (const auto& [partition, held] : found->second.partitions) memory_ -= held->memory_bytes();
  collections_.erase(found);
}

void Database::ensure_default() {
  if (collections_.contains(kDefaultCollection)) return;
  CollectionInfo info;
  info.name = kDefaultCollection;
  info.origin = Origin::first_document;
  add_collection(std::move(info));
}

Answer<Unit> Database::create(CollectionInfo info) {
  if (!is_collection_name(info.name)) {
    return refuse(Reason::invalid_collection_name,
                  "the name of a collection has 3 to 32 letters, digits, _ or -");
  }
  if (info.dimension < 1 || info.dimension > kDimensionMax)
    return refuse(Reason::invalid_dimension, cat("the dimension is not in 1…", kDimensionMax));
  if (info.element == ElementType::integer && info.metric == Metric::cosine)
    return refuse(Reason::invalid_data_type, "the cosine needs vectors of FLOAT");
  const std::unique_lock locked(lock_);
  const auto found = collections_.find(info.name);
  // The default collection has no properties until something is in it.
  if (found != collections_.end() && found->second.info.dimension != 0)
    return refuse(Reason::duplicate_collection, cat("collection ", info.name, " exists"));
  if (found == collections_.end() && collections_.size() >= kCollectionsMax)
    return refuse(Reason::invalid_argument,
                  cat("there are ", kCollectionsMax, " collections, the most"));
  drop_all(info.name);
  info.origin = Origin::request;
  record(encode_create(info));
  add_collection(std::move(info));
  return Unit{};
}

Answer<Unit> Database::drop(std::string_view collection) {
  const std::unique_lock locked(lock_);
  if (const auto found = find(collection); !found) return std::unexpected(found.error());
  record(encode_drop(collection));
  drop_all(collection);
  ensure_default();
  return Unit{};
}

Answer<CollectionInfo> Database::describe(std::string_view collection) {
  const std::shared_lock locked(lock_);
  const auto found = find(collection);
  if (!found) return std::unexpected(found.error());
  return (*found)->info;
}

std::vector<std::string> Database::collections() {
  const std::shared_lock locked(lock_);
  std::vector<std::string> names;
  for (const auto& [name, collection] : collections_) names.push_back(name);
  return names;
}

Answer<CollectionStats> Database::stats(std::string_view collection) {
  const std::shared_lock locked(lock_);
  const auto found = find(collection);
  if (!found) return std::unexpected(found.error());
  CollectionStats stats;
  std::size_t pending = 0;
  for (const auto& [name, partition] : (*found)->partitions) {
    stats.partitions.push_back({name, partition->size()});
    stats.documents += partition->size();
    pending += partition->pending();
  }
  if (stats.documents != 0) {
    stats.completeness = 1 - static_cast<double>(pending) / static_cast<double>(stats.documents);
  }
  return stats;
}

Answer<Unit> Database::create_partition(std::string_view collection, std::string_view name) {
  if (!is_collection_name(name)) {
    return refuse(Reason::invalid_partition_name,
                  "the name of a partition has 3 to 32 letters, digits, _ or -");
  }
  const std::unique_lock locked(lock_);
  const auto found = find(collection);
  if (!found) return std::unexpected(found.error());
  Collection& owner = **found;
  if (owner.info.dimension == 0) {
    return refuse(Reason::invalid_argument, cat("collection ", collection,
                                                " gets its partitions with their first documents"));
  }
  if (owner.partitions.contains(name))
    return refuse(Reason::duplicate_partition, cat("partition ", name, " exists"));
  if (owner.partitions.size() >= kPartitionsMax)
    return refuse(Reason::invalid_argument,
                  cat("there are ", kPartitionsMax, " partitions, the most"));
  record(encode_create_partition(collection, name));
  add_partition(owner, std::string(name));
  return Unit{};
}

Answer<Unit> Database::drop_partition(std::string_view collection, std::string_view name) {
  const std::unique_lock locked(lock_);
  const auto found = find(collection, name);
  if (!found) return std::unexpected(found.error());
  if (name == kDefaultPartition)
    return refuse(Reason::invalid_argument, "the default partition cannot be deleted");
  record(encode_drop_partition(collection, name));
  drop_from(**find(collection), name);
  return Unit{};
}

Answer<std::vector<std::string>> Database::partitions(std::string_view collection) {
  const std::shared_lock locked(lock_);
  const auto found = find(collection);
  if (!found) return std::unexpected(found.error());
  std::vector<std::string> names;
  for (const auto& [name, partition] : (*found)->partitions) names.push_back(name);
  // It is there before it holds anything.
  if (names.empty()) names.emplace_back(kDefaultPartition);
  return names;
}

std::unique_ptr<Scratch> Database::take_scratch() {
  const std::scoped_lock locked(scratch_lock_);
  if (scratches_.empty()) return std::make_unique<Scratch>();
  auto scratch = std::move(scratches_.back());
  scratches_.pop_back();
  return scratch;
}

void Database::give_back(std::unique_ptr<Scratch> scratch) {
  const std::scoped_lock locked(scratch_lock_);
  scratches_.push_back(std::move(scratch));
}

}  // namespace mynah::vector
