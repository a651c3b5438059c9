// SPDX-License-Identifier: Apache-2.0
// Goal: both ends of an HTTP/2 connection carry whole messages under flow control, and say so when
// they cannot. Method: our client and our server on one loop in simulated time.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/pair_testing.h"

namespace mynah::http {
namespace {

// Our own client on the other end of the same loop.
struct TwoEnds : ServerBench, ClientWatcher {
  explicit TwoEnds(FunctionHandler::Function function, const ServerLimits& server_limits = {})
      : ServerBench(std::move(function), server_limits) {
    auto [near, far] = make_ends(*loop);
    scope.spawn(
        [this](std::unique_ptr<Connection> end) {
          return server.serve(std::move(end), PeerInfo{.address = "x"});
        },
        std::move(near));
    client = make_client(std::move(far), Version::http2, limits, this);
  }
  ~TwoEnds() { scope.cancel(); }
  void on_change(ClientConnection&) override { ++changes; }

  static Headers post() {
    Headers head;
    head.add(":method", "POST");
    head.add(":scheme", "http");
    head.add(":authority", "a");
    head.add(":path", "/p");
    head.add("te", "trailers");
    return head;
  }

  static Task<> ask(ClientConnection& connection, std::size_t size, std::string& answer) {
    const ClientStreamPtr stream = connection.open();
    if (!co_await stream->send(post(), End::no)) co_return;
    for (std::size_t left = size; left > 0;) {
      const std::size_t now = std::min<std::size_t>(left, 10'000);
      left -= now;
      if (!co_await stream->write(Slice::copy_of(std::string(now, 'x')),
                                  left == 0 ? End::yes : End::no))
        co_return;
    }
    auto head = co_await stream->response();
    if (!head) {
      answer = head.error().what;
      co_return;
    }
    while (true) {
      auto piece = co_await stream->read();
      if (!piece) {
        answer = "cut: " + std::string(name_of(piece.error().code));
        co_return;
      }
      answer.append(piece->bytes.view());
      if (piece->end == End::yes) break;
    }
    for (const auto& [name, value] : stream->trailers())
      answer.append(name).append("=").append(value);
  }
  void start(std::size_t size, std::string& answer) {
    scope.spawn([](std::reference_wrapper<ClientConnection> up, std::size_t bytes,
                   std::reference_wrapper<std::string> to) { return ask(up, bytes, to); },
                std::ref(*client), size, std::ref(answer));
  }

  ClientLimits limits;
  std::unique_ptr<ClientConnection> client;
  int changes = 0;
};

TEST(Http2, CarriesBodiesManyTimesTheWindowBothWays) {
  TwoEnds ends(echo);
  std::string one;
  std::string two;
  ends.start(1'000'000, one);
  ends.start(300'000, two);
  EXPECT_EQ(ends.client->streams_open(), 2U);
  ends.pass(100ms);

  EXPECT_EQ(one.size(), 1'000'000U + 10);
  EXPECT_EQ(two.size(), 300'000U + 10);
  EXPECT_EQ(ends.client->streams_open(), 0U);
  EXPECT_GT(ends.client->streams_free(), 50U);
}

Task<> with_trailers(ServerStream& exchange) {
  while (!exchange.request_ended()) {
    auto piece = co_await exchange.read();
    if (!piece || piece->end == End::yes) break;
  }
  Headers head;
  head.add(":status", "200");
  (co_await exchange.respond(head, End::no)).ignore();
  (co_await exchange.write(Slice::of_static("body "), End::no)).ignore();
  Headers trailers;
  trailers.add("grpc-status", "0");
  (co_await exchange.finish(trailers)).ignore();
}

TEST(Http2, CarriesTrailers) {
  TwoEnds ends(with_trailers);
  std::string answer;
  ends.start(1, answer);
  ends.settle();

  EXPECT_EQ(answer, "body grpc-status=0");
}

Task<> gives_up(ServerStream& exchange) {
  Headers head;
  head.add(":status", "200");
  (co_await exchange.respond(head, End::no)).ignore();
  (co_await exchange.write(Slice::of_static("half"), End::no)).ignore();
  exchange.abort();
}

TEST(Http2, NeverTakesACutAnswerForAWholeOne) {
  TwoEnds ends(gives_up);
  std::string answer;
  ends.start(1, answer);
  ends.settle();

  EXPECT_TRUE(answer == "cut: closed" || answer.starts_with("the origin gave the request up"))
      << answer;
}

TEST(Http2, TellsThePoolWhenTheServerSaysGoodbye) {
  TwoEnds ends(echo);
  std::string answer;
  ends.start(1, answer);
  ends.settle();
  EXPECT_GT(ends.client->streams_free(), 0U);
  const int before = ends.changes;

  ends.server.drain();
  ends.pass(1s);

  EXPECT_GT(ends.changes, before);
  EXPECT_EQ(ends.client->streams_free(), 0U);
  EXPECT_TRUE(ends.client->closed());
}

}  // namespace
}  // namespace mynah::http
