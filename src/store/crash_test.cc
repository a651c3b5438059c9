// SPDX-License-Identifier: Apache-2.0
// A process that writes is killed at a random moment, again and again, on the same folder. After
// each death the store opens, shows whole changes only, and has every change that was reported
// written. MYNAH_CRASHES sets how many deaths.
#include <csignal>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/loop.h"
#include "base/text.h"
#include "store/store_testing.h"

namespace mynah::store {
namespace {

StoreOptions options_in(const std::string& folder, std::uint64_t cycle) {
  StoreOptions options;
  options.folder = folder;
  options.disk.sync = cycle % 2 == 0 ? SyncPolicy::never : SyncPolicy::always;
  options.disk.log_bytes = 64 << 10;
  options.disk.snapshot_after_bytes = 96 << 10;
  return options;
}

constexpr const char* kChange =
    "local n = redis.call('INCR', 'n') redis.call('RPUSH', 'l', n) redis.call('LTRIM', 'l', -50, "
    "-1) "
    "redis.call('SET', 'last', n) redis.call('SET', 'k' .. n % 1000, string.rep('v', n % 300)) "
    "return n";

// Writes until it is killed; tells through the pipe the number of each change once it is on disk.
[[noreturn]] void write_until_killed(const std::string& folder, std::uint64_t cycle, int pipe) {
  const SystemClock clock;
  auto opened = Store::open(options_in(folder, cycle), clock);
  if (!opened) ::_exit(1);
  Store& store = **opened;
  std::deque<std::pair<std::uint64_t, std::int64_t>> waiting;
  while (true) {
    std::uint64_t change = 0;
    const std::string_view words[] = {"EVAL", kChange, "0"};
    const Resp reply = store.execute(words, &change);
    waiting.emplace_back(change, reply.integer);
    while (!waiting.empty() && waiting.front().first <= store.durable()) {
      if (::write(pipe, &waiting.front().second, sizeof(std::int64_t)) < 0) ::_exit(1);
      waiting.pop_front();
    }
  }
}

// The last number that arrived in the pipe; `fallback` when none did.
std::int64_t last_told(int pipe, std::int64_t fallback) {
  std::int64_t number = 0;
  while (::read(pipe, &number, sizeof number) == sizeof number) fallback = number;
  return fallback;
}

struct Seen {
  std::int64_t changes = -1;
  std::string fault;
};

// What the store in the folder shows, in this process.
Seen look(const std::string& folder) {
  const SystemClock clock;
  auto opened = Store::open(options_in(folder, 0), clock);
  if (!opened) return {-1, opened.error().what};
  Store& store = **opened;
  const std::string n = shown(store.execute({"GET", "n"}));
  if (n == "nil") return {0, ""};
  const std::string last = shown(store.execute({"GET", "last"}));
  const std::string tail = shown(store.execute({"LINDEX", "l", "-1"}));
  if (n != last || n != tail) return {-1, cat("a change in part: ", n, " ", last, " ", tail)};
  const std::int64_t count = std::stoll(n.substr(1));
  const Resp size = store.execute({"STRLEN", cat("k", count % 1000)});
  if (size.integer != count % 300) return {-1, cat("a wrong value at ", count)};
  return {count, ""};
}

void damage_last_log(const std::string& folder, std::mt19937_64& dice) {
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("log-") && entry.path() > last)
      last = entry.path();
  }
  if (last.empty()) return;
  const auto size = std::filesystem::file_size(last);
  std::filesystem::resize_file(last, size - std::min<std::uintmax_t>(size, dice() % 64));
}

TEST(Crash, a_killed_process_leaves_whole_changes_and_all_that_it_reported) {
  const char* set = std::getenv("MYNAH_CRASHES");
  const std::uint64_t cycles = set == nullptr ? 200 : std::strtoull(set, nullptr, 10);
  char made[] = "/tmp/mynah-crash-XXXXXX";
  ASSERT_NE(::mkdtemp(made), nullptr);
  const std::string folder = made;
  std::mt19937_64 dice(3);
  std::int64_t known = 0;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    ASSERT_GE(::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20), 0);
    ASSERT_EQ(::fcntl(pipe[0], F_SETFL, O_NONBLOCK), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(folder, cycle, pipe[1]);
    ::poll(nullptr, 0, static_cast<int>(dice() % 25));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipe[1]);
    const std::int64_t told = last_told(pipe[0], known);
    ::close(pipe[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself in cycle " << cycle;

    const bool torn = cycle % 5 == 4;
    if (torn) damage_last_log(folder, dice);
    const Seen seen = look(folder);
    ASSERT_GE(seen.changes, torn ? 0 : told) << "cycle " << cycle << ": " << seen.fault;
    known = seen.changes;
  }
  EXPECT_GT(known, 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mynah::store
