// SPDX-License-Identifier: Apache-2.0
// What a connection does by itself.
#include "store/session.h"

#include <gtest/gtest.h>

#include "store/store_testing.h"

namespace mynah::store {
namespace {

class SessionTest : public testing::Test {
 protected:
  std::string run(std::string_view line) {
    const std::vector<std::string> texts = split_words(line);
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    return shown(session.execute(words));
  }

  TestStore store;
  SessionOptions options;
  Session session{*store.store, options};
};

class LockedSessionTest : public SessionTest {
 protected:
  SessionOptions locked{.password = "secret"};
  Session stranger{*store.store, locked};

  std::string ask(std::string_view line) {
    const std::vector<std::string> texts = split_words(line);
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    return shown(stranger.execute(words));
  }
};

TEST_F(SessionTest, a_transaction_runs_when_it_is_executed) {
  EXPECT_EQ(run("MULTI"), "+OK");
  EXPECT_EQ(run("SET k v"), "+QUEUED");
  EXPECT_EQ(run("INCR k"), "+QUEUED");
  EXPECT_EQ(store.run("GET k"), "nil");

  EXPECT_EQ(run("EXEC"), "[+OK -ERR value is not an integer or out of range]");
  EXPECT_EQ(store.run("GET k"), "'v'");
  EXPECT_EQ(run("EXEC"), "-ERR EXEC without MULTI");
}

TEST_F(SessionTest, a_transaction_with_a_wrong_command_does_nothing) {
  run("MULTI");
  run("SET k v");
  EXPECT_EQ(run("SET k"), "-ERR wrong number of arguments for 'set' command");

  EXPECT_EQ(run("EXEC"), "-EXECABORT Transaction discarded because of previous errors.");
  EXPECT_EQ(run("GET k"), "nil");
}

TEST_F(SessionTest, a_discarded_transaction_does_nothing) {
  run("MULTI");
  run("SET k v");
  EXPECT_EQ(run("MULTI"), "-ERR MULTI calls can not be nested");
  EXPECT_EQ(run("DISCARD"), "+OK");
  EXPECT_EQ(run("DISCARD"), "-ERR DISCARD without MULTI");
  EXPECT_EQ(run("GET k"), "nil");
}

TEST_F(SessionTest, hello_changes_the_version_of_the_protocol) {
  EXPECT_EQ(session.version(), RespVersion::resp2);
  run("HELLO 3");
  EXPECT_EQ(session.version(), RespVersion::resp3);
  EXPECT_EQ(run("HELLO 4"), "-NOPROTO unsupported protocol version");
}

TEST_F(SessionTest, quit_ends_the_connection) {
  EXPECT_EQ(run("QUIT"), "+OK");
  EXPECT_TRUE(session.is_over());
}

TEST_F(LockedSessionTest, nothing_works_before_the_password_is_given) {
  EXPECT_EQ(ask("GET k"), "-NOAUTH Authentication required.");
  EXPECT_EQ(ask("MULTI"), "-NOAUTH Authentication required.");
  EXPECT_EQ(ask("AUTH wrong"), "-WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(ask("AUTH other secret"),
            "-WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(ask("AUTH default secret"), "+OK");
  EXPECT_EQ(ask("GET k"), "nil");
}

TEST_F(LockedSessionTest, hello_can_carry_the_password) {
  EXPECT_TRUE(ask("HELLO 3").starts_with("-NOAUTH"));
  EXPECT_TRUE(ask("HELLO 3 AUTH default secret").starts_with("['server'"));
  EXPECT_EQ(ask("PING"), "+PONG");
}

}  // namespace
}  // namespace mynah::store
