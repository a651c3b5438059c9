// SPDX-License-Identifier: Apache-2.0
// Reading the files back, up to the first fault.
#include "store/recovery.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "store/command.h"
#include "store/disk_log.h"
#include "store/effects.h"
#include "store/records.h"

namespace mynah::store {
namespace {

class Recovery final {
 public:
  Recovery(Files& files, std::size_t memory_bytes, HashSeed seed,
           const std::function<void(const std::string&)>& report)
      : files_(files), memory_bytes_(memory_bytes), seed_(seed), report_(report) {}

  Result<Recovered> run();

 private:
  void start_anew(HashSeed seed);
  Result<bool> read_snapshot(const std::string& name);
  Result<bool> read_log(const std::string& name, bool last);
  static bool makes_sense(std::string_view effects);
  void apply(std::string_view effects, WallMs time, std::uint64_t sequence, bool whole);
  Status set_aside(const std::string& name, std::string_view why);

  Files& files_;
  std::size_t memory_bytes_;
  HashSeed seed_;
  const std::function<void(const std::string&)>& report_;
  std::unique_ptr<Access> db_;
  std::array<std::uint64_t, Keyspace::kShards> included_{};  // in the snapshot, by shard
  bool began_ = false;  // A file was read, so the seed and the expected sequence are known.
  Recovered result_;
};

void Recovery::start_anew(HashSeed seed) {
  db_.reset();
  result_ = {};
  result_.keyspace = std::make_unique<Keyspace>(seed, memory_bytes_);
  db_ = std::make_unique<Access>(*result_.keyspace, Access::Mode::replay, 0);
  included_.fill(0);
}

Result<Recovered> Recovery::run() {
  start_anew(seed_);
  MYNAH_LET(std::vector<std::string> names, files_.list());
  std::ranges::sort(names);
  std::vector<std::string> snapshots;
  std::vector<std::string> logs;
  for (const std::string& name : names) {
    if (name == kSnapshotDraft) MYNAH_OK(files_.remove(name));
    if (name.ends_with(".damaged") || name == kSnapshotDraft) continue;
    if (name.starts_with("snapshot-")) snapshots.push_back(name);
    if (name.starts_with("log-")) logs.push_back(name);
  }
  for (auto snapshot = snapshots.rbegin(); snapshot != snapshots.rend() && !began_; ++snapshot) {
    MYNAH_LET(began_, read_snapshot(*snapshot));
    if (began_) continue;
    MYNAH_OK(set_aside(*snapshot, "the snapshot is not whole"));
    start_anew(seed_);
  }
  bool follows = true;
  for (const std::string& log : logs) {
    if (began_ && log < log_name(result_.next)) continue;  // The snapshot holds what it says.
    if (follows) {
      MYNAH_LET(follows, read_log(log, log == logs.back()));
    } else {
      MYNAH_OK(set_aside(log, "what should come before it is missing"));
    }
  }
  for (const std::uint64_t sequence : included_)
    result_.next = std::max(result_.next, sequence + 1);
  db_.reset();
  return std::move(result_);
}

Status Recovery::set_aside(const std::string& name, std::string_view why) {
  report_(cat("store: ", name, " is set aside as ", name, ".damaged: ", why));
  return files_.rename(name, cat(name, ".damaged"));
}

// False when it is no whole snapshot.
Result<bool> Recovery::read_snapshot(const std::string& name) {
  RecordReader reader(files_, name);
  const auto header = reader.header();
  if (!header) {
    if (header.error().code == Errc::protocol) return false;
    return Error(header.error());
  }
  start_anew(header->seed);
  Record record;
  while (true) {
    MYNAH_LET(const bool more, reader.next(record));
    if (!more) return false;
    if (record.kind == RecordKind::shard && record.payload.size() == 1) {
      included_[static_cast<unsigned char>(record.payload.front())] = record.sequence;
    } else if (record.kind == RecordKind::whole) {
      if (!makes_sense(record.payload)) return false;
      apply(record.payload, record.time, record.sequence, true);
    } else if (record.kind == RecordKind::end) {
      result_.next = header->first;
      return true;
    } else {
      return false;
    }
  }
}

// False when no later log may be used, because this one is not whole or does not follow.
Result<bool> Recovery::read_log(const std::string& name, bool last) {
  RecordReader reader(files_, name);
  const auto header = reader.header();
  if (!header) {
    if (header.error().code != Errc::protocol) return Error(header.error());
    // A crash can leave a file whose header was not written yet: it holds nothing.
    MYNAH_OK(set_aside(name, header.error().what));
    return false;
  }
  if (!began_) start_anew(header->seed);
  const HashSeed seed = result_.keyspace->seed();
  const bool fits =
      header->seed.a == seed.a && header->seed.b == seed.b && header->first == result_.next;
  if (!fits) {
    MYNAH_OK(set_aside(name, "it does not follow what was read before it"));
    return false;
  }
  began_ = true;
  Record record;
  std::uint64_t good_bytes = reader.good_bytes();
  while (true) {
    MYNAH_LET(const bool more, reader.next(record));
    if (!more) break;
    const bool fits_in = record.kind == RecordKind::changes && record.sequence == result_.next;
    if (!fits_in || !makes_sense(record.payload)) break;
    apply(record.payload, record.time, record.sequence, false);
    good_bytes = reader.good_bytes();
    ++result_.next;
    ++result_.changes;
  }
  const std::uint64_t torn_bytes = reader.good_bytes() + reader.torn_bytes() - good_bytes;
  if (torn_bytes == 0) return true;
  result_.torn_bytes += torn_bytes;
  report_(cat("store: ", name, " is cut to its ", good_bytes, " whole bytes; ", torn_bytes,
              " behind them were not written whole"));
  MYNAH_OK(files_.truncate(name, good_bytes));
  return last;
}

// The command of an effect, if it is one that only changes the key that it names.
const Command* replayable(std::span<const std::string_view> words) {
  const Command* command = find_command(words[0]);
  if (command == nullptr || (command->flags & kWrites) == 0 || command->first_key != 1)
    return nullptr;
  return check_arity(*command, words) ? nullptr : command;
}

// A record is applied whole or not at all, so all of it is looked at first.
bool Recovery::makes_sense(std::string_view effects) {
  Effect effect;
  while (!effects.empty()) {
    if (!take_effect(effects, effect)) return false;
    if (!effect.words.empty() && replayable(effect.words) == nullptr) return false;
  }
  return true;
}

// Applies a record's effects, but for those that the snapshot has already.
void Recovery::apply(std::string_view effects, WallMs time, std::uint64_t sequence, bool whole) {
  db_->set_now(time);
  Effect effect;
  while (take_effect(effects, effect)) {
    const bool flush = effect.words.empty();
    const std::size_t shard =
        flush ? effect.flushed_shard : Keyspace::shard_of(result_.keyspace->hash(effect.words[1]));
    if (!whole && sequence <= included_[shard]) continue;
    if (flush) {
      db_->flush(shard);
      continue;
    }
    Call call{*db_, effect.words};
    // An effect that a key's value does not allow changes nothing, now and at the next start.
    run_command(*replayable(effect.words), call);
  }
}

}  // namespace

Result<Recovered> recover(Files& files, std::size_t memory_bytes, HashSeed fresh_seed,
                          const std::function<void(const std::string&)>& report) {
  return Recovery(files, memory_bytes, fresh_seed, report).run();
}

}  // namespace mynah::store
