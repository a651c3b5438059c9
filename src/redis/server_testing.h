// SPDX-License-Identifier: Apache-2.0
// For tests with real servers of Redis, in this layer and in those above: processes of redis-server
// on ports that the system gave, and tests that are coroutines in real time.
//
//   REDIS_TEST_CO(Client, Reads) {
//     const TestServer server;
//     EXPECT_EQ(server.ask({"SET", "k", "v"}), Resp::ok());      // past the client under test
//
// In real time, since a process does not wait for a simulated clock.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include <gtest/gtest.h>

#include "aio/testing.h"
#include "base/resp.h"
#include "redis/options.h"

namespace mynah::redis {

// A port of 127.0.0.1 that nobody uses at this moment.
std::uint16_t free_port();

class TestServer final {
 public:
  // More arguments of redis-server. Persistence is off, DEBUG allowed.
  explicit TestServer(std::vector<std::string> arguments = {});
  // A Sentinel, with that configuration.
  struct Sentinel {
    std::string configuration;
  };
  explicit TestServer(const Sentinel& sentinel);
  TestServer(TestServer&&) = delete;
  ~TestServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  [[nodiscard]] const TempFolder& folder() const { return folder_; }

  // Asks the server over a connection that is made for it; waits for the reply.
  [[nodiscard]] Resp ask(std::initializer_list<std::string_view> words,
                         std::string_view password = {}) const;
  // Asks until the reply contains the text, for at most half a minute; whether it came.
  [[nodiscard]] bool wait_for(std::initializer_list<std::string_view> words,
                              std::string_view text) const;

  // Ends the process without a farewell; starts it again on the same port.
  void kill();
  void start();
  // Holds the process up: it takes connections and says nothing.
  void hold();
  void go_on();

 private:
  std::vector<std::string> arguments_;
  TempFolder folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

inline void run_in_real_time(Task<> (*test)(Loop&)) {
  auto loop = *Loop::create();
  run_task(*loop, test(*loop));
}

}  // namespace mynah::redis

#define REDIS_TEST_CO(Suite, Name)                                                      \
  static ::mynah::Task<> redis_test_##Suite##_##Name(::mynah::Loop& loop);              \
  TEST(Suite, Name) { ::mynah::redis::run_in_real_time(&redis_test_##Suite##_##Name); } \
  static ::mynah::Task<> redis_test_##Suite##_##Name([[maybe_unused]] ::mynah::Loop& loop)
