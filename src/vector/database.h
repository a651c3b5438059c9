// SPDX-License-Identifier: Apache-2.0
// Database: the embedded vector index, shared by all workers: collections of documents in
// partitions, found by what lies nearest to a vector. api.h speaks DashVector's HTTP dialect to it.
//
//   MYNAH_LET(auto database, Database::open({.folder = "data/vectors"}, clock));
//   database->write(WriteKind::upsert, "default", "", documents);
//   auto hits = database->search({.collection = "default", .vector = question, .count = 1});
//
// - Any thread may call any function at any time. Calls wait for each other, but not for the disk;
// a
//   search among a hundred thousand vectors takes about a tenth of a millisecond, one with a filter
//   that lets almost nothing through some milliseconds. So calls belong on a BlockingPool, not on a
//   worker's loop.
// - What is written is found at once. A thread of the database links it into the index afterwards,
//   and does the disk's work.
// - The collection `default` is always there. Its dimension, like that of every collection that is
//   made by its first document, is that of its first vector; what has another is refused.
// - Collections that come into being this way make their partitions alike, and are caches: over the
//   limit of memory, they drop what was not found for longest. Those that somebody created keep
//   what they hold, know no partition that nobody created, and refuse to grow over the limit.
// - Documents may end at a time; they are not found from then on, and dropped soon after.
// - With a folder, documents survive restarts and crashes, with the losses that DiskOptions name.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "vector/answer.h"
#include "vector/collection_info.h"
#include "vector/fields.h"
#include "vector/operation.h"
#include "vector/partition.h"
#include "vector/replay.h"
#include "vector/turn_lock.h"

namespace mynah::vector {

inline constexpr std::string_view kDefaultCollection = "default";
inline constexpr std::string_view kDefaultPartition = "default";

inline constexpr std::size_t kCollectionsMax = 256;
inline constexpr std::size_t kPartitionsMax = 4096;  // of a collection
inline constexpr std::size_t kBatchMax = 1024;       // documents of a write, ids of a fetch
inline constexpr std::size_t kCountMax = 1024;       // documents of an answer
inline constexpr std::size_t kCountWithVectorsMax = 100;

enum class WriteKind : std::uint8_t { insert, update, upsert };

struct NewDocument {
  std::string id;  // empty: one is made
  std::optional<std::vector<float>> vector;
  std::optional<std::string> fields;  // packed
  std::optional<Duration> lifetime;
};

struct WriteResult {
  WriteKind done = WriteKind::insert;
  std::string id;
  Refusal refusal{Reason::success, {}};
};

struct SearchRequest {
  std::string collection;
  std::string partition;  // empty: the default one
  std::optional<std::vector<float>> vector;
  std::string id;  // of a document whose vector to take; without both, any documents are found
  std::size_t count = 10;
  std::string filter;
  bool with_vector = false;
};

struct FoundDocument {
  std::string id;
  float score = 0;
  std::string fields;         // packed
  std::vector<float> vector;  // if it was asked for
};

struct PartitionStats {
  std::string name;
  std::size_t documents = 0;
};
struct CollectionStats {
  std::size_t documents = 0;
  double completeness = 1;  // the share of vectors that are linked
  std::vector<PartitionStats> partitions;
};

// Of all collections together.
struct DatabaseNumbers {
  std::size_t collections = 0;
  std::size_t documents = 0;
  std::size_t pending = 0;  // documents that are not linked yet
  std::size_t memory_bytes = 0;
  std::uint64_t unwritten = 0;  // changes that are not on disk yet
  // Since the start.
  std::uint64_t searches = 0;
  std::uint64_t written = 0;  // documents
  std::uint64_t linked = 0;
  std::uint64_t expired = 0;
  std::uint64_t evicted = 0;
};

enum class Background : std::uint8_t {
  own_thread,
  by_hand,  // the owner calls maintain(); for tests
};

struct DatabaseOptions {
  std::size_t memory_bytes = std::size_t{256} << 20;
  std::string folder;  // empty: in memory only
  DiskOptions disk;
  Background background = Background::own_thread;
};

class Database final {
 public:
  // Reads what the folder holds. Fails when it cannot be used, never because of a crash before.
  static Result<std::unique_ptr<Database>> open(DatabaseOptions options, const Clock& clock);
  Database(const Database&) = delete;
  // Writes what is still queued.
  ~Database();

  // ---- Collections and partitions

  Answer<Unit> create(CollectionInfo info);
  Answer<Unit> drop(std::string_view collection);
  Answer<CollectionInfo> describe(std::string_view collection);
  std::vector<std::string> collections();
  Answer<CollectionStats> stats(std::string_view collection);
  Answer<Unit> create_partition(std::string_view collection, std::string_view name);
  Answer<Unit> drop_partition(std::string_view collection, std::string_view name);
  Answer<std::vector<std::string>> partitions(std::string_view collection);

  // ---- Documents. An empty name of a partition means the default one.

  // Each document by itself: one that is refused leaves the others alone.
  Answer<std::vector<WriteResult>> write(WriteKind kind, std::string_view collection,
                                         std::string_view partition,
                                         std::vector<NewDocument> documents);
  // How many there were. `clear` erases all of a partition.
  Answer<std::size_t> erase(std::string_view collection, std::string_view partition,
                            const std::vector<std::string>& ids);
  Answer<Unit> clear(std::string_view collection, std::string_view partition);
  Answer<std::vector<FoundDocument>> fetch(std::string_view collection, std::string_view partition,
                                           const std::vector<std::string>& ids);
  // Best first.
  Answer<std::vector<FoundDocument>> search(const SearchRequest& request);

  [[nodiscard]] DatabaseNumbers numbers();
  [[nodiscard]] std::size_t memory_bytes() const { return memory_.load(std::memory_order_relaxed); }
  // The number of the latest change, and up to which one all are on disk.
  [[nodiscard]] std::uint64_t latest() const;
  [[nodiscard]] std::uint64_t durable() const;
  [[nodiscard]] bool is_disk_healthy() const;

  // ---- With Background::by_hand

  // Links all that is pending, drops what has expired, does the disk's work.
  void maintain();
  Status flush();
  Status snapshot();

 private:
  struct Collection {
    CollectionInfo info;
    std::uint64_t number = 0;
    std::map<std::string, std::unique_ptr<Partition>, std::less<>> partitions;
  };
  using Collections = std::map<std::string, Collection, std::less<>>;

  Database(DatabaseOptions options, const Clock& clock);

  [[nodiscard]] WallMs now() const;
  Answer<Collection*> find(std::string_view name);
  Answer<Partition*> find(std::string_view collection, std::string_view partition);
  Collection& add_collection(CollectionInfo info);
  Partition& add_partition(Collection& collection, std::string name);
  void drop_from(Collection& collection, std::string_view partition);
  void drop_all(std::string_view collection);
  void ensure_default();

  // What a write does, a document at a time: see database_write.cc.
  struct Target;
  struct Prepared;
  Answer<Target> target_of(WriteKind kind, std::string_view collection, std::string_view partition,
                           const std::vector<NewDocument>& documents);
  Answer<Prepared> prepare(const Target& target, NewDocument& document);
  Answer<Unit> write_one(const Target& target, const Prepared& prepared, WriteResult& result);
  Answer<Unit> update(const Target& target, Partition& partition, const Prepared& prepared);
  Answer<Unit> put(const Target& target, Partition& partition, const Prepared& prepared,
                   std::string_view fields);
  void erase_slot(std::string_view collection, std::string_view partition_name,
                  Partition& partition, Slot slot);
  void record(std::string_view operation) {
    // Documents say themselves when they end, so the time of a change is of no use.
    if (log_ != nullptr) log_->append(0, operation);
  }
  // Room for so many more bytes, made by dropping what caches hold if need be.
  bool make_room(std::size_t bytes);
  bool evict_one();
  std::string make_id();

  FoundDocument copy_of(const Collection& collection, const Partition& partition, Slot slot,
                        float score, bool with_vector) const;

  std::unique_ptr<Scratch> take_scratch();
  void give_back(std::unique_ptr<Scratch> scratch);

  // Upkeep: see database_upkeep.cc.
  struct Address;
  std::vector<Address> addresses();
  Partition* find(const Address& address);
  bool link_some();
  void drop_expired();
  void wake();
  void run_background();
  Status dump(const DiskLog::Sink& sink);
  Status dump_partition(const Address& address, const DiskLog::Sink& sink);
  bool load(std::string_view operation);
  bool load_document(const Operation& operation);
  void end_loading();

  DatabaseOptions options_;
  const Clock& clock_;
  TurnLock lock_;
  Collections collections_;  // Under the lock, as all up to memory_.
  std::uint64_t last_number_ = 0;
  Random random_;
  std::uint64_t evicted_from_ = 0;  // the number of the partition that gave something up last
  std::atomic<std::size_t> memory_ = 0;
  std::atomic<std::uint64_t> searches_ = 0;
  std::atomic<std::uint64_t> documents_written_ = 0;
  std::atomic<std::uint64_t> linked_ = 0;
  std::atomic<std::uint64_t> expired_ = 0;
  std::atomic<std::uint64_t> evicted_ = 0;
  bool restoring_ = true;  // Nodes of a snapshot may still come.
  std::unique_ptr<store::Files> files_;
  std::unique_ptr<DiskLog> log_;  // null: in memory only

  std::mutex scratch_lock_;
  std::vector<std::unique_ptr<Scratch>> scratches_;

  std::atomic<bool> stopping_ = false;
  std::mutex work_lock_;  // of has_work_
  std::condition_variable work_;
  bool has_work_ = false;
  // Upkeep outlives every loop, and waits for the disk.
  std::thread background_;  // tidy: allow thread: one a process, joined by the destructor
};

// Names as DashVector allows them.
bool is_collection_name(std::string_view name);  // of a partition, too
bool is_document_id(std::string_view id);

}  // namespace mynah::vector
