// SPDX-License-Identifier: Apache-2.0
// A cluster of three primaries and a replica, all of them real.
#include "redis/cluster.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "redis/client_testing.h"
#include "redis/scripted_testing.h"
#include "redis/server_testing.h"

namespace mynah::redis {
namespace {

// Keys in the slots of the first, the second and the third primary.
constexpr std::string_view kFirst = "b";
constexpr std::string_view kSecond = "c";
constexpr std::string_view kThird = "a";

// A replica takes over however long it was cut off: on a busy machine that is long.
struct TestNode {
  TestServer server{{"--cluster-enabled", "yes", "--cluster-port", cat(free_port()),
                     "--cluster-node-timeout", "1000", "--cluster-replica-validity-factor", "0",
                     "--cluster-require-full-coverage", "no"}};
  std::string id = std::string(server.ask({"CLUSTER", "MYID"}).text.view());
  std::string port = cat(server.port());
};

class TestCluster {
 public:
  TestCluster() {
    give(0, "0", "5460");
    give(1, "5461", "10922");
    give(2, "10923", "16383");
    for (std::size_t i = 1; i < nodes.size(); ++i) meet(i);
    for (const TestNode& node : nodes)
      EXPECT_TRUE(node.server.wait_for({"CLUSTER", "INFO"}, "cluster_known_nodes:4"));
    EXPECT_EQ(nodes[3].server.ask({"CLUSTER", "REPLICATE", nodes[0].id}), Resp::ok());
    EXPECT_TRUE(nodes[3].server.wait_for({"INFO", "replication"}, "master_link_status:up"));
    for (const TestNode& node : nodes) {
      EXPECT_TRUE(node.server.wait_for({"CLUSTER", "INFO"}, "cluster_state:ok"));
      EXPECT_TRUE(node.server.wait_for({"CLUSTER", "SLOTS"}, nodes[3].id));
    }
  }

  [[nodiscard]] Options options() const {
    return {.topology = Topology::cluster, .endpoints = {nodes[1].server.endpoint()}};
  }

  std::array<TestNode, 4> nodes;

 private:
  void give(std::size_t which, std::string_view first, std::string_view last) {
    EXPECT_EQ(nodes[which].server.ask({"CLUSTER", "ADDSLOTSRANGE", first, last}), Resp::ok());
  }
  void meet(std::size_t which) {
    const Resp config = nodes[which].server.ask({"CONFIG", "GET", "cluster-port"});
    EXPECT_EQ(nodes[0].server.ask({"CLUSTER", "MEET", "127.0.0.1", nodes[which].port,
                                   config.items.at(1).text.view()}),
              Resp::ok());
  }
};

TEST(Cluster, SpreadsTheKeysOfTheseTests) {
  EXPECT_LE(slot_of_key(kFirst), 5460);
  EXPECT_GE(slot_of_key(kSecond), 5461);
  EXPECT_LE(slot_of_key(kSecond), 10922);
  EXPECT_GE(slot_of_key(kThird), 10923);
}

REDIS_TEST_CO(Cluster, SendsEachKeyToWhoHoldsIt) {
  const TestCluster cluster;
  TestClient client(loop, cluster.options());

  for (const std::string_view key : {kFirst, kSecond, kThird})
    EXPECT_EQ(co_await client.ask({"set", key, key}), "+OK\r\n");

  EXPECT_EQ(cluster.nodes[0].server.ask({"GET", kFirst}), Resp::bulk(kFirst));
  EXPECT_EQ(cluster.nodes[1].server.ask({"GET", kSecond}), Resp::bulk(kSecond));
  EXPECT_EQ(cluster.nodes[2].server.ask({"GET", kThird}), Resp::bulk(kThird));
  EXPECT_EQ(client.health.moved, 0U);
  EXPECT_EQ(co_await client.ask({"ping"}), "+PONG\r\n");
  EXPECT_TRUE((co_await client.ask({"mget", kFirst, kThird})).starts_with("-CROSSSLOT"));
}

REDIS_TEST_CO(Cluster, FollowsASlotThatMovesKeyByKey) {
  const TestCluster cluster;
  TestClient client(loop, cluster.options());
  const TestServer& from = cluster.nodes[0].server;
  const TestServer& to = cluster.nodes[2].server;
  const std::string slot = cat(slot_of_key(kFirst));
  const std::string other = cat("{", kFirst, "}other");
  EXPECT_EQ(co_await client.ask({"set", kFirst, "v"}), "+OK\r\n");

  EXPECT_EQ(to.ask({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.nodes[0].id}), Resp::ok());
  EXPECT_EQ(from.ask({"CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.nodes[2].id}), Resp::ok());
  EXPECT_EQ(co_await client.ask({"get", kFirst}), "$1\r\nv\r\n");
  EXPECT_EQ(client.health.asked, 0U);
  EXPECT_EQ(from.ask({"MIGRATE", "127.0.0.1", cluster.nodes[2].port, kFirst, "0", "5000"}),
            Resp::ok());
  EXPECT_EQ(co_await client.ask({"get", kFirst}), "$1\r\nv\r\n");
  EXPECT_EQ(co_await client.ask({"set", other, "w"}), "+OK\r\n");
  EXPECT_EQ(client.health.asked, 2U);
  EXPECT_EQ(client.health.moved, 0U);

  for (const TestServer* told : {&to, &from}) {
    EXPECT_EQ(told->ask({"CLUSTER", "SETSLOT", slot, "NODE", cluster.nodes[2].id}), Resp::ok());
  }
  EXPECT_EQ(co_await client.ask({"get", other}), "$1\r\nw\r\n");
  EXPECT_EQ(client.health.moved, 1U);
  EXPECT_EQ(co_await client.ask({"get", other}), "$1\r\nw\r\n");
  EXPECT_EQ(client.health.moved, 1U);
}

REDIS_TEST_CO(Cluster, GoesOnWithTheReplicaOfAPrimaryThatDies) {
  TestCluster cluster;
  TestClient client(loop, cluster.options());
  EXPECT_EQ(co_await client.ask({"set", kFirst, "v"}), "+OK\r\n");
  EXPECT_EQ(cluster.nodes[0].server.ask({"WAIT", "1", "10000"}), Resp::number(1));

  cluster.nodes[0].server.kill();

  EXPECT_TRUE(co_await client.comes_to({"set", kFirst, "w"}, "+OK\r\n"));
  EXPECT_EQ(cluster.nodes[3].server.ask({"GET", kFirst}), Resp::bulk("w"));
  EXPECT_TRUE(co_await client.comes_to({"set", kThird, "w"}, "+OK\r\n"));

  cluster.nodes[0].server.start();
  EXPECT_TRUE(cluster.nodes[0].server.wait_for({"ROLE"}, "slave"));
  EXPECT_TRUE(co_await client.comes_to({"get", kFirst}, "$1\r\nw\r\n"));
}

REDIS_TEST_CO(Cluster, FindsTheOthersWhenTheConfiguredServerIsGone) {
  TestCluster cluster;
  TestClient client(loop, cluster.options());
  EXPECT_EQ(co_await client.ask({"set", kFirst, "v"}), "+OK\r\n");

  cluster.nodes[1].server.kill();

  EXPECT_TRUE((co_await client.ask({"set", kSecond, "v"})).starts_with("unavailable"));
  EXPECT_EQ(co_await client.ask({"get", kFirst}), "$1\r\nv\r\n");
  EXPECT_EQ(co_await client.ask({"set", kThird, "v"}), "+OK\r\n");
}

REDIS_TEST_CO(Cluster, ReadsFromReplicasWhenItMay) {
  const TestCluster cluster;
  Options options = cluster.options();
  options.read_from = ReadFrom::replica;
  TestClient client(loop, options);
  EXPECT_EQ(co_await client.ask({"set", kFirst, "v"}), "+OK\r\n");
  EXPECT_EQ(cluster.nodes[0].server.ask({"WAIT", "1", "10000"}), Resp::number(1));
  EXPECT_EQ(cluster.nodes[3].server.ask({"CONFIG", "RESETSTAT"}), Resp::ok());

  EXPECT_EQ(co_await client.ask({"get", kFirst}), "$1\r\nv\r\n");

  EXPECT_TRUE(cluster.nodes[3].server.wait_for({"INFO", "commandstats"}, "cmdstat_get:calls=1,"));
  EXPECT_EQ(client.health.moved, 0U);
}

REDIS_TEST_CO(Cluster, SaysThatAServerIsInNoCluster) {
  const TestServer alone;
  TestClient client(loop, {.topology = Topology::cluster, .endpoints = {alone.endpoint()}});

  EXPECT_EQ(co_await client.ask({"get", "k"}),
            "unavailable: ERR This instance has cluster support disabled");
}

constexpr std::string_view kOwnMap =
    "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$0\r\n\r\n:PORT\r\n$2\r\nid\r\n";

// What a cluster of one server, which answers with the texts in turn, gives for a GET.
Task<std::string> get(Loop& loop, std::vector<std::string> answers) {
  answers.insert(answers.begin(), {std::string(kHello), std::string(kOwnMap)});
  const ScriptedServer server(loop, std::move(answers));
  TestClient client(loop, {.topology = Topology::cluster, .endpoints = {server.endpoint()}});
  co_return co_await client.ask({"get", "k"});
}

MYNAH_TEST_CO(Cluster, EndsACallThatIsSentInCircles) {
  const std::vector<std::string> circle(20, "-MOVED 1 :PORT\r\n");

  EXPECT_TRUE((co_await get(loop, circle)).starts_with("-MOVED 1 :"));
}

MYNAH_TEST_CO(Cluster, WaitsForWhatPasses) {
  EXPECT_EQ(co_await get(loop, {"-TRYAGAIN keys are moving\r\n", "+OK\r\n"}), "+OK\r\n");
  EXPECT_EQ(co_await get(loop, {"-LOADING the data\r\n", "+OK\r\n"}), "+OK\r\n");
}

MYNAH_TEST_CO(Cluster, WaitsForWhatPassesNoLongerThanALittle) {
  const std::vector<std::string> down(20, "-TRYAGAIN keys are moving\r\n");
  const Instant begin = loop.now();

  EXPECT_EQ(co_await get(loop, down), "-TRYAGAIN keys are moving\r\n");

  EXPECT_LT(loop.now() - begin, 1s);
}

MYNAH_TEST_CO(Cluster, TakesARedirectionThatNamesNoPlaceForAnError) {
  EXPECT_EQ(co_await get(loop, {"-MOVED 1 /etc/redis.sock:1\r\n"}),
            "-MOVED 1 /etc/redis.sock:1\r\n");
}

MYNAH_TEST_CO(Cluster, RefusesAMapThatIsNone) {
  const ScriptedServer server(loop, {std::string(kHello), "*1\r\n*1\r\n:1\r\n"});
  TestClient client(loop, {.topology = Topology::cluster, .endpoints = {server.endpoint()}});

  EXPECT_EQ(co_await client.ask({"get", "k"}),
            "protocol: the server tells of its cluster what is no map");
}

}  // namespace
}  // namespace mynah::redis
