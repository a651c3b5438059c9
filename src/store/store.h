// SPDX-License-Identifier: Apache-2.0
// Store: the embedded store that speaks Redis, shared by all workers.
//
//   MYNAH_LET(auto store, Store::open({.memory_bytes = 256 << 20, .folder = "data/store"}, clock));
//   Resp reply = store->execute({"SET", "k", "v", "EX", "60"});
//   SharedBytes value = store->get("k").value_or({});
//
// - Any thread may call any function at any time. No call waits for the disk, and none for another
// longer than a few
//   microseconds, but for scripts, which run one at a time within ScriptLimits.
// - Commands behave and fail as those of Redis 7 do, on one database. What is there: the folder's
// README.
// - A value that is read is shared, not copied, and stays as it is whatever happens to its key.
// - Memory is bounded: past the limit, S3-FIFO drops entries. A value of more than a quarter of the
// limit is refused.
// - With a folder, keys survive restarts and crashes; what DiskOptions say about losses holds.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/resp.h"
#include "base/time.h"
#include "store/disk_log.h"
#include "store/files.h"
#include "store/lua_sandbox.h"

namespace mynah::store {

class Access;
class Keyspace;
class Scripts;
struct Command;

enum class Background : std::uint8_t {
  own_thread,  // expiry and disk work run on a thread of the store
  by_hand,     // the owner calls maintain(); for tests
};

struct StoreNumbers {
  std::size_t keys = 0;
  std::size_t expiring = 0;  // keys that end at a time
  std::size_t memory_bytes = 0;
  std::uint64_t unwritten = 0;  // changes that are not on disk yet
  // Since the start.
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
};

struct StoreOptions {
  std::size_t memory_bytes = std::size_t{256} << 20;
  std::string folder;  // empty: in memory only
  DiskOptions disk;
  ScriptLimits scripts;
  Background background = Background::own_thread;
};

class Store final {
 public:
  using Words = std::span<const std::string_view>;

  // Reads what the folder holds. Fails when it cannot be used, never because of a crash before.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, const Clock& clock);
  // The same with files of the caller's making.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, const Clock& clock,
                                             std::unique_ptr<Files> files);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  // Writes what is still queued.
  ~Store();

  // Runs one command. `change` receives the number of what it changed, if the store is kept on disk
  // and it changed anything: wait for durable() to reach it where a reply must not precede the
  // disk.
  Resp execute(Words words, std::uint64_t* change = nullptr);
  Resp execute(std::initializer_list<std::string_view> words) {
    return execute(Words(words.begin(), words.size()));
  }
  // Runs commands one after the other with nobody between them: EXEC.
  std::vector<Resp> execute_together(std::span<const std::vector<std::string>> commands);
  // GET without the protocol: nothing when there is no such key, or no string in it.
  std::optional<SharedBytes> get(std::string_view key);

  [[nodiscard]] StoreNumbers numbers() const;
  [[nodiscard]] std::size_t memory_bytes() const;
  // All changes up to this number are on disk, as the sync policy understands it.
  [[nodiscard]] std::uint64_t durable() const { return log_ == nullptr ? 0 : log_->durable(); }
  // False while changes cannot be written.
  [[nodiscard]] bool is_disk_healthy() const { return log_ == nullptr || log_->is_healthy(); }

  // ---- With Background::by_hand
  void maintain();
  Status flush();
  Status snapshot();

 private:
  Store(StoreOptions options, const Clock& clock, std::unique_ptr<Files> files);

  Resp run_keyed(const Command& command, Words words, std::uint64_t& change);
  Resp run_whole(const Command& command, Words words, std::uint64_t& change);
  Resp run_script(const Command& command, Words words, std::uint64_t& change);
  [[nodiscard]] std::optional<Resp> refuse(const Command& command, Words words) const;
  [[nodiscard]] std::int64_t now() const;
  Status dump(const DiskLog::Sink& sink);
  void expire_some();
  void run_background();

  StoreOptions options_;
  const Clock& clock_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Keyspace> keyspace_;
  std::unique_ptr<DiskLog> log_;
  std::mutex script_lock_;  // Held by the one script or transaction that runs.
  std::unique_ptr<Scripts> scripts_;
  std::atomic<bool> stopping_ = false;
  std::mutex stop_lock_;
  std::condition_variable stop_;
  // Disk calls block, and the store outlives every loop.
  std::thread background_;  // tidy: allow thread: one a process, joined by the destructor
};

}  // namespace mynah::store
