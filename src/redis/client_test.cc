// SPDX-License-Identifier: Apache-2.0
// The client and one real redis-server, well and unwell.
#include "redis/client.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/tls_testing.h"
#include "redis/client_testing.h"
#include "redis/fault_proxy_testing.h"
#include "redis/server_testing.h"

namespace mynah::redis {
namespace {

using Fault = FaultProxy::Fault;

REDIS_TEST_CO(Client, SetsAndGets) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}});

  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");
  EXPECT_EQ(co_await client.ask({"get", "k"}), "$1\r\nv\r\n");
  EXPECT_EQ(co_await client.ask({"get", "none"}), "$-1\r\n");
  EXPECT_EQ(co_await client.ask({"lpush", "k", "x"}),
            "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  EXPECT_EQ(client.health.opened_count, 1U);
}

REDIS_TEST_CO(Client, AnswersManyCallsAtOnceInOrder) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  std::vector<std::string> replies;
  Scope scope(loop);

  for (int i = 0; i < 500; ++i) {
    scope.spawn(
        [](TestClient& asked, std::vector<std::string>& into, int number) -> Task<> {
          const std::string text = std::to_string(number);
          into.push_back(co_await asked.ask({"echo", text}));
        },
        std::ref(client), std::ref(replies), i);
  }
  co_await scope.join();

  MYNAH_CO_ASSERT(replies.size() == 500);
  EXPECT_EQ(replies[0], "$1\r\n0\r\n");
  EXPECT_EQ(replies[499], "$3\r\n499\r\n");
  EXPECT_EQ(client.health.opened_count, 1U);
}

REDIS_TEST_CO(Client, SpeaksTheThirdVersion) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}, .version = RespVersion::resp3});
  co_await client.ask({"hset", "h", "f", "1"});

  const std::string_view words[] = {"hgetall", "h"};
  const auto reply = co_await client.client.call(words, 5s);

  MYNAH_CO_ASSERT(reply.ok());
  EXPECT_EQ(*reply, Resp::map({Resp::bulk("f"), Resp::bulk("1")}));
}

REDIS_TEST_CO(Client, ChoosesTheDatabase) {
  const TestServer server;
  TestClient zero(loop, {.endpoints = {server.endpoint()}});
  TestClient three(loop, {.endpoints = {server.endpoint()}, .database = 3});

  co_await three.ask({"set", "k", "of three"});

  EXPECT_EQ(co_await zero.ask({"get", "k"}), "$-1\r\n");
  EXPECT_EQ(co_await three.ask({"get", "k"}), "$8\r\nof three\r\n");
}

REDIS_TEST_CO(Client, SaysWhatTheServerSaysWhenItRefuses) {
  const TestServer server({"--requirepass", "secret", "--user", "ann", "on", ">pw", "~*", "+get"});
  const auto at = [&](Login login, std::uint32_t database = 0) {
    return Options{.endpoints = {server.endpoint()}, .login = login, .database = database};
  };
  TestClient nobody(loop, at({}));
  TestClient wrong(loop, at({"", "guess"}));
  TestClient right(loop, at({"", "secret"}));
  TestClient ann(loop, at({"ann", "pw"}));
  TestClient beyond(loop, at({"", "secret"}, 999));

  EXPECT_EQ(co_await nobody.ask({"get", "k"}), "denied: NOAUTH Authentication required.");
  EXPECT_EQ(co_await wrong.ask({"get", "k"}),
            "denied: WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(co_await right.ask({"get", "k"}), "$-1\r\n");
  EXPECT_EQ(co_await ann.ask({"get", "k"}), "$-1\r\n");
  EXPECT_TRUE((co_await ann.ask({"set", "k", "v"})).starts_with("-NOPERM"));
  EXPECT_EQ(co_await beyond.ask({"get", "k"}), "denied: ERR DB index is out of range");
}

REDIS_TEST_CO(Client, ComesInWhenThePasswordIsMadeRight) {
  const TestServer server({"--requirepass", "old"});
  TestClient client(loop, {.endpoints = {server.endpoint()}, .login = {"", "new"}});
  EXPECT_TRUE((co_await client.ask({"get", "k"})).starts_with("denied"));

  EXPECT_EQ(server.ask({"CONFIG", "SET", "requirepass", "new"}, "old"), Resp::ok());

  EXPECT_TRUE(co_await client.comes_to({"get", "k"}, "$-1\r\n"));
}

REDIS_TEST_CO(Client, SpeaksTls) {
  const TempFolder folder;
  TestAuthority authority(folder);
  const TlsCertificate certificate = authority.issue({"127.0.0.1"});
  const std::uint16_t port = free_port();
  const TestServer server({"--tls-port", std::to_string(port), "--tls-cert-file",
                           certificate.chain_file, "--tls-key-file", certificate.key_file,
                           "--tls-ca-cert-file", authority.file(), "--tls-auth-clients", "no"});
  const TestAuthority stranger(server.folder());
  const auto trusting = [&](const TestAuthority& whom) {
    return Options{.endpoints = {{"127.0.0.1", port}},
                   .tls = *TlsClientContext::create({.ca_file = whom.file(), .protocols = {}})};
  };
  TestClient good(loop, trusting(authority));
  TestClient bad(loop, trusting(stranger));

  EXPECT_EQ(co_await good.ask({"ping"}), "+PONG\r\n");
  EXPECT_TRUE((co_await bad.ask({"ping"})).starts_with("unavailable"));
}

REDIS_TEST_CO(Client, FailsAtOnceWhenNobodyIsThereAndRecovers) {
  TestServer server;
  server.kill();
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  EXPECT_TRUE((co_await client.ask({"ping"})).starts_with("unavailable"));

  server.start();

  EXPECT_TRUE(co_await client.comes_to({"ping"}, "+PONG\r\n"));
  EXPECT_EQ(client.health.first_failures, 1U);
}

REDIS_TEST_CO(Client, OutlivesAServerThatIsKilledAndStartedAgain) {
  TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");

  server.kill();
  const std::string meanwhile = co_await client.ask({"get", "k"});
  server.start();

  EXPECT_TRUE(meanwhile.starts_with("unavailable")) << meanwhile;
  EXPECT_TRUE(co_await client.comes_to({"get", "k"}, "$-1\r\n"));
}

REDIS_TEST_CO(Client, GivesAServerUpThatTakesConnectionsAndSaysNothing) {
  TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}, .connect_timeout = 200ms});
  EXPECT_EQ(co_await client.ask({"ping"}), "+PONG\r\n");

  server.hold();
  const std::string first = co_await client.ask({"ping"}, 150ms);
  const std::string second = co_await client.ask({"ping"}, std::chrono::hours(1));
  server.go_on();

  EXPECT_TRUE(first.starts_with("timeout")) << first;
  EXPECT_TRUE(second.starts_with("unavailable")) << second;
  EXPECT_TRUE(co_await client.comes_to({"ping"}, "+PONG\r\n"));
}

REDIS_TEST_CO(Client, ComesBackWhenAServerHasSlept) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}, .connect_timeout = 100ms});
  co_await client.ask({"ping"});

  EXPECT_TRUE((co_await client.ask({"debug", "sleep", "0.5"}, 150ms)).starts_with("timeout"));

  EXPECT_TRUE(co_await client.comes_to({"ping"}, "+PONG\r\n"));
}

REDIS_TEST_CO(Client, DropsTheReplyOfACallThatRanOutOfTime) {
  const TestServer server;
  FaultProxy proxy(loop, server.endpoint());
  TestClient client(loop, {.endpoints = {proxy.endpoint()}});
  co_await client.ask({"ping"});

  proxy.set_fault(Fault::delay, 60ms);
  const std::string late = co_await client.ask({"echo", "late"}, 20ms);
  const std::string in_time = co_await client.ask({"echo", "in time"});

  EXPECT_TRUE(late.starts_with("timeout")) << late;
  EXPECT_EQ(in_time, "$7\r\nin time\r\n");
  EXPECT_EQ(proxy.connections(), 1U);
}

REDIS_TEST_CO(Client, RepeatsReadsWhenTheConnectionBreaksAndWritesNever) {
  const TestServer server;
  FaultProxy proxy(loop, server.endpoint());
  TestClient client(loop, {.endpoints = {proxy.endpoint()}});
  co_await client.ask({"set", "n", "0"});

  for (const Fault fault : {Fault::cut, Fault::reset}) {
    proxy.set_fault(fault);
    EXPECT_EQ(co_await client.ask({"get", "n"}), "$1\r\n0\r\n");
  }
  proxy.set_fault(Fault::cut);
  const std::string written = co_await client.ask({"incr", "n"});

  EXPECT_TRUE(written.starts_with("closed")) << written;
  EXPECT_EQ(server.ask({"GET", "n"}), Resp::bulk("1"));
}

// Asks for echoes until it is over; counts those that come, and any that is another's.
struct Echoes {
  bool over = false;
  std::size_t right = 0;
  std::size_t wrong = 0;
};
Task<> ask_for_echoes(TestClient& client, Echoes& echoes, int who) {
  for (int i = 0; !echoes.over; ++i) {
    const std::string text = cat(who, "-", i);
    const std::string reply = co_await client.ask({"echo", text}, 30ms);
    if (reply == cat("$", text.size(), "\r\n", text, "\r\n")) {
      ++echoes.right;
    } else if (reply.starts_with('$')) {
      ++echoes.wrong;
    } else {
      co_await Sleep(client.loop, 1ms);
    }
  }
}

REDIS_TEST_CO(Client, GivesNobodyTheReplyOfAnotherWhateverBreaks) {
  const TestServer server;
  FaultProxy proxy(loop, server.endpoint());
  TestClient client(loop, {.endpoints = {proxy.endpoint()},
                           .connect_timeout = 50ms,
                           .back_off = {.first = 1ms, .longest = 2ms}});
  Echoes echoes;
  Scope scope(loop);

  for (int who = 0; who < 50; ++who)
    scope.spawn(ask_for_echoes, std::ref(client), std::ref(echoes), who);
  for (int round = 0; round < 20; ++round) {
    for (const Fault fault : {Fault::none, Fault::delay, Fault::cut, Fault::hold, Fault::reset}) {
      proxy.set_fault(fault, 20ms);
      co_await Sleep(loop, 5ms);
    }
  }
  echoes.over = true;
  proxy.set_fault(Fault::none);
  co_await scope.join();

  EXPECT_GT(echoes.right, 0U);
  EXPECT_EQ(echoes.wrong, 0U);
  EXPECT_TRUE(co_await client.comes_to({"ping"}, "+PONG\r\n"));
}

REDIS_TEST_CO(Client, LeavesAHalfOpenConnection) {
  const TestServer server;
  FaultProxy proxy(loop, server.endpoint());
  TestClient client(loop, {.endpoints = {proxy.endpoint()}, .connect_timeout = 200ms});
  co_await client.ask({"ping"});

  proxy.set_fault(Fault::hold);
  EXPECT_TRUE((co_await client.ask({"ping"}, 150ms)).starts_with("timeout"));
  proxy.set_fault(Fault::none);

  EXPECT_TRUE(co_await client.comes_to({"ping"}, "+PONG\r\n"));
  EXPECT_GT(proxy.connections(), 1U);
}

REDIS_TEST_CO(Client, ReconnectsWhenAnIdleConnectionWasClosed) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}});
  co_await client.ask({"ping"});

  EXPECT_EQ(server.ask({"CLIENT", "KILL", "TYPE", "normal"}), Resp::number(1));
  while (client.health.closed_count == 0) co_await Sleep(loop, 1ms);

  EXPECT_EQ(co_await client.ask({"incr", "n"}), ":1\r\n");
}

REDIS_TEST_CO(Client, RefusesCommandsThatChangeTheConnection) {
  const TestServer server;
  TestClient client(loop, {.endpoints = {server.endpoint()}});

  EXPECT_EQ(co_await client.ask({"SUBSCRIBE", "channel"}),
            "unsupported: ERR 'subscribe' cannot be sent on a shared connection");
  EXPECT_EQ(co_await client.ask({"ping"}), "+PONG\r\n");
}

REDIS_TEST_CO(Client, FindsThePrimaryAmongSeveralEndpoints) {
  TestServer first;
  const TestServer second({"--replicaof", "127.0.0.1 " + std::to_string(first.port())});
  MYNAH_CO_ASSERT(second.wait_for({"INFO", "replication"}, "master_link_status:up"));
  TestClient client(loop, {.endpoints = {second.endpoint(), first.endpoint()}});
  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");

  first.kill();
  EXPECT_EQ(second.ask({"REPLICAOF", "NO", "ONE"}), Resp::ok());

  EXPECT_TRUE(co_await client.comes_to({"set", "k", "w"}, "+OK\r\n"));
}

}  // namespace
}  // namespace mynah::redis
