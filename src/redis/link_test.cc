// SPDX-License-Identifier: Apache-2.0
// Servers that say what no Redis says, and the limits.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "aio/scope.h"
#include "aio/testing.h"
#include "redis/client_testing.h"
#include "redis/scripted_testing.h"

namespace mynah::redis {
namespace {

// What a client gets for a PING when the server answers it with that.
Task<std::string> ping(Loop& loop, std::string answer) {
  const ScriptedServer server(loop, {std::string(kHello), std::move(answer)});
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  co_return co_await client.ask({"ping"});
}

MYNAH_TEST_CO(Link, RefusesRepliesThatAreTooLarge) {
  EXPECT_EQ(co_await ping(loop, "$99999999999\r\n"),
            "too-large: Protocol error: over the limit of bytes in a bulk string");
  EXPECT_EQ(co_await ping(loop, "*999999999\r\n"),
            "too-large: Protocol error: over the limit of items in a message");
}

MYNAH_TEST_CO(Link, RefusesRepliesThatAreTooDeep) {
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "*1\r\n";

  EXPECT_EQ(co_await ping(loop, nested),
            "too-large: Protocol error: over the limit of nested values");
}

MYNAH_TEST_CO(Link, RefusesWhatIsNoReply) {
  EXPECT_EQ(co_await ping(loop, "HTTP/1.1 400 Bad Request\r\n\r\n"),
            "protocol: Protocol error: an unknown type of value");
}

MYNAH_TEST_CO(Link, EndsAtAReplyThatNobodyAskedFor) {
  const ScriptedServer server(loop, {std::string(kHello), "+PONG\r\n+PONG\r\n"});
  TestClient client(loop, {.endpoints = {server.endpoint()}});

  EXPECT_EQ(co_await client.ask({"ping"}), "+PONG\r\n");

  co_await Sleep(loop, 1ms);
  EXPECT_EQ(client.health.closed_count, 1U);
}

MYNAH_TEST_CO(Link, DropsWhatAServerPushes) {
  const std::string_view push = ">2\r\n+invalidate\r\n*0\r\n";

  EXPECT_EQ(co_await ping(loop, cat(push, "+PONG\r\n", push)), "+PONG\r\n");
}

MYNAH_TEST_CO(Link, EndsWhenAServerTalksAndAnswersNobody) {
  std::vector<std::string> talk(20, ">1\r\n+talk\r\n");
  talk.insert(talk.begin(), std::string(kHello));
  const ScriptedServer server(loop, talk);
  TestClient client(loop, {.endpoints = {server.endpoint()}});

  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(co_await client.ask({"ping"}, 1s),
              "timeout: the Redis server did not answer in time");

  EXPECT_EQ(client.health.closed_count, 1U);
}

MYNAH_TEST_CO(Link, GreetsServersThatDoNotKnowHello) {
  const ScriptedServer server(loop, {"-ERR unknown command `HELLO`\r\n", "+OK\r\n",
                                     "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", "+OK\r\n", "+PONG\r\n"});
  TestClient client(loop, {.endpoints = {server.endpoint()}, .login = {"", "pw"}, .database = 2});

  EXPECT_EQ(co_await client.ask({"ping"}), "+PONG\r\n");
}

MYNAH_TEST_CO(Link, LimitsWhatIsInFlight) {
  const ScriptedServer server(loop, {std::string(kHello), "+PONG\r\n"});
  TestClient client(loop, {.endpoints = {server.endpoint()}, .limits = {.in_flight_max = 2}});
  co_await client.ask({"ping"});
  Scope scope(loop);
  for (int i = 0; i < 2; ++i) {
    scope.spawn([](TestClient& asked) -> Task<> { co_await asked.ask({"ping"}); },
                std::ref(client));
  }

  EXPECT_EQ(co_await client.ask({"ping"}),
            "exhausted: too many commands wait for the Redis server");
}

MYNAH_TEST_CO(Link, LimitsWhoWaitsForAConnection) {
  const ScriptedServer server(loop, {});
  TestClient client(loop, {.endpoints = {server.endpoint()}, .limits = {.waiting_max = 1}});
  Scope scope(loop);
  scope.spawn([](TestClient& asked) -> Task<> { co_await asked.ask({"ping"}); }, std::ref(client));

  EXPECT_EQ(co_await client.ask({"ping"}),
            "exhausted: too many wait for the connection to the Redis server");
}

MYNAH_TEST_CO(Link, LimitsTheTimeOfConnectingAndThatOfACallApart) {
  const ScriptedServer server(loop, {});
  TestClient client(loop, {.endpoints = {server.endpoint()}, .connect_timeout = 3s});
  const Instant begin = loop.now();

  EXPECT_EQ(co_await client.ask({"ping"}, 1s),
            "timeout: no time left to wait for the connection to the Redis server");
  EXPECT_EQ((loop.now() - begin) / 1s, 1);
  EXPECT_EQ(co_await client.ask({"ping"}, std::chrono::hours(1)),
            "unavailable: the Redis server did not answer in time");
  EXPECT_EQ((loop.now() - begin) / 1s, 3);
}

MYNAH_TEST_CO(Link, ForgetsACallThatIsDropped) {
  const ScriptedServer server(loop, {std::string(kHello), "", "+first\r\n+second\r\n"});
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  {
    Scope scope(loop);
    scope.spawn([](TestClient& asked) -> Task<> { co_await asked.ask({"ping"}); },
                std::ref(client));
    co_await Sleep(loop, 1ms);
  }

  EXPECT_EQ(co_await client.ask({"ping"}), "+second\r\n");
}

MYNAH_TEST_CO(Link, WaitsLongerAndLongerBetweenAttempts) {
  const std::uint16_t nobody = [&] {
    const ScriptedServer gone(loop, {});
    return gone.endpoint().port;
  }();
  TestClient client(
      loop, {.endpoints = {{"127.0.0.1", nobody}}, .back_off = {.first = 100ms, .longest = 1s}});

  EXPECT_TRUE((co_await client.ask({"ping"})).starts_with("unavailable"));
  co_await Sleep(loop, 10s);

  EXPECT_GE(client.health.failures, 10U);
  EXPECT_LE(client.health.failures, 24U);
  EXPECT_EQ(client.health.first_failures, 1U);
}

}  // namespace
}  // namespace mynah::redis
