// SPDX-License-Identifier: Apache-2.0
// What the comparison with a real server does not show: time, memory, sharing between threads.
#include "store/store.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "store/numbers.h"
#include "store/store_testing.h"

namespace mynah::store {
namespace {

TEST(Store, a_key_expires_at_its_moment_and_is_removed_in_the_background) {
  TestStore store;
  store.run("SET k v PX 100");
  store.clock.advance(99ms);
  EXPECT_EQ(store.run("GET k"), "'v'");
  store.clock.advance(1ms);
  EXPECT_EQ(store.run("GET k"), "nil");
  EXPECT_EQ(store.run("DBSIZE"), "1");
  store.store->maintain();
  EXPECT_EQ(store.run("DBSIZE"), "0");
}

TEST(Store, writing_to_an_expired_key_begins_anew) {
  TestStore store;
  store.run("SET n 5 PX 100");
  store.clock.advance(200ms);
  EXPECT_EQ(store.run("INCR n"), "1");
  EXPECT_EQ(store.run("TTL n"), "-1");
}

TEST(Store, the_time_to_live_can_be_changed_in_any_order) {
  TestStore store;
  for (int i = 0; i < 500; ++i) store.run(cat("SET k", i, " v PX ", 1000 + i * 37 % 500));
  for (int i = 0; i < 500; i += 2) store.run(cat("PEXPIRE k", i, " ", 2000 + i));
  for (int i = 0; i < 500; i += 5) store.run(cat("PERSIST k", i));
  store.clock.advance(1600ms);
  store.store->maintain();
  EXPECT_EQ(store.run("DBSIZE"), "300");
  store.clock.advance(10s);
  store.store->maintain();
  EXPECT_EQ(store.run("DBSIZE"), "100");
}

TEST(Store, memory_stays_below_its_limit_and_what_is_used_stays) {
  TestStore store(4 << 20);
  const std::string value(1000, 'v');
  store.ask({"SET", "hot", value});
  for (int i = 0; i < 20'000; ++i) {
    store.ask({"SET", cat("cold", i), value});
    store.run("GET hot");
  }
  EXPECT_LE(store.store->memory_bytes(), std::size_t{4} << 20);
  EXPECT_EQ(store.run("EXISTS hot"), "1");
}

TEST(Store, all_memory_is_accounted_for_and_given_back) {
  TestStore store;
  for (int i = 0; i < 300; ++i) {
    store.run(cat("SET s", i, " v EX 10"));
    store.run(cat("RPUSH l", i % 7, " a b c"));
    store.run(cat("LREM l", i % 7, " 1 b"));
    store.run(cat("SADD m", i % 5, " ", i, " ", i + 1));
    store.run(cat("HSET h", i % 3, " f", i, " long-enough-a-value"));
    store.run(cat("HDEL h", i % 3, " f", i - 2));
    store.run(cat("ZADD z", i % 3, " ", i, " m", i));
    store.run(cat("ZADD z", i % 3, " ", i + 5, " m", i - 1));
  }
  for (int i = 0; i < 3; ++i) store.run(cat("ZREMRANGEBYRANK z", i, " 0 -1"));
  store.run("SUNIONSTORE m0 m0 m1");
  store.run("RENAME m0 m9");
  EXPECT_GT(store.store->memory_bytes(), 0U);
  for (const char* key : {"h0", "h1", "h2", "m1", "m2", "m3", "m4", "m9"})
    store.run(cat("DEL ", key));
  for (int i = 0; i < 7; ++i) store.run(cat("LTRIM l", i, " 1 0"));
  store.clock.advance(60s);
  store.store->maintain();
  EXPECT_EQ(store.run("DBSIZE"), "0");
  EXPECT_EQ(store.store->memory_bytes(), 0U);
}

TEST(Store, a_value_too_large_for_the_memory_is_refused) {
  TestStore store(1 << 20);
  EXPECT_TRUE(shown(store.ask({"SET", "k", std::string(300'000, 'v')})).starts_with("-OOM"));
  EXPECT_TRUE(store.run("SETRANGE k 400000000 x").starts_with("-ERR string exceeds"));
  EXPECT_EQ(store.run("EXISTS k"), "0");
}

TEST(Store, a_value_that_was_read_outlives_its_key) {
  TestStore store;
  store.run("SET k value");
  const auto value = store.store->get("k");
  store.run("SET k other");
  store.run("FLUSHALL");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->view(), "value");
  EXPECT_FALSE(store.store->get("k"));
}

// Walks a scan to its end while keys come and go; every key that was there all along is met.
TEST(Store, a_scan_meets_every_key_that_stays) {
  TestStore store;
  for (int i = 0; i < 2000; ++i) store.run(cat("SET stay", i, " v"));
  for (int i = 0; i < 2000; ++i) store.run(cat("SET go", i, " v"));
  std::map<std::string, int, std::less<>> met;
  std::string cursor = "0";
  int step = 0;
  do {
    const Resp reply = store.ask({"SCAN", cursor, "COUNT", "7", "MATCH", "stay*"});
    cursor = reply.items[0].text.view();
    for (const Resp& key : reply.items[1].items) ++met[std::string(key.text.view())];
    store.run(cat("DEL go", step++ % 2000));
    store.run(cat("SET come", step, " v"));
  } while (cursor != "0");
  EXPECT_EQ(met.size(), 2000U);
}

TEST(Store, scans_of_collections_meet_every_member) {
  TestStore store;
  for (int i = 0; i < 100; ++i) store.run(cat("SADD s m", i));
  std::map<std::string, int, std::less<>> met;
  std::string cursor = "0";
  do {
    const Resp reply = store.ask({"SSCAN", "s", cursor, "COUNT", "9"});
    cursor = reply.items[0].text.view();
    for (const Resp& member : reply.items[1].items) ++met[std::string(member.text.view())];
    store.run(cat("SREM s m", met.size() % 7));
  } while (cursor != "0");
  EXPECT_GE(met.size(), 93U);
}

TEST(Store, patterns_take_no_more_than_a_product_of_steps) {
  const std::string many_stars(60, '*');
  EXPECT_FALSE(glob_matches(many_stars + "b", std::string(20'000, 'a')));
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*b", std::string(20'000, 'a')));
  EXPECT_TRUE(glob_matches("h[^x]l*\\*?", "hallo*!"));
}

// Threads change the same keys in every way; sums must add up. Runs under the thread sanitizer.
TEST(Store, threads_lose_no_change) {
  SimulatedClock clock;
  auto store = *Store::open({.memory_bytes = 64 << 20}, clock);
  constexpr int kRounds = 1000;
  const auto work = [&](int id) {
    const std::string mine = cat("mine", id);
    for (int i = 0; i < kRounds; ++i) {
      const std::string other = cat("k", i % 50);
      store->execute({"INCR", "sum"});
      store->execute({"MSET", other, "1", "a", "2", cat("k", (i + 1) % 50), "3"});
      store->execute(
          {"EVAL", "redis.call('INCR', KEYS[1]) return redis.call('INCR', 'sum')", "1", "script"});
      store->execute({"RPOPLPUSH", "list", mine});
      store->execute({"RPUSH", "list", "x"});
      store->execute({"SMOVE", "a-set", "b-set", other});
      store->execute({"GET", other});
      if (i % 100 == 0) store->execute({"KEYS", "*"});
    }
  };
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) threads.emplace_back(work, id);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shown(store->execute({"GET", "sum"})), cat("'", 4 * kRounds * 2, "'"));
  EXPECT_EQ(shown(store->execute({"GET", "script"})), cat("'", 4 * kRounds, "'"));
  std::int64_t items = store->execute({"LLEN", "list"}).integer;
  for (int id = 0; id < 4; ++id) items += store->execute({"LLEN", cat("mine", id)}).integer;
  EXPECT_EQ(items, 4 * kRounds);
}

}  // namespace
}  // namespace mynah::store
