// SPDX-License-Identifier: Apache-2.0
// DiskLog: writes changes down, those of the store and those of the vector index. Appending puts
// them into a bounded queue in memory and never waits; one thread takes it from there.
//
// Now and then the thread writes a snapshot of all that its owner holds, so that older logs can go.
// The owner gives it piece by piece, while others go on changing: it holds some of what the log
// that began with it holds as well. If the queue overflows or the disk fails, nothing stops:
// changes go unwritten until a snapshot can be made, which then holds them all. What is on disk is
// a beginning of history at every moment.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "store/files.h"
#include "store/keyspace.h"
#include "store/records.h"

namespace mynah::store {

enum class SyncPolicy : std::uint8_t {
  every_second,  // a loss of power costs at most the last second; a crash of the process, what is
                 // in the queue
  always,        // a change counts as durable when it is synced: see durable()
  never,         // the system writes when it likes
};

struct DiskOptions {
  SyncPolicy sync = SyncPolicy::every_second;
  std::size_t queue_bytes = std::size_t{64} << 20;
  std::size_t log_bytes = std::size_t{64} << 20;  // of one file
  // A snapshot is made when the logs since the last hold so many bytes, and at least as many as
  // that snapshot.
  std::size_t snapshot_after_bytes = std::size_t{64} << 20;
  // Told what an administrator should know, in one sentence.
  std::function<void(const std::string&)> report = [](const std::string&) {};
};

class DiskLog final : public Journal {
 public:
  // Takes a record of a snapshot.
  using Sink = std::function<Status(const Record& record)>;
  // Gives all records of a snapshot but the last.
  using Dump = std::function<Status(const Sink& sink)>;
  struct Owner {
    std::string name;  // in reports: "the store"
    HashSeed seed;     // for the files' headers
    Dump dump;
  };

  // `next` is the sequence number of the next change.
  DiskLog(Files& files, const Clock& clock, std::uint64_t next, DiskOptions options, Owner owner);
  DiskLog(const DiskLog&) = delete;
  DiskLog& operator=(const DiskLog&) = delete;
  ~DiskLog() override;

  std::uint64_t append(WallMs now, std::string_view effects) override;

  // ---- For the thread that writes

  // Writes what is queued, syncs and makes snapshots as due. Waits for work up to `patience`.
  void work(std::chrono::milliseconds patience);
  // Writes and syncs all that was appended before the call.
  Status flush();
  // Writes a snapshot at once.
  Status snapshot();
  // Makes a waiting work() return soon.
  void wake();

  // ---- For anybody

  // The number given last.
  [[nodiscard]] std::uint64_t latest();
  // All changes up to this number are written and, if the policy is to sync, synced.
  [[nodiscard]] std::uint64_t durable() const { return durable_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  struct Batch {
    std::string records;
    std::uint64_t last = 0;
    bool overflowed = false;
  };

  Batch take_queue();
  Status write_queue();
  Status open_log();
  Status write_snapshot();
  void sync_when_due();
  Status sync();
  void fail(const Error& error);
  void recover_when_due();
  void remove_older(std::uint64_t first);

  [[nodiscard]] std::string header(std::uint64_t first) const;

  Files& files_;
  const Clock& clock_;
  DiskOptions options_;
  Owner owner_;

  std::mutex lock_;  // of the four below
  std::condition_variable filled_;
  std::string queue_;
  std::uint64_t last_;  // the sequence number given last
  bool overflowed_ = false;

  // Of the writing thread.
  std::unique_ptr<OutputFile> log_;
  std::uint64_t log_bytes_ = 0;
  std::uint64_t bytes_since_snapshot_ = 0;
  std::uint64_t snapshot_bytes_ = 0;
  std::uint64_t written_ = 0;
  bool unsynced_ = false;
  Instant synced_at_{};
  Instant failed_at_{};

  std::atomic<std::uint64_t> durable_ = 0;
  std::atomic<bool> healthy_ = true;
};

// Names of files, by sequence number, and back.
std::string log_name(std::uint64_t first);
std::string snapshot_name(std::uint64_t first);
inline constexpr std::string_view kSnapshotDraft = "snapshot.draft";

}  // namespace mynah::store
