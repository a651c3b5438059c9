// SPDX-License-Identifier: Apache-2.0
// Dispatching commands under the right locks, and the thread in the background.
#include "store/store.h"

#include <array>
#include <random>

#include "base/text.h"
#include "store/command.h"
#include "store/records.h"
#include "store/recovery.h"
#include "store/scripts.h"

namespace mynah::store {
namespace {

constexpr auto kBackgroundPatience = std::chrono::milliseconds(50);
constexpr std::size_t kExpiredPerShard = 64;
constexpr std::size_t kRecordBytes = std::size_t{256} << 10;  // of a snapshot

HashSeed random_seed() {
  std::random_device device;
  const auto word = [&] { return std::uint64_t{device()} << 32 | device(); };
  return {word(), word()};
}

// The words that are keys, as the command's row in the table tells.
std::vector<std::string_view> keys_of(const Command& command, Store::Words words) {
  const auto count = static_cast<int>(words.size());
  const int last = command.last_key < 0 ? count + command.last_key : command.last_key;
  std::vector<std::string_view> keys;
  for (int i = command.first_key; i <= last && i < count; i += command.key_step) {
    keys.push_back(words[static_cast<std::size_t>(i)]);
  }
  return keys;
}

}  // namespace

Store::Store(StoreOptions options, const Clock& clock, std::unique_ptr<Files> files)
    : options_(std::move(options)),
      clock_(clock),
      files_(std::move(files)),
      scripts_(std::make_unique<Scripts>(options_.scripts)) {}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Clock& clock) {
  std::unique_ptr<Files> files;
  if (!options.folder.empty()) {
    MYNAH_LET(files, open_folder(options.folder));
  }
  return open(std::move(options), clock, std::move(files));
}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Clock& clock,
                                           std::unique_ptr<Files> files) {
  // tidy: allow new: the constructor is private
  std::unique_ptr<Store> store(new Store(std::move(options), clock, std::move(files)));
  const std::size_t memory = store->options_.memory_bytes;
  if (store->files_ == nullptr) {
    store->keyspace_ = std::make_unique<Keyspace>(random_seed(), memory);
  } else {
    MYNAH_LET(Recovered recovered,
              recover(*store->files_, memory, random_seed(), store->options_.disk.report));
    store->keyspace_ = std::move(recovered.keyspace);
    store->log_ = std::make_unique<DiskLog>(
        *store->files_, clock, recovered.next, store->options_.disk,
        DiskLog::Owner{
            .name = "the store",
            .seed = store->keyspace_->seed(),
            .dump = [raw = store.get()](const DiskLog::Sink& sink) { return raw->dump(sink); }});
    store->keyspace_->set_journal(store->log_.get());
    store->keyspace_->shed(store->now());
  }
  if (store->options_.background == Background::own_thread) {
    // tidy: allow thread: see the member
    store->background_ = std::thread([raw = store.get()] { raw->run_background(); });
  }
  return store;
}

Store::~Store() {
  {
    const std::scoped_lock stopping(stop_lock_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (log_ != nullptr) log_->wake();
  if (background_.joinable()) background_.join();
}

std::int64_t Store::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch())
      .count();
}

StoreNumbers Store::numbers() const {
  StoreNumbers numbers;
  for (std::size_t index = 0; index < Keyspace::kShards; ++index) {
    Shard& shard = keyspace_->shard(index);
    const std::scoped_lock held(shard.lock);
    numbers.keys += shard.entries.size();
    numbers.expiring += shard.expiries.size();
    numbers.hits += shard.hits;
    numbers.misses += shard.misses;
    numbers.evicted += shard.evicted;
    numbers.expired += shard.expired;
  }
  numbers.memory_bytes = memory_bytes();
  if (log_ == nullptr) return numbers;
  // In this order, so that a change in between does not make it less than none.
  const std::uint64_t durable_before = durable();
  numbers.unwritten = log_->latest() - durable_before;
  return numbers;
}

std::size_t Store::memory_bytes() const { return keyspace_->memory_bytes(); }

std::optional<Resp> Store::refuse(const Command& command, Words words) const {
  if (auto fault = check_arity(command, words)) return fault;
  if ((command.flags & kGrows) == 0) return std::nullopt;
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  if (bytes <= keyspace_->memory_limit() / 4) return std::nullopt;
  return err("OOM command not allowed when used memory > 'maxmemory'.");
}

Resp Store::execute(Words words, std::uint64_t* change) {
  if (words.empty()) return err("ERR empty command");
  const Command* command = find_command(words[0]);
  if (command == nullptr) return unknown_command(words);
  if (auto refusal = refuse(*command, words)) return *std::move(refusal);
  std::uint64_t sequence = 0;
  Resp reply;
  if ((command->flags & kScript) != 0) {
    reply = run_script(*command, words, sequence);
  } else if ((command->flags & kWhole) != 0 || command->first_key == 0) {
    reply = run_whole(*command, words, sequence);
  } else {
    reply = run_keyed(*command, words, sequence);
  }
  if (change != nullptr && sequence != 0) *change = sequence;
  if (keyspace_->memory_bytes() > keyspace_->memory_limit()) keyspace_->shed(now());
  return reply;
}

Resp Store::run_keyed(const Command& command, Words words, std::uint64_t& change) {
  Access db(*keyspace_, Access::Mode::keys, now());
  if (command.first_key == command.last_key) {
    const auto key = static_cast<std::size_t>(command.first_key);
    if (key < words.size()) db.lock_key(words[key]);
  } else {
    db.lock_keys(keys_of(command, words));
  }
  Call call{db, words};
  Resp reply = run_command(command, call);
  change = db.commit();
  return reply;
}

Resp Store::run_whole(const Command& command, Words words, std::uint64_t& change) {
  Access db(*keyspace_, Access::Mode::keys, now());
  Call call{db, words};
  Resp reply = run_command(command, call);
  change = db.commit();
  return reply;
}

Resp Store::run_script(const Command& command, Words words, std::uint64_t& change) {
  const std::scoped_lock alone(script_lock_);
  Access db(*keyspace_, Access::Mode::everything, now());
  Call call{db, words, scripts_.get()};
  Resp reply = run_command(command, call);
  change = db.commit();
  return reply;
}

std::vector<Resp> Store::execute_together(std::span<const std::vector<std::string>> commands) {
  std::vector<Resp> replies;
  {
    const std::scoped_lock alone(script_lock_);
    Access db(*keyspace_, Access::Mode::everything, now());
    for (const std::vector<std::string>& texts : commands) {
      const std::vector<std::string_view> words(texts.begin(), texts.end());
      const Command* command = words.empty() ? nullptr : find_command(words[0]);
      if (command == nullptr) {
        replies.push_back(words.empty() ? err("ERR empty command") : unknown_command(words));
      } else if (auto refusal = refuse(*command, words)) {
        replies.push_back(*std::move(refusal));
      } else {
        Call call{db, words, scripts_.get()};
        replies.push_back(run_command(*command, call));
      }
    }
    db.commit();
  }
  if (keyspace_->memory_bytes() > keyspace_->memory_limit()) keyspace_->shed(now());
  return replies;
}

std::optional<SharedBytes> Store::get(std::string_view key) {
  Access db(*keyspace_, Access::Mode::keys, now());
  db.lock_key(key);
  const Entry* entry = db.find(key);
  const auto* text = entry == nullptr ? nullptr : std::get_if<SharedBytes>(&entry->value);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

void Store::expire_some() {
  const std::int64_t time = now();
  for (std::size_t i = 0; i < Keyspace::kShards; ++i) {
    while (keyspace_->expire(i, time, kExpiredPerShard) == kExpiredPerShard && !stopping_) {
    }
  }
}

void Store::maintain() {
  if (log_ != nullptr) log_->work(std::chrono::milliseconds(0));
  expire_some();
}

// Shard by shard: each is copied while it is locked, and written afterwards.
Status Store::dump(const DiskLog::Sink& sink) {
  for (std::size_t index = 0; index < Keyspace::kShards; ++index) {
    std::uint64_t included = 0;
    std::string effects;
    std::vector<std::size_t> cuts;
    {
      Shard& shard = keyspace_->shard(index);
      const std::scoped_lock held(shard.lock);
      included = log_->latest();
      for (std::size_t i = 0; i < shard.entries.size(); ++i) {
        append_whole(shard.entries.at(i), effects);
        if (effects.size() - (cuts.empty() ? 0 : cuts.back()) > kRecordBytes)
          cuts.push_back(effects.size());
      }
    }
    if (cuts.empty() || cuts.back() != effects.size()) cuts.push_back(effects.size());
    const char number = static_cast<char>(index);
    MYNAH_OK(sink({RecordKind::shard, included, 0, {&number, 1}}));
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
      const std::string_view some = std::string_view(effects).substr(from, to - from);
      MYNAH_OK(sink({RecordKind::whole, included, 0, some}));
      from = to;
    }
  }
  return ok();
}

Status Store::flush() { return log_ == nullptr ? ok() : log_->flush(); }
Status Store::snapshot() { return log_ == nullptr ? ok() : log_->snapshot(); }

void Store::run_background() {
  Instant expired_at = clock_.now();
  while (!stopping_) {
    if (log_ != nullptr) {
      log_->work(kBackgroundPatience);
    } else {
      std::unique_lock waiting(stop_lock_);
      stop_.wait_for(waiting, kBackgroundPatience, [&] { return stopping_.load(); });
    }
    if (clock_.now() - expired_at < kBackgroundPatience) continue;
    expired_at = clock_.now();
    expire_some();
  }
}

}  // namespace mynah::store
