// SPDX-License-Identifier: Apache-2.0
// For tests of asynchronous code, in this layer and in those above: a test that is a coroutine, in
// simulated time.
//
//   MYNAH_TEST_CO(Fetch, WaitsForAnAnswer) {
//     auto [ours, theirs] = connection_pair(loop);
//     auto got = co_await ours->read(room, loop.now() + 1s);
//     MYNAH_CO_ASSERT(got.ok());
//   }
//
// The test has `loop`, whose clock stands still while something can happen and jumps to the next
// timer when nothing can. It fails when it waits for what never comes. gtest's ASSERT macros return
// and therefore do not compile in a coroutine; EXPECT macros do.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <stdlib.h>
#include <string>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include "aio/connection.h"
#include "aio/loop.h"
#include "base/task.h"

namespace mynah {

// Runs the task to its end and returns its result. A task that waits for what never comes ends the
// process.
template <class T>
T run_task(Loop& loop, Task<T> task) {
  task.start();
  MYNAH_CHECK(loop.run_until([&] { return task.done(); }));
  return task.result();
}

inline void run_test_coroutine(Task<> (*test)(Loop&)) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);
  const Instant give_up = loop->in(std::chrono::hours(24 * 365));
  Task<> task = test(*loop);
  task.start();
  loop->run_until([&] { return task.done() || loop->now() > give_up; });
  EXPECT_TRUE(task.done()) << "the test waits for something that never happens";
}

// Two ends of one stream.
inline std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> connection_pair(
    Loop& loop) {
  int ends[2];
  MYNAH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  return {*Connection::adopt(loop, ends[0], Address()),
          *Connection::adopt(loop, ends[1], Address())};
}

// A folder of the test's own, removed with all that is in it.
class TempFolder final {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mynah-XXXXXX").string();
    MYNAH_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TempFolder(TempFolder&&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace mynah

#define MYNAH_TEST_CO(Suite, Name)                                                 \
  static ::mynah::Task<> mynah_test_##Suite##_##Name(::mynah::Loop& loop);         \
  TEST(Suite, Name) { ::mynah::run_test_coroutine(&mynah_test_##Suite##_##Name); } \
  static ::mynah::Task<> mynah_test_##Suite##_##Name([[maybe_unused]] ::mynah::Loop& loop)

// Ends the test as failed when the condition does not hold.
#define MYNAH_CO_ASSERT(condition)       \
  do {                                   \
    if (!static_cast<bool>(condition)) { \
      ADD_FAILURE() << #condition;       \
      co_return;                         \
    }                                    \
  } while (false)
