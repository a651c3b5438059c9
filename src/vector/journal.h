// SPDX-License-Identifier: Apache-2.0
// Journal: writes the database's operations down. Appending puts them into a bounded queue and
// never waits; one thread takes them from there.
//
//   folder   := log* snapshot? "lock"     log and snapshot: records as in store/records.h
//   log      := 'E' records, an operation each, numbered without a gap
//   snapshot := 'W' records, an operation each, then 'Z'
//
// A snapshot is taken piece by piece while others write, so it holds some of what the log that
// began with it holds as well. That does no harm, because operations are to be repeated
// (operation.h). If the queue overflows or the disk fails, nothing stops: what is not written is in
// the snapshot that is made as soon as the disk takes it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/disk_log.h"
#include "store/files.h"

namespace mynah::vector {

using store::DiskOptions;
using store::SyncPolicy;

class Journal final {
 public:
  // Takes an operation of a snapshot.
  using Sink = std::function<Status(std::string_view operation)>;
  // Gives all operations that make the present state.
  using Dump = std::function<Status(const Sink& sink)>;

  // `next` is the number of the next operation.
  Journal(std::unique_ptr<store::Files> files, const Clock& clock, std::uint64_t next,
          DiskOptions options, Dump dump);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // Returns the operation's number.
  std::uint64_t append(std::string_view operation);

  // ---- For the thread that writes

  void work();
  Status flush();
  Status snapshot();

  // ---- For anybody

  [[nodiscard]] std::uint64_t latest() const;
  [[nodiscard]] std::uint64_t durable() const { return durable_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  Status write_queue();
  Status open_log();
  Status write_snapshot();
  Status sync();
  void fail(const Error& error);
  void recover_when_due();
  void remove_older(std::uint64_t first);

  std::unique_ptr<store::Files> files_;
  const Clock& clock_;
  DiskOptions options_;
  Dump dump_;

  mutable std::mutex lock_;  // of the three below
  std::string queue_;
  std::uint64_t last_;  // the number given last
  bool overflowed_ = false;

  // Of the thread that writes.
  std::unique_ptr<store::OutputFile> log_;
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

// What the files hold, told as operations in their order. Files and ends of files that are not
// whole are reported, cut off or set aside; of a damaged snapshot all that stands before the damage
// is told, and `damaged` says so.
struct Replayed {
  std::uint64_t next = 1;
  bool damaged = false;
};
Result<Replayed> replay(store::Files& files, const DiskOptions& options,
                        const std::function<bool(std::string_view operation)>& take);

}  // namespace mynah::vector
