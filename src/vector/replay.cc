// SPDX-License-Identifier: Apache-2.0
// Reading the files back: the last snapshot, then the logs behind it, up to the first fault.
#include "vector/replay.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "store/records.h"

namespace mynah::vector {
namespace {

using store::Record;
using store::RecordKind;
using store::RecordReader;

class Replay final {
 public:
  Replay(store::Files& files, const DiskOptions& options,
         const std::function<bool(std::string_view)>& take)
      : files_(files), options_(options), take_(take) {}

  Result<Replayed> run();

 private:
  Result<bool> read_snapshot(const std::string& name, bool last_hope);
  Result<bool> read_log(const std::string& name, bool last);
  Result<bool> is_whole(const std::string& name);
  Status set_aside(const std::string& name, std::string_view why);

  store::Files& files_;
  const DiskOptions& options_;
  const std::function<bool(std::string_view)>& take_;
  bool began_ = false;  // A file was read, so it is known what must follow.
  Replayed result_;
};

Result<Replayed> Replay::run() {
  MYNAH_LET(std::vector<std::string> names, files_.list());
  std::ranges::sort(names);
  std::vector<std::string> snapshots;
  std::vector<std::string> logs;
  for (const std::string& name : names) {
    if (name == store::kSnapshotDraft) MYNAH_OK(files_.remove(name));
    if (name.ends_with(".damaged") || name == store::kSnapshotDraft) continue;
    if (name.starts_with("snapshot-")) snapshots.push_back(name);
    if (name.starts_with("log-")) logs.push_back(name);
  }
  for (auto name = snapshots.rbegin(); name != snapshots.rend() && !began_; ++name) {
    MYNAH_LET(began_, read_snapshot(*name, std::next(name) == snapshots.rend()));
  }
  bool follows = true;
  for (const std::string& log : logs) {
    if (began_ && log < store::log_name(result_.next)) continue;  // The snapshot has it.
    if (follows) {
      MYNAH_LET(follows, read_log(log, log == logs.back()));
    } else {
      MYNAH_OK(set_aside(log, "what should come before it is missing"));
    }
  }
  return result_;
}

Status Replay::set_aside(const std::string& name, std::string_view why) {
  options_.report(cat("vectors: ", name, " is set aside as ", name, ".damaged: ", why));
  return files_.rename(name, cat(name, ".damaged"));
}

// Whether the snapshot goes on to its end without a fault.
Result<bool> Replay::is_whole(const std::string& name) {
  RecordReader reader(files_, name);
  if (const auto header = reader.header(); !header) {
    if (header.error().code == Errc::protocol) return false;
    return Error(header.error());
  }
  Record record;
  while (true) {
    MYNAH_LET(const bool more, reader.next(record));
    if (!more) return false;
    if (record.kind == RecordKind::end) return true;
    if (record.kind != RecordKind::whole) return false;
  }
}

// A snapshot that is not whole is passed over for an older one. When there is none, what stands
// before the damage is better than nothing: a vector is found or not, each by itself.
Result<bool> Replay::read_snapshot(const std::string& name, bool last_hope) {
  MYNAH_LET(const bool whole, is_whole(name));
  if (!whole && !last_hope) {
    MYNAH_OK(set_aside(name, "the snapshot is not whole"));
    return false;
  }
  RecordReader reader(files_, name);
  const auto header = reader.header();
  if (!header) {
    MYNAH_OK(set_aside(name, header.error().what));
    result_.damaged = true;
    return false;
  }
  std::size_t taken = 0;
  Record record;
  while (true) {
    MYNAH_LET(const bool more, reader.next(record));
    if (!more || record.kind != RecordKind::whole) break;
    if (take_(record.payload)) ++taken;
  }
  result_.next = std::max<std::uint64_t>(header->first, 1);
  if (whole) return true;
  result_.damaged = true;
  options_.report(
      cat("vectors: ", name, " is damaged; ", taken, " entries before the damage are kept"));
  return true;
}

// False when no later log may be used, because this one is not whole or does not follow.
Result<bool> Replay::read_log(const std::string& name, bool last) {
  RecordReader reader(files_, name);
  const auto header = reader.header();
  if (!header) {
    if (header.error().code != Errc::protocol) return Error(header.error());
    // A crash can leave a file whose header was not written yet: it holds nothing.
    MYNAH_OK(set_aside(name, header.error().what));
    return false;
  }
  if (header->first != result_.next) {
    MYNAH_OK(set_aside(name, "it does not follow what was read before it"));
    return false;
  }
  began_ = true;
  Record record;
  std::uint64_t good_bytes = reader.good_bytes();
  while (true) {
    MYNAH_LET(const bool more, reader.next(record));
    if (!more || record.kind != RecordKind::changes || record.sequence != result_.next) break;
    if (!take_(record.payload)) break;
    good_bytes = reader.good_bytes();
    ++result_.next;
  }
  const std::uint64_t torn_bytes = reader.good_bytes() + reader.torn_bytes() - good_bytes;
  if (torn_bytes == 0) return true;
  options_.report(cat("vectors: ", name, " is cut to its ", good_bytes, " whole bytes; ",
                      torn_bytes, " behind them were not written whole"));
  MYNAH_OK(files_.truncate(name, good_bytes));
  return last;
}

}  // namespace

Result<Replayed> replay(store::Files& files, const DiskOptions& options,
                        const std::function<bool(std::string_view)>& take) {
  return Replay(files, options, take).run();
}

}  // namespace mynah::vector
