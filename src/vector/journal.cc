// SPDX-License-Identifier: Apache-2.0
// The queue, the files, the snapshots, and what happens when the disk fails. Reading: replay.cc.
#include "vector/journal.h"

#include <algorithm>

#include "base/text.h"
#include "store/records.h"

namespace mynah::vector {
namespace {

using store::RecordKind;

constexpr std::size_t kSnapshotPieceBytes = std::size_t{256} << 10;
constexpr auto kSyncEvery = 1s;
constexpr auto kRetryEvery = 1s;

std::string header_of(std::uint64_t first) {
  std::string header;
  store::append_header({.seed = {}, .first = first}, header);
  return header;
}

std::string sealed(RecordKind kind, std::uint64_t number) {
  std::string record;
  store::append_unsealed({kind, number, 0, {}}, record);
  store::seal(record);
  return record;
}

}  // namespace

Journal::Journal(std::unique_ptr<store::Files> files, const Clock& clock, std::uint64_t next,
                 DiskOptions options, Dump dump)
    : files_(std::move(files)),
      clock_(clock),
      options_(std::move(options)),
      dump_(std::move(dump)),
      last_(next - 1),
      written_(next - 1),
      synced_at_(clock.now()),
      durable_(next - 1) {
  if (const Status opened = open_log(); !opened) fail(opened.error());
}

Journal::~Journal() {
  // A failure has been reported, and there is nobody left to act on it.
  flush().ignore();
}

std::uint64_t Journal::latest() const {
  const std::scoped_lock locked(lock_);
  return last_;
}

std::uint64_t Journal::append(std::string_view operation) {
  const std::scoped_lock locked(lock_);
  const std::uint64_t number = ++last_;
  if (overflowed_) return number;
  if (queue_.size() + operation.size() > options_.queue_bytes) {
    overflowed_ = true;
    queue_.clear();
    return number;
  }
  store::append_unsealed({RecordKind::changes, number, 0, operation}, queue_);
  return number;
}

void Journal::work() {
  if (!is_healthy()) recover_when_due();
  if (const Status written = write_queue(); !written) return fail(written.error());
  if (!is_healthy()) return;
  const bool due = unsynced_ && options_.sync == SyncPolicy::every_second &&
                   clock_.now() - synced_at_ >= kSyncEvery;
  if (due) {
    if (const Status synced = sync(); !synced) return fail(synced.error());
  }
  if (bytes_since_snapshot_ <=
      std::max<std::uint64_t>(options_.snapshot_after_bytes, snapshot_bytes_))
    return;
  if (const Status done = write_snapshot(); !done) fail(done.error());
}

// Takes the queue even when it cannot be written, so that it does not grow.
Status Journal::write_queue() {
  std::string records;
  std::uint64_t last = 0;
  {
    const std::scoped_lock locked(lock_);
    if (std::exchange(overflowed_, false))
      return Error{Errc::exhausted, "the disk is too slow for the queue of changes"};
    records.swap(queue_);
    last = last_;
  }
  if (records.empty() || !is_healthy()) return ok();
  store::seal(records);
  MYNAH_OK(log_->append(records));
  written_ = last;
  log_bytes_ += records.size();
  bytes_since_snapshot_ += records.size();
  unsynced_ = true;
  if (options_.sync == SyncPolicy::never) durable_.store(written_, std::memory_order_release);
  if (options_.sync == SyncPolicy::always) MYNAH_OK(sync());
  return log_bytes_ > options_.log_bytes ? open_log() : ok();
}

Status Journal::sync() {
  MYNAH_OK(log_->sync());
  unsynced_ = false;
  synced_at_ = clock_.now();
  durable_.store(written_, std::memory_order_release);
  return ok();
}

// Begins the next file. What is in the old one is made durable first: a later file must never
// outlive an earlier one.
Status Journal::open_log() {
  if (log_ != nullptr && unsynced_) MYNAH_OK(sync());
  MYNAH_LET(auto file, files_->create(store::log_name(written_ + 1)));
  const std::string header = header_of(written_ + 1);
  MYNAH_OK(file->append(header));
  log_ = std::move(file);
  log_bytes_ = header.size();
  return ok();
}

Status Journal::flush() {
  MYNAH_OK(write_queue());
  if (!is_healthy()) return Error{Errc::unavailable, "the disk has failed before"};
  return unsynced_ ? sync() : ok();
}

Status Journal::snapshot() {
  MYNAH_OK(write_queue());
  return write_snapshot();
}

// A log of its own begins with the snapshot, so that all earlier ones can go when it is complete.
Status Journal::write_snapshot() {
  MYNAH_OK(open_log());
  const std::uint64_t first = written_ + 1;
  MYNAH_LET(const auto file, files_->create(std::string(store::kSnapshotDraft)));
  std::string piece = header_of(first);
  std::uint64_t bytes = 0;
  const auto write_piece = [&]() -> Status {
    bytes += piece.size();
    MYNAH_OK(file->append(piece));
    piece.clear();
    return write_queue();
  };
  MYNAH_OK(write_piece());
  MYNAH_OK(dump_([&](std::string_view operation) -> Status {
    std::string record;
    store::append_unsealed({RecordKind::whole, first, 0, operation}, record);
    store::seal(record);
    piece += record;
    return piece.size() < kSnapshotPieceBytes ? ok() : write_piece();
  }));
  piece += sealed(RecordKind::end, first);
  MYNAH_OK(write_piece());
  MYNAH_OK(file->sync());
  // The snapshot may hold changes that only the log has as well; they must not be lost from there
  // while it is used.
  if (unsynced_) MYNAH_OK(sync());
  MYNAH_OK(files_->rename(std::string(store::kSnapshotDraft), store::snapshot_name(first)));
  snapshot_bytes_ = bytes;
  bytes_since_snapshot_ = 0;
  remove_older(first);
  return ok();
}

void Journal::remove_older(std::uint64_t first) {
  const auto names = files_->list();
  if (!names) return options_.report(names.error().what);
  for (const std::string& name : *names) {
    const bool old = (name.starts_with("log-") && name < store::log_name(first)) ||
                     (name.starts_with("snapshot-") && name < store::snapshot_name(first));
    if (!old) continue;
    if (const Status removed = files_->remove(name); !removed)
      options_.report(removed.error().what);
  }
}

void Journal::fail(const Error& error) {
  failed_at_ = clock_.now();
  if (healthy_.exchange(false, std::memory_order_relaxed)) {
    options_.report(cat("the vectors do not reach their disk and go on in memory: ", error.what));
  }
}

// Makes a snapshot of what memory holds; with it, the disk is whole again.
void Journal::recover_when_due() {
  if (clock_.now() - failed_at_ < kRetryEvery) return;
  failed_at_ = clock_.now();
  {
    const std::scoped_lock locked(lock_);
    queue_.clear();
    overflowed_ = false;
    written_ = last_;
  }
  unsynced_ = false;
  log_.reset();
  healthy_.store(true, std::memory_order_relaxed);
  if (const Status done = write_snapshot(); !done) {
    healthy_.store(false, std::memory_order_relaxed);
    return;
  }
  durable_.store(written_, std::memory_order_release);
  options_.report("the vectors have their disk back");
}

}  // namespace mynah::vector
