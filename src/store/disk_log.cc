// SPDX-License-Identifier: Apache-2.0
// The queue, the files, the snapshots, and what happens when the disk fails.
#include "store/disk_log.h"

#include <algorithm>

#include "base/text.h"

namespace mynah::store {
namespace {

constexpr std::size_t kSnapshotPieceBytes = std::size_t{256} << 10;
constexpr auto kSyncEvery = 1s;
constexpr auto kRetryEvery = 1s;

std::string named(std::string_view kind, std::uint64_t number) {
  std::string digits(16, '0');
  for (std::size_t i = digits.size(); i > 0; number >>= 4)
    digits[--i] = "0123456789abcdef"[number & 15];
  return cat(kind, digits);
}

}  // namespace

std::string log_name(std::uint64_t first) { return named("log-", first); }
std::string snapshot_name(std::uint64_t first) { return named("snapshot-", first); }

DiskLog::DiskLog(Files& files, const Clock& clock, std::uint64_t next, DiskOptions options,
                 Owner owner)
    : files_(files),
      clock_(clock),
      options_(std::move(options)),
      owner_(std::move(owner)),
      last_(next - 1),
      written_(next - 1),
      synced_at_(clock.now()),
      durable_(next - 1) {
  if (const Status opened = open_log(); !opened) fail(opened.error());
}

DiskLog::~DiskLog() {
  // A failure has been reported, and there is nobody left to act on it.
  flush().ignore();
}

std::uint64_t DiskLog::append(WallMs now, std::string_view effects) {
  std::uint64_t sequence = 0;
  bool wake_up = false;
  {
    const std::scoped_lock locked(lock_);
    sequence = ++last_;
    if (overflowed_) return sequence;
    if (queue_.size() + effects.size() > options_.queue_bytes) {
      overflowed_ = true;
      queue_.clear();
      return sequence;
    }
    wake_up = queue_.empty();
    append_unsealed({RecordKind::changes, sequence, now, effects}, queue_);
  }
  if (wake_up) filled_.notify_one();
  return sequence;
}

std::uint64_t DiskLog::latest() {
  const std::scoped_lock locked(lock_);
  return last_;
}

void DiskLog::wake() { filled_.notify_one(); }

DiskLog::Batch DiskLog::take_queue() {
  const std::scoped_lock locked(lock_);
  Batch batch;
  batch.records.swap(queue_);
  batch.last = last_;
  batch.overflowed = std::exchange(overflowed_, false);
  return batch;
}

void DiskLog::work(std::chrono::milliseconds patience) {
  {
    std::unique_lock locked(lock_);
    if (queue_.empty() && !overflowed_) filled_.wait_for(locked, patience);
  }
  if (!is_healthy()) recover_when_due();
  if (const Status written = write_queue(); !written) return fail(written.error());
  sync_when_due();
  if (is_healthy() && bytes_since_snapshot_ >
                          std::max<std::uint64_t>(options_.snapshot_after_bytes, snapshot_bytes_)) {
    if (const Status done = snapshot(); !done) fail(done.error());
  }
}

// Takes the queue even when it cannot be written, so that it does not grow.
Status DiskLog::write_queue() {
  Batch batch = take_queue();
  if (batch.overflowed)
    return Error{Errc::exhausted, "the disk is too slow for the queue of changes"};
  if (batch.records.empty() || !is_healthy()) return ok();
  seal(batch.records);
  MYNAH_OK(log_->append(batch.records));
  written_ = batch.last;
  log_bytes_ += batch.records.size();
  bytes_since_snapshot_ += batch.records.size();
  unsynced_ = true;
  if (options_.sync == SyncPolicy::never) durable_.store(written_, std::memory_order_release);
  if (options_.sync == SyncPolicy::always) MYNAH_OK(sync());
  if (log_bytes_ > options_.log_bytes) return open_log();
  return ok();
}

Status DiskLog::sync() {
  MYNAH_OK(log_->sync());
  unsynced_ = false;
  synced_at_ = clock_.now();
  durable_.store(written_, std::memory_order_release);
  return ok();
}

void DiskLog::sync_when_due() {
  if (options_.sync != SyncPolicy::every_second || !unsynced_ || !is_healthy()) return;
  if (clock_.now() - synced_at_ < kSyncEvery) return;
  if (const Status synced = sync(); !synced) fail(synced.error());
}

std::string DiskLog::header(std::uint64_t first) const {
  std::string header;
  append_header({owner_.seed, first}, header);
  return header;
}

// Begins the next file. What is in the old one is made durable first: a later file must never
// outlive an earlier one.
Status DiskLog::open_log() {
  if (log_ != nullptr && unsynced_) MYNAH_OK(sync());
  MYNAH_LET(auto file, files_.create(log_name(written_ + 1)));
  const std::string begin = header(written_ + 1);
  MYNAH_OK(file->append(begin));
  log_ = std::move(file);
  log_bytes_ = begin.size();
  return ok();
}

Status DiskLog::flush() {
  MYNAH_OK(write_queue());
  if (!is_healthy()) return Error{Errc::unavailable, "the disk has failed before"};
  return unsynced_ ? sync() : ok();
}

Status DiskLog::snapshot() {
  MYNAH_OK(write_queue());
  return write_snapshot();
}

// A log of its own begins with the snapshot, so that all earlier ones can go when it is complete.
Status DiskLog::write_snapshot() {
  MYNAH_OK(open_log());
  const std::uint64_t first = written_ + 1;
  MYNAH_LET(const auto file, files_.create(std::string(kSnapshotDraft)));
  MYNAH_OK(file->append(header(first)));
  std::uint64_t bytes = header(first).size();
  std::string piece;
  const auto write_piece = [&]() -> Status {
    seal(piece);
    bytes += piece.size();
    MYNAH_OK(file->append(piece));
    piece.clear();
    return write_queue();
  };
  MYNAH_OK(owner_.dump([&](const Record& record) -> Status {
    append_unsealed(record, piece);
    return piece.size() < kSnapshotPieceBytes ? ok() : write_piece();
  }));
  append_unsealed({RecordKind::end, first, 0, {}}, piece);
  MYNAH_OK(write_piece());
  MYNAH_OK(file->sync());
  // The snapshot may hold changes that only the log has as well; they must not be lost from there
  // while it is used.
  if (unsynced_) MYNAH_OK(sync());
  MYNAH_OK(files_.rename(std::string(kSnapshotDraft), snapshot_name(first)));
  snapshot_bytes_ = bytes;
  bytes_since_snapshot_ = 0;
  remove_older(first);
  return ok();
}

void DiskLog::remove_older(std::uint64_t first) {
  const auto names = files_.list();
  if (!names) return options_.report(names.error().what);
  for (const std::string& name : *names) {
    const bool old = (name.starts_with("log-") && name < log_name(first)) ||
                     (name.starts_with("snapshot-") && name < snapshot_name(first));
    if (!old) continue;
    if (const Status removed = files_.remove(name); !removed) options_.report(removed.error().what);
  }
}

void DiskLog::fail(const Error& error) {
  failed_at_ = clock_.now();
  if (healthy_.exchange(false, std::memory_order_relaxed)) {
    options_.report(
        cat(owner_.name, " can no longer reach the disk and goes on in memory: ", error.what));
  }
}

// Makes a snapshot of what memory holds; with it, the disk is whole again.
void DiskLog::recover_when_due() {
  if (clock_.now() - failed_at_ < kRetryEvery) return;
  failed_at_ = clock_.now();
  const Batch unwritten = take_queue();
  written_ = unwritten.last;
  unsynced_ = false;
  log_.reset();
  healthy_.store(true, std::memory_order_relaxed);
  if (const Status done = write_snapshot(); !done) {
    healthy_.store(false, std::memory_order_relaxed);
    return;
  }
  durable_.store(written_, std::memory_order_release);
  options_.report(cat(owner_.name, " can reach the disk again"));
}

}  // namespace mynah::store
