// SPDX-License-Identifier: Apache-2.0
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
// Goal: a plug-in gets the replies to what it asked, or the failure that it can understand.
#include "gateway/redis_port.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/dns.h"
#include "aio/testing.h"
#include "gateway/telemetry.h"
#include "redis/scripted_testing.h"

namespace mynah {
namespace {

using redis::kHello;
using redis::ScriptedServer;

class NoLines final : public LogSink {
  void write(LogLevel, std::string_view) override {}
};

// A port to a server that answers with the texts in turn, the greeting included.
struct TestPort {
  TestPort(Loop& loop, std::vector<std::string> answers) : server(loop, std::move(answers)) {
    service.name = "kept";
    service.origin = model::StaticEndpoints{
        {{*Address::from_ip(server.endpoint().host, server.endpoint().port)}}};
    resolver.emplace(loop, pool, Resolver::Options{});
    wasm::RedisService wanted;
    wanted.password = "pw";
    wanted.timeout = 1s;
    port = *make_redis_port({loop, *resolver}, service, wanted, meters);
  }

  // The reply, or the error's code.
  Task<std::string> ask(std::string_view query) {
    const auto reply = co_await port->call(query);
    co_return reply ? *reply : std::string(name_of(reply.error().code));
  }
  [[nodiscard]] bool counts(std::string_view line) const {
    return metrics.prometheus().find(line) != std::string::npos;
  }

  ScriptedServer server;
  model::Service service;
  SystemClock clock;
  NoLines lines;
  Log log{lines, clock, {}};
  Metrics metrics{1};
  Telemetry telemetry{log, nullptr, metrics, 1};
  RedisMeters meters{metrics, telemetry};
  BlockingPool pool{{.threads = 1}};
  std::optional<Resolver> resolver;
  std::shared_ptr<RedisPort> port;
};

constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";

MYNAH_TEST_CO(RedisPort, AnswersCommandsOfOneQueryOneAfterTheOther) {
  TestPort port(loop, {std::string(kHello), "+first\r\n$-1\r\n"});

  EXPECT_EQ(co_await port.ask(cat(kPing, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n")), "+first\r\n$-1\r\n");

  EXPECT_TRUE(port.counts("mynah_redis_calls_total{service=\"kept\",outcome=\"answered\"} 2"));
  EXPECT_TRUE(port.counts("mynah_redis_connections{service=\"kept\"} 1"));
  port.port.reset();
  EXPECT_TRUE(port.counts("mynah_redis_connections{service=\"kept\"} 0"));
}

MYNAH_TEST_CO(RedisPort, AnswersABrokenQueryAsRedisWould) {
  TestPort port(loop, {std::string(kHello), "+PONG\r\n"});
  std::string many;
  for (int i = 0; i < 1001; ++i) many += kPing;

  EXPECT_EQ(co_await port.ask("PING\r\n"), "-ERR Protocol error: not an array of bulk strings\r\n");
  EXPECT_EQ(co_await port.ask("*1\r\n$4\r\nPI"),
            "-ERR Protocol error: the command is cut short\r\n");
  EXPECT_EQ(co_await port.ask(cat(kPing, "\r\n")),
            "-ERR Protocol error: not an array of bulk strings\r\n");
  EXPECT_EQ(co_await port.ask("*0\r\n"), "-ERR Protocol error: an empty command\r\n");
  EXPECT_EQ(co_await port.ask(many), "-ERR Protocol error: too many commands in a query\r\n");
  EXPECT_EQ(co_await port.ask(kPing), "+PONG\r\n");
}

MYNAH_TEST_CO(RedisPort, TellsWhyTheServerRefusesTheClient) {
  TestPort port(loop, {"-WRONGPASS not that one\r\n"});

  EXPECT_EQ(co_await port.ask(kPing), "-WRONGPASS not that one\r\n");

  EXPECT_TRUE(port.counts("mynah_redis_calls_total{service=\"kept\",outcome=\"denied\"} 1"));
  EXPECT_TRUE(port.counts("mynah_redis_failed_connects_total{service=\"kept\"} 1"));
}

MYNAH_TEST_CO(RedisPort, RefusesWhatWouldChangeTheConnection) {
  TestPort port(loop, {std::string(kHello), "+PONG\r\n"});

  EXPECT_EQ(co_await port.ask("*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n"),
            "-ERR 'select' cannot be sent on a shared connection\r\n");
}

MYNAH_TEST_CO(RedisPort, FailsWhenTheServerDoesNotAnswerInTime) {
  TestPort port(loop, {std::string(kHello)});

  EXPECT_EQ(co_await port.ask(kPing), "timeout");
  EXPECT_EQ(co_await port.ask(kPing), "unavailable");
}

MYNAH_TEST_CO(RedisPort, IsKeptWhileItsServiceIsTheSame) {
  const TestPort port(loop, {});
  model::Service moved = port.service;
  moved.redis.topology = model::RedisTopology::cluster;

  EXPECT_TRUE(port.port->serves(port.service));
  EXPECT_FALSE(port.port->serves(moved));
  co_return;
}

}  // namespace
}  // namespace mynah
