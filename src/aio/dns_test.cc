// SPDX-License-Identifier: Apache-2.0
// Goal: names are asked for once, remembered for their time, and old answers outlive a failing
// server. Method: a lookup of the test's own stands for the system's; it runs on a real pool.
#include "aio/dns.h"

#include <atomic>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "aio/testing.h"

namespace mynah {
namespace {

using Addresses = Resolver::Addresses;

// The name server of a test: one answer, and how often it was asked.
struct Server {
  std::atomic<int> asked = 0;
  std::atomic<int> last_byte = 1;  // Of the address; 0: a failure.
};

struct Fixture {
  explicit Fixture(Loop& loop, Resolver::Options options = {})
      : resolver(loop, pool, with_lookup(std::move(options))) {}

  Resolver::Options with_lookup(Resolver::Options options) {
    options.lookup = [this](const std::string&) -> Result<Addresses> {
      ++server.asked;
      const int last = server.last_byte;
      if (last == 0) return Error{Errc::unavailable, "the server is down"};
      return Addresses{*Address::from_ip("10.0.0." + std::to_string(last), 0)};
    };
    return options;
  }
  Task<std::string> ask(std::string name, Instant deadline = kNever) {
    auto answer = co_await resolver.resolve(name, 80, deadline);
    if (!answer) co_return "error: " + answer.error().what;
    std::string text;
    for (const Address& address : *answer) text += (text.empty() ? "" : " ") + address.text();
    co_return text;
  }

  Server server;
  BlockingPool pool{{}};
  Resolver resolver;
};

MYNAH_TEST_CO(Resolver, KnowsNumbersAndLocalhostWithoutAsking) {
  Fixture f(loop);

  EXPECT_EQ(co_await f.ask("192.168.7.9"), "192.168.7.9:80");
  EXPECT_EQ(co_await f.ask("::1"), "[::1]:80");
  EXPECT_EQ(co_await f.ask("[::1]"), "[::1]:80");
  EXPECT_EQ(co_await f.ask("LocalHost."), "127.0.0.1:80 [::1]:80");
  EXPECT_EQ(f.server.asked, 0);
}

MYNAH_TEST_CO(Resolver, RefusesWhatIsNoName) {
  Fixture f(loop);

  EXPECT_EQ(co_await f.ask(""), "error: \"\" is not a host's name");
  EXPECT_EQ(co_await f.ask("a b"), "error: \"a b\" is not a host's name");
  EXPECT_EQ((co_await f.ask(std::string(254, 'a'))).substr(0, 6), "error:");
  EXPECT_EQ(f.server.asked, 0);
}

MYNAH_TEST_CO(Resolver, RemembersAnAnswerForItsTime) {
  Fixture f(loop);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");
  EXPECT_EQ(co_await f.ask("EXAMPLE.org"), "10.0.0.1:80");
  co_await Sleep(loop, 29s);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");

  EXPECT_EQ(f.server.asked, 1);
}

MYNAH_TEST_CO(Resolver, GivesAnOldAnswerWhileItRefreshes) {
  Fixture f(loop);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");
  co_await Sleep(loop, 31s);
  f.server.last_byte = 2;

  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");
  co_await Sleep(loop, 1ms);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.2:80");
  EXPECT_EQ(f.server.asked, 2);
}

MYNAH_TEST_CO(Resolver, GivesAnOldAnswerWhileTheServerIsDownButNotForEver) {
  Fixture f(loop);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");
  f.server.last_byte = 0;
  co_await Sleep(loop, 5min);
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.1:80");
  co_await Sleep(loop, 5min);

  EXPECT_EQ(co_await f.ask("example.org"), "error: resolve example.org: the server is down");
}

MYNAH_TEST_CO(Resolver, RemembersAFailureForAShortTime) {
  Fixture f(loop);
  f.server.last_byte = 0;
  EXPECT_EQ(co_await f.ask("example.org"), "error: resolve example.org: the server is down");
  EXPECT_EQ(co_await f.ask("example.org"), "error: resolve example.org: the server is down");
  EXPECT_EQ(f.server.asked, 1);

  co_await Sleep(loop, 1s);
  f.server.last_byte = 3;
  EXPECT_EQ(co_await f.ask("example.org"), "10.0.0.3:80");
}

MYNAH_TEST_CO(Resolver, AsksOnceForAllWhoAskMeanwhile) {
  Fixture f(loop);

  auto [a, b, c] = co_await all(f.ask("example.org"), f.ask("example.org"), f.ask("example.org"));

  EXPECT_EQ(a, "10.0.0.1:80");
  EXPECT_EQ(b, "10.0.0.1:80");
  EXPECT_EQ(c, "10.0.0.1:80");
  EXPECT_EQ(f.server.asked, 1);
}

MYNAH_TEST_CO(Resolver, ForgetsOldNamesWhenItKeepsTooMany) {
  Fixture f(loop, {.names_max = 2});
  EXPECT_EQ(co_await f.ask("a.org"), "10.0.0.1:80");
  co_await Sleep(loop, 1s);
  EXPECT_EQ(co_await f.ask("b.org"), "10.0.0.1:80");
  EXPECT_EQ(co_await f.ask("c.org"), "10.0.0.1:80");
  EXPECT_EQ(co_await f.ask("b.org"), "10.0.0.1:80");
  EXPECT_EQ(f.server.asked, 3);

  EXPECT_EQ(co_await f.ask("a.org"), "10.0.0.1:80");
  EXPECT_EQ(f.server.asked, 4);
}

TEST(SystemResolver, ReadsTheHostsFile) {
  auto addresses = Resolver::ask_system("localhost");

  ASSERT_TRUE(addresses.ok());
  EXPECT_FALSE(addresses->empty());
}

}  // namespace
}  // namespace mynah
