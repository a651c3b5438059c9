// SPDX-License-Identifier: Apache-2.0
// A primary, a replica and a Sentinel, all of them real.
#include "redis/sentinel.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "redis/client_testing.h"
#include "redis/server_testing.h"

namespace mynah::redis {
namespace {

struct Watched {
  Watched() {
    EXPECT_TRUE(replicates);
    EXPECT_TRUE(sentinel.wait_for({"SENTINEL", "REPLICAS", "main"}, cat(replica.port())));
    EXPECT_TRUE(sentinel.wait_for({"SENTINEL", "REPLICAS", "main"}, "ok"));
  }

  [[nodiscard]] Options options() const {
    return {
        .topology = Topology::sentinel, .endpoints = {sentinel.endpoint()}, .primary_name = "main"};
  }

  TestServer primary;
  TestServer replica{{"--replicaof", cat("127.0.0.1 ", primary.port())}};
  // A Sentinel looks seldom, and would not fail over to a replica that it has seen without this.
  bool replicates = replica.wait_for({"INFO", "replication"}, "master_link_status:up");
  TestServer sentinel{TestServer::Sentinel{cat("sentinel monitor main 127.0.0.1 ", primary.port(),
                                               " 1\nsentinel down-after-milliseconds main 300\n"
                                               "sentinel failover-timeout main 3000\n")}};
};

REDIS_TEST_CO(Sentinel, LeadsToThePrimary) {
  const Watched watched;
  TestClient client(loop, watched.options());

  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");

  EXPECT_EQ(watched.primary.ask({"GET", "k"}), Resp::bulk("v"));
}

REDIS_TEST_CO(Sentinel, LeadsToTheNewPrimaryWhenTheOldOneDies) {
  Watched watched;
  TestClient client(loop, watched.options());
  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");
  EXPECT_EQ(watched.primary.ask({"WAIT", "1", "10000"}), Resp::number(1));

  watched.primary.kill();

  EXPECT_TRUE(co_await client.comes_to({"set", "k", "w"}, "+OK\r\n"));
  EXPECT_EQ(watched.replica.ask({"GET", "k"}), Resp::bulk("w"));
}

REDIS_TEST_CO(Sentinel, LeadsToTheNewPrimaryWhenTheOldOneHangs) {
  Watched watched;
  Options options = watched.options();
  options.connect_timeout = 300ms;
  TestClient client(loop, options);
  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");

  watched.primary.hold();
  EXPECT_TRUE((co_await client.ask({"get", "k"}, 150ms)).starts_with("timeout"));

  EXPECT_TRUE(co_await client.comes_to({"set", "k", "w"}, "+OK\r\n"));
  EXPECT_EQ(watched.replica.ask({"GET", "k"}), Resp::bulk("w"));
  watched.primary.go_on();
}

REDIS_TEST_CO(Sentinel, FollowsAFailoverThatSomebodyOrders) {
  const Watched watched;
  TestClient client(loop, watched.options());
  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");

  EXPECT_TRUE(watched.sentinel.wait_for({"SENTINEL", "FAILOVER", "main"}, "OK"));
  EXPECT_TRUE(watched.replica.wait_for({"ROLE"}, "master"));
  while (client.health.closed_count == 0) co_await Sleep(loop, 1ms);

  EXPECT_EQ(co_await client.ask({"set", "k", "w"}), "+OK\r\n");
  EXPECT_EQ(watched.replica.ask({"GET", "k"}), Resp::bulk("w"));
}

REDIS_TEST_CO(Sentinel, AsksTheNextWhenOneIsAwayOrHangs) {
  const Watched watched;
  TestServer away(TestServer::Sentinel{""});
  TestServer hanging(TestServer::Sentinel{""});
  away.kill();
  hanging.hold();
  Options options = watched.options();
  options.endpoints = {away.endpoint(), hanging.endpoint(), watched.sentinel.endpoint()};
  options.connect_timeout = 1s;
  TestClient client(loop, options);

  EXPECT_EQ(co_await client.ask({"set", "k", "v"}), "+OK\r\n");
}

REDIS_TEST_CO(Sentinel, SaysWhyThereIsNoPrimary) {
  const Watched watched;
  Options options = watched.options();
  options.primary_name = "other";
  TestClient client(loop, options);

  EXPECT_EQ(co_await client.ask({"get", "k"}),
            cat("unavailable: Sentinel ", watched.sentinel.endpoint().text(),
                ": it knows no primary called \"other\""));
}

REDIS_TEST_CO(Sentinel, TellsSentinelsTheirOwnPassword) {
  const Watched watched;
  const TestServer guarded(TestServer::Sentinel{
      cat("requirepass watch\nsentinel monitor main 127.0.0.1 ", watched.primary.port(), " 1\n")});
  Options options = watched.options();
  options.endpoints = {guarded.endpoint()};
  TestClient stranger(loop, options);
  options.sentinel_login = {"", "watch"};
  TestClient known(loop, options);

  EXPECT_EQ(co_await stranger.ask({"get", "k"}),
            cat("unavailable: Sentinel ", guarded.endpoint().text(),
                ": NOAUTH Authentication required."));
  EXPECT_EQ(co_await known.ask({"set", "k", "v"}), "+OK\r\n");
}

}  // namespace
}  // namespace mynah::redis
