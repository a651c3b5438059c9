// SPDX-License-Identifier: Apache-2.0
// Goal: a Redis client's connection to the embedded store, byte by byte: log-in, pipelines, limits.
#include "gateway/embedded/redis_speaker.h"

#include <gtest/gtest.h>

#include "aio/testing.h"
#include "base/text.h"

namespace mynah {
namespace {

model::Service store_service() {
  model::Service service;
  service.name = "kept";
  service.origin = model::Embedded{.kind = model::EmbeddedKind::store, .password = "secret"};
  return service;
}

// A speaker, and a client's end of a connection that it serves.
struct Served {
  explicit Served(Loop& on) : loop(on), scope(on) {
    auto opened = store::Store::open({.background = store::Background::by_hand}, clock);
    MYNAH_CHECK(opened.ok());
    store = *std::move(opened);
    speaker = speak_redis(loop, *store, service, meters);
    auto [ours, theirs] = connection_pair(loop);
    client = std::move(ours);
    scope.spawn(&Served::serve, std::ref(*speaker), std::move(theirs));
  }

  static Task<> serve(PortSpeaker& speaker, std::unique_ptr<Connection> connection) {
    co_await speaker.serve(std::move(connection));
  }

  // What has come when so many bytes have, or the connection ended.
  Task<std::string> receive(std::size_t bytes) {
    std::string got;
    char room[4096];
    while (got.size() < bytes) {
      const auto read = co_await client->read(room, kNever);
      if (!read || *read == 0) break;
      got.append(room, *read);
    }
    co_return got;
  }
  Task<std::string> ask(std::string bytes, std::string_view expected) {
    EXPECT_TRUE((co_await client->write(bytes, kNever)).ok());
    co_return co_await receive(expected.size());
  }
  [[nodiscard]] std::uint64_t refused(std::string_view reason) {
    return meters.refused.with({"kept", reason}).value();
  }

  Loop& loop;
  SimulatedClock clock;
  Metrics metrics{1};
  PortMeters meters{metrics};
  model::Service service = store_service();
  std::unique_ptr<store::Store> store;
  std::unique_ptr<PortSpeaker> speaker;
  std::unique_ptr<Connection> client;
  Scope scope;
};

constexpr std::string_view kLogin = "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n";

MYNAH_TEST_CO(RedisSpeaker, ACommandIsAnsweredAfterTheLogIn) {
  Served served(loop);
  EXPECT_EQ(co_await served.ask("PING\r\n", "-NOAUTH Authentication required.\r\n"),
            "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(co_await served.ask(std::string(kLogin), "+OK\r\n"), "+OK\r\n");
  EXPECT_EQ(co_await served.ask("*2\r\n$4\r\nPING\r\n$2\r\nhi\r\n", "$2\r\nhi\r\n"),
            "$2\r\nhi\r\n");
}

MYNAH_TEST_CO(RedisSpeaker, APipelineIsAnsweredInItsOrderHoweverItIsCut) {
  Served served(loop);
  const std::string pipeline = cat(kLogin, "SET k 1\r\n", "INCR k\r\n", "\r\n", "GET k\r\n");
  for (const char byte : pipeline.substr(0, pipeline.size() - 1)) {
    EXPECT_TRUE((co_await served.client->write(std::string_view(&byte, 1), kNever)).ok());
    co_await Yield(loop);
  }
  const std::string_view expected = "+OK\r\n+OK\r\n:2\r\n$1\r\n2\r\n";
  EXPECT_EQ(co_await served.ask("\n", expected), expected);
}

MYNAH_TEST_CO(RedisSpeaker, HelloChangesHowAnswersLook) {
  Served served(loop);
  const std::string_view null = "_\r\n";
  const std::string got = co_await served.ask(
      "HELLO 3 AUTH default secret\r\nGET missing\r\nQUIT\r\n", std::string(300, ' '));
  EXPECT_TRUE(got.starts_with("%7\r\n"));
  EXPECT_TRUE(got.ends_with(cat(null, "+OK\r\n")));
}

MYNAH_TEST_CO(RedisSpeaker, WhoNeverLogsInIsClosed) {
  Served served(loop);
  EXPECT_EQ(co_await served.receive(1), "");
  EXPECT_EQ(served.refused("silence"), 1U);
}

MYNAH_TEST_CO(RedisSpeaker, WhoGuessesPasswordsIsClosed) {
  Served served(loop);
  std::string guesses;
  for (std::size_t i = 0; i < 2 * kRedisStrangerErrorsMax; ++i)
    append(guesses, "AUTH guess", i, "\r\n");
  const std::string got = co_await served.ask(guesses, std::string(1U << 16U, ' '));
  EXPECT_EQ(served.refused("password"), kRedisStrangerErrorsMax);
  EXPECT_TRUE(got.ends_with("-WRONGPASS invalid username-password pair or user is disabled.\r\n"));
}

MYNAH_TEST_CO(RedisSpeaker, AStrangerMayNotSendMuch) {
  Served served(loop);
  const std::string much =
      cat("*2\r\n$4\r\nAUTH\r\n$60000\r\n", std::string(kRedisStrangerBytesMax + 1, 'x'));
  EXPECT_EQ(co_await served.ask(much, " "), "");
  EXPECT_EQ(served.refused("protocol"), 1U);
}

MYNAH_TEST_CO(RedisSpeaker, WhatBreaksTheProtocolIsToldSoAndClosed) {
  Served served(loop);
  const std::string got =
      co_await served.ask(cat(kLogin, "*1\r\n:5\r\nPING\r\n"), std::string(200, ' '));
  EXPECT_TRUE(got.starts_with("+OK\r\n-ERR Protocol error")) << got;
  EXPECT_EQ(served.refused("protocol"), 1U);
}

MYNAH_TEST_CO(RedisSpeaker, AnArgumentOverTheLimitIsRefusedBeforeItComes) {
  Served served(loop);
  const std::string got = co_await served.ask(
      cat(kLogin, "*2\r\n$3\r\nGET\r\n$", kRedisCommandLimits.bulk_bytes + 1, "\r\n"),
      std::string(200, ' '));
  EXPECT_TRUE(got.starts_with("+OK\r\n-ERR Protocol error: over the limit")) << got;
}

MYNAH_TEST_CO(RedisSpeaker, ABrowserIsNotAnswered) {
  Served served(loop);
  EXPECT_EQ(co_await served.ask("POST / HTTP/1.1\r\nHost: x\r\n\r\nAUTH secret\r\n", " "), "");
}

}  // namespace
}  // namespace mynah
