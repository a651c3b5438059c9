// SPDX-License-Identifier: Apache-2.0
// What is on disk comes back: after a clean end, after a crash at every single operation on the
// disk, after damage.
#include "store/recovery.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "store/memory_files_testing.h"
#include "store/store_testing.h"

namespace mynah::store {
namespace {

struct DiskStore {
  explicit DiskStore(MemoryDisk& disk, DiskOptions options = {}) {
    options.report = [this](const std::string& line) { reports.push_back(line); };
    auto opened =
        Store::open({.disk = options, .background = Background::by_hand}, clock, open_memory(disk));
    if (opened) store = *std::move(opened);
  }

  std::string run(std::string_view line) {
    const std::vector<std::string> texts = split_words(line);
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    return shown(store->execute(words));
  }
  // One change of three keys in different shards, all or nothing.
  void add(int number) {
    const std::string text = cat(number);
    store->execute({"EVAL",
                    "redis.call('INCR', 'n') redis.call('RPUSH', 'l', ARGV[1]) redis.call('SET', "
                    "'last', ARGV[1])",
                    "0", text});
  }
  // How many changes the state shows, or -1 when it shows a part of one.
  int changes() {
    const std::string n = run("GET n");
    if (n == "nil") return run("LLEN l") == "0" && run("GET last") == "nil" ? 0 : -1;
    const int count = std::stoi(n.substr(1));
    const std::string text = cat(count);
    const bool whole = run("LLEN l") == text && run("GET last") == cat("'", text, "'") &&
                       run("LINDEX l -1") == cat("'", text, "'");
    return whole ? count : -1;
  }

  SimulatedClock clock;
  std::vector<std::string> reports;
  std::unique_ptr<Store> store;
};

const char* const kFill[] = {
    "SET s v",
    "SET t v EX 100",
    "RPUSH l a b c",
    "LMOVE l m LEFT RIGHT",
    "SADD x 1 2 3",
    "SUNIONSTORE y x",
    "HSET h f 1 g 2",
    "HINCRBYFLOAT h f 0.5",
    "ZADD z 1 a 2.5 b inf c",
    "EXPIRE z 1000",
    "MSET p 1 q 2",
    "RENAME q r",
    "INCR p",
    "SPOP x 2",
    "DEL s",
};
const char* const kQuestions[] = {
    "GET t",         "TTL t",
    "LRANGE l 0 -1", "LRANGE m 0 -1",
    "SCARD x",       "SMISMEMBER y 1 2 3",
    "HMGET h f g",   "ZRANGE z 0 -1 WITHSCORES",
    "TTL z",         "MGET p q r s",
    "DBSIZE",
};

void expect_same_after_restart(MemoryDisk& disk, DiskStore& before) {
  std::vector<std::string> answers;
  for (const char* question : kQuestions) answers.push_back(before.run(question));
  before.store.reset();
  DiskStore after(disk);
  ASSERT_NE(after.store, nullptr);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(after.run(kQuestions[i]), answers[i]) << kQuestions[i];
  EXPECT_TRUE(after.reports.empty());
}

TEST(Recovery, every_kind_of_value_comes_back_from_the_log) {
  MemoryDisk disk;
  DiskStore store(disk);
  for (const char* line : kFill) store.run(line);

  expect_same_after_restart(disk, store);
}

TEST(Recovery, every_kind_of_value_comes_back_from_a_snapshot_and_the_log_behind_it) {
  MemoryDisk disk;
  DiskStore store(disk);
  for (const char* line : kFill) store.run(line);
  ASSERT_TRUE(store.store->snapshot());
  store.run("APPEND t more");
  store.run("RPUSH l d");

  expect_same_after_restart(disk, store);
}

TEST(Recovery, what_was_flushed_stays_away) {
  MemoryDisk disk;
  {
    DiskStore store(disk);
    for (const char* line : kFill) store.run(line);
    store.run("FLUSHALL");
    store.run("SET only 1");
  }
  DiskStore after(disk);
  EXPECT_EQ(after.run("KEYS *"), "['only']");
}

TEST(Recovery, a_key_that_expired_while_nobody_ran_is_gone) {
  MemoryDisk disk;
  {
    DiskStore store(disk);
    store.run("SET k v EX 10");
  }
  DiskStore after(disk);
  EXPECT_EQ(after.run("GET k"), "'v'");
  after.clock.advance(11s);
  EXPECT_EQ(after.run("GET k"), "nil");
  after.store->maintain();
  EXPECT_EQ(after.run("DBSIZE"), "0");
}

// The disk fails at its n-th operation and all after it, then the power goes: for every n. What was
// reported durable is there, and no change is there in part.
TEST(Recovery, a_crash_at_any_operation_leaves_a_beginning_of_history) {
  std::mt19937_64 dice(7);
  std::int64_t crash_at = 1;
  for (bool survived = false; !survived; ++crash_at) {
    MemoryDisk disk;
    std::vector<std::uint64_t> numbers;
    int durable = 0;
    {
      DiskStore store(disk, {.sync = SyncPolicy::always, .log_bytes = 300});
      ASSERT_NE(store.store, nullptr);
      disk.operations_left = crash_at;
      for (int i = 1; i <= 20; ++i) {
        store.add(i);
        store.store->maintain();
        if (i % 7 == 0) store.store->snapshot().ignore();
        // The first change has number 1, and each has one.
        durable = static_cast<int>(store.store->durable());
      }
      survived = disk.operations_left > 0;
      disk.operations_left = 0;
    }
    disk.operations_left = -1;
    disk.lose_power(dice);
    DiskStore after(disk);
    ASSERT_NE(after.store, nullptr);
    ASSERT_GE(after.changes(), durable) << "crash at operation " << crash_at;
    // It goes on from there, and the next restart knows both.
    const int base = after.changes();
    after.add(base + 1);
    ASSERT_TRUE(after.store->flush());
    after.store.reset();
    DiskStore last(disk);
    ASSERT_EQ(last.changes(), base + 1) << "crash at operation " << crash_at;
  }
  EXPECT_GT(crash_at, 50);
}

TEST(Recovery, a_byte_that_changed_anywhere_leaves_a_beginning_of_history) {
  MemoryDisk whole;
  {
    DiskStore store(whole, {.log_bytes = 400});
    for (int i = 1; i <= 12; ++i) {
      store.add(i);
      ASSERT_TRUE(store.store->flush());
      if (i == 6) ASSERT_TRUE(store.store->snapshot());
    }
  }
  for (const auto& [name, file] : whole.files) {
    // Snapshots are long; the frame of records is hit often enough in steps.
    const std::size_t step = file.bytes.size() > 2000 ? 37 : 1;
    for (std::size_t i = 0; i < file.bytes.size(); i += step) {
      MemoryDisk disk = whole;
      disk.files[name].bytes[i] ^= 0x20;
      DiskStore after(disk);
      ASSERT_NE(after.store, nullptr);
      ASSERT_GE(after.changes(), 0) << name << " at " << i;
    }
  }
}

TEST(Recovery, a_torn_end_is_cut_off_and_reported) {
  MemoryDisk disk;
  {
    DiskStore store(disk);
    store.run("SET a 1");
    store.run("SET b 2");
  }
  std::string& bytes = disk.files.begin()->second.bytes;
  bytes.resize(bytes.size() - 3);

  DiskStore after(disk);

  EXPECT_EQ(after.run("MGET a b"), "['1' nil]");
  ASSERT_EQ(after.reports.size(), 1U);
  EXPECT_NE(after.reports[0].find("were not written whole"), std::string::npos);
}

TEST(Recovery, a_disk_that_fails_is_reported_once_and_caught_up_with_when_it_is_back) {
  MemoryDisk disk;
  DiskStore store(disk, {.sync = SyncPolicy::always});
  store.add(1);
  store.store->maintain();
  disk.operations_left = 0;
  for (int i = 2; i <= 5; ++i) {
    store.add(i);
    store.store->maintain();
  }
  EXPECT_FALSE(store.store->is_disk_healthy());
  EXPECT_EQ(store.reports.size(), 1U);
  EXPECT_EQ(store.changes(), 5);

  disk.operations_left = -1;
  store.clock.advance(2s);
  store.store->maintain();

  EXPECT_TRUE(store.store->is_disk_healthy());
  store.store.reset();
  DiskStore after(disk);
  EXPECT_EQ(after.changes(), 5);
}

TEST(Recovery, a_queue_that_overflows_loses_nothing_once_the_disk_keeps_up) {
  MemoryDisk disk;
  DiskStore store(disk, {.queue_bytes = 200});
  for (int i = 1; i <= 50; ++i) store.add(i);
  store.store->maintain();
  store.clock.advance(2s);
  store.store->maintain();
  store.store.reset();

  DiskStore after(disk);
  EXPECT_EQ(after.changes(), 50);
}

TEST(Recovery, what_eviction_dropped_stays_dropped) {
  MemoryDisk disk;
  SimulatedClock clock;
  const std::string value(1000, 'v');
  std::string keys;
  {
    auto store = *Store::open({.memory_bytes = 1 << 20, .background = Background::by_hand}, clock,
                              open_memory(disk));
    for (int i = 0; i < 5000; ++i) store->execute({"SET", cat("k", i), value});
    keys = shown(store->execute({"DBSIZE"}));
    store->flush().ignore();
  }
  auto after = *Store::open({.memory_bytes = 1 << 20, .background = Background::by_hand}, clock,
                            open_memory(disk));
  EXPECT_EQ(shown(after->execute({"DBSIZE"})), keys);
}

}  // namespace
}  // namespace mynah::store
