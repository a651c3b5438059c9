// SPDX-License-Identifier: Apache-2.0
// Goal: a connection of the server copes with clients that go away, are slow, switch protocols or
// must be sent home. Method: raw bytes over a pair of sockets on the real loop, in simulated time.
#include <string>

#include <gtest/gtest.h>

#include "http/droppable.h"
#include "http/pair_testing.h"

namespace mynah::http {
namespace {

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kGetAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nGET a /x ";

Headers status(std::string_view code) {
  Headers head;
  head.add(":status", code);
  return head;
}

std::string status_of_answer(const std::string& answer) {
  return answer.size() > 12 ? answer.substr(9, 3) : answer;
}

struct Waiting {
  int live = 0;
  Signal never;

  Task<> serve(ServerStream&) {
    struct Count {
      explicit Count(int& live) : live_(live) { ++live_; }
      Count(const Count&) = delete;
      Count& operator=(const Count&) = delete;
      ~Count() { --live_; }
      int& live_;
    };
    const Count count(live);
    co_await never;
  }
};

TEST(Http1ServerLife, DropsTheHandlerOfAClientThatGoesAway) {
  Waiting waiting;
  ServerBench bench([&](ServerStream& exchange) { return waiting.serve(exchange); });
  const auto client = bench.connect();
  client->send(kGet);
  bench.settle();
  EXPECT_EQ(waiting.live, 1);

  client->close();
  bench.settle();

  EXPECT_EQ(waiting.live, 0);
  EXPECT_EQ(bench.server.connections(), 0U);
  EXPECT_EQ(bench.server.counters().clients_gone, 1U);
}

TEST(Http1ServerLife, AClientThatOnlyShutsItsSideMayBeTolerated) {
  Waiting waiting;
  ServerLimits limits;
  limits.half_close_is_gone = false;
  ServerBench bench([&](ServerStream& exchange) { return waiting.serve(exchange); }, limits);
  const auto client = bench.connect();
  client->send(kGet);
  client->shut();
  bench.settle();

  EXPECT_EQ(waiting.live, 1);
}

TEST(Http1ServerLife, CutsAClientThatSendsItsHeadTooSlowly) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  for (int i = 0; i < 9; ++i) {
    client->send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "a");
    bench.pass(1s);
    EXPECT_FALSE(client->closed());
  }
  bench.pass(3s);

  EXPECT_EQ(status_of_answer(client->receive()), "408");
  bench.pass(3s);
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(bench.server.counters().violations[static_cast<std::size_t>(Violation::header_timeout)],
            1U);
}

TEST(Http1ServerLife, ClosesAClientThatSaysNothing) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  bench.pass(9s);
  EXPECT_FALSE(client->closed());
  bench.pass(2s);

  EXPECT_TRUE(client->closed());
  EXPECT_EQ(client->receive(), "");
}

TEST(Http1ServerLife, ClosesAConnectionThatIsIdleForLong) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(kGet);
  bench.pass(70s);
  client->send(kGet);
  bench.pass(70s);
  EXPECT_EQ(client->receive(), std::string(kGetAnswer) + std::string(kGetAnswer));
  EXPECT_FALSE(client->closed());

  bench.pass(10s);

  EXPECT_TRUE(client->closed());
}

TEST(Http1ServerLife, AnswersABodyThatStalls) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12");
  bench.pass(31s);

  EXPECT_EQ(status_of_answer(client->receive()), "408");
}

TEST(Http1ServerLife, CutsABodyThatDripsUnderTheMinimum) {
  ServerLimits limits;
  limits.body_bytes_per_second = 10;
  ServerBench bench(echo, limits);
  const auto client = bench.connect();
  client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n");
  for (int i = 0; i < 35; ++i) {
    client->send("x");
    bench.pass(1s);
  }

  EXPECT_EQ(status_of_answer(client->receive()), "408");
}

Task<> writes_much(ServerStream& exchange) {
  (co_await exchange.respond(status("200"), End::no)).ignore();
  const Slice piece = Slice::copy_of(std::string(60000, 'x'));
  for (int i = 0; i < 100; ++i) {
    if (!co_await exchange.write(piece, End::no)) co_return;
  }
  (co_await exchange.write({}, End::yes)).ignore();
}

TEST(Http1ServerLife, WaitsForASlowClientAndLosesNothing) {
  ServerBench bench(writes_much);
  const auto client = bench.connect();
  client->send(kGet);
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) {
    bench.settle();
    const std::size_t got = client->receive().size();
    if (got == 0) break;
    EXPECT_LT(got, 1000000U);
    total += got;
  }

  EXPECT_GT(total, 6000000U);
  EXPECT_FALSE(client->closed());
}

TEST(Http1ServerLife, CutsAClientThatTakesNothing) {
  ServerBench bench(writes_much);
  const auto client = bench.connect();
  client->send(kGet);
  bench.pass(61s);

  EXPECT_EQ(bench.server.connections(), 0U);
}

Task<> echoes_raw(ServerStream& exchange) {
  EXPECT_EQ(exchange.upgrade(), "websocket");
  Headers head = status("101");
  head.add("upgrade", "websocket");
  (co_await exchange.respond(head, End::no)).ignore();
  while (true) {
    auto piece = co_await exchange.read();
    if (!piece) co_return;
    (co_await exchange.write(piece->bytes, piece->end)).ignore();
    if (piece->end == End::yes) break;
  }
}

TEST(Http1ServerLife, PassesRawBytesAfterASwitchOfProtocols) {
  ServerBench bench(echoes_raw);
  const auto client = bench.connect();
  client->send(
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\n\r\n\x81\x02hi");
  bench.settle();
  EXPECT_EQ(client->receive(),
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: "
            "websocket\r\n\r\n\x81\x02hi");
  client->send("more");
  bench.settle();
  EXPECT_EQ(client->receive(), "more");
  client->shut();
  bench.settle();

  EXPECT_TRUE(client->closed());
  EXPECT_EQ(bench.server.connections(), 0U);
}

Task<> hints_first(ServerStream& exchange) {
  Headers hints = status("103");
  hints.add("link", "</a.css>");
  (co_await exchange.send_interim(hints)).ignore();
  (co_await exchange.respond(status("204"), End::yes)).ignore();
}

TEST(Http1ServerLife, SendsInterimResponsesToThoseWhoKnowThem) {
  ServerBench bench(hints_first);

  EXPECT_EQ(bench.exchange(kGet),
            "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(bench.exchange("GET / HTTP/1.0\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
}

TEST(Http1ServerLife, DrainsBusyConnectionsAfterTheirExchangeAndIdleOnesWhenAsked) {
  ServerBench bench(echo);
  const auto idle = bench.connect();
  const auto busy = bench.connect();
  busy->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1");
  bench.settle();

  bench.server.drain();
  bench.server.end_idle();
  bench.settle();
  EXPECT_FALSE(idle->closed());
  bench.pass(1s);
  bench.server.end_idle();
  bench.settle();
  EXPECT_TRUE(idle->closed());
  EXPECT_FALSE(busy->closed());
  busy->send("2");
  bench.settle();

  EXPECT_EQ(busy->receive(),
            "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\nPOST a / 12");
  EXPECT_TRUE(busy->closed());
  EXPECT_EQ(bench.server.connections(), 0U);
}

TEST(Http1ServerLife, AnswersARequestThatWasOnItsWayWhenItDrained) {
  ServerBench bench(echo);
  const auto late = bench.connect();
  bench.settle();
  bench.server.drain();
  late->send(kGet);

  bench.server.end_idle();
  bench.settle();

  EXPECT_NE(late->receive().find("connection: close"), std::string::npos);
  EXPECT_TRUE(late->closed());
}

TEST(Http1ServerLife, ClosesAfterAsManyExchangesAsAreAllowed) {
  ServerLimits limits;
  limits.exchanges_max = 2;
  ServerBench bench(echo, limits);
  const std::string get(kGet);

  const std::string answers = bench.exchange(get + get + get);

  EXPECT_EQ(answers,
            std::string(kGetAnswer) +
                "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nGET a /x ");
}

}  // namespace
}  // namespace mynah::http
