// SPDX-License-Identifier: Apache-2.0
// Goal: a connection to an origin, honest or hostile, yields whole answers or errors, and is reused
// only when that is safe. Method: the origin is raw bytes at the other end of a pair of sockets, in
// simulated time.
#include <string>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/golden_testing.h"
#include "http/pair_testing.h"

namespace mynah::http {
namespace {

struct Outcome {
  bool ended = false;
  std::string status;
  std::string body;
  std::string trailers;
  std::string error;
  bool retry_is_safe = false;
  std::string interim;
};

struct ClientBench : ClientWatcher {
  ClientBench() {
    Pair pair = make_pair_on(*loop);
    origin = std::move(pair.far);
    connection = make_client(std::move(pair.near), Version::http11, limits, this);
  }
  ~ClientBench() { scope.cancel(); }

  void on_change(ClientConnection&) override { ++changes; }

  static Headers get(std::string_view method = "GET") {
    Headers head;
    head.add(":method", method);
    head.add(":scheme", "http");
    head.add(":authority", "a");
    head.add(":path", "/");
    return head;
  }

  static Task<> ask(ClientConnection& connection, Headers head, Outcome& out) {
    const ClientStreamPtr stream = connection.open();
    stream->on_interim(
        [](void* text, const Headers& interim) {
          static_cast<std::string*>(text)->append(interim.value_or(":status", "")).append(" ");
        },
        &out.interim);
    const Status sent = co_await stream->send(head, End::yes);
    if (!sent) out.error = "send: " + sent.error().what;
    auto response = co_await stream->response();
    if (!response) {
      out.error = std::string(name_of(response.error().code));
    } else {
      out.status = response->value_or(":status", "");
      while (!stream->response_ended()) {
        auto piece = co_await stream->read();
        if (!piece) {
          out.error = std::string(name_of(piece.error().code));
          break;
        }
        out.body.append(piece->bytes.view());
        if (piece->end == End::yes) break;
      }
      for (const auto& [name, value] : stream->trailers()) {
        out.trailers.append(name).append("=").append(value);
      }
    }
    out.retry_is_safe = stream->retry_is_safe();
    out.ended = true;
  }

  void start(Outcome& out, Headers head = get()) {
    scope.spawn([](std::reference_wrapper<ClientConnection> up, Headers request,
                   std::reference_wrapper<Outcome> to) { return ask(up, std::move(request), to); },
                std::ref(*connection), std::move(head), std::ref(out));
  }

  Outcome ask_and_answer(std::string_view answer, Headers head = get()) {
    Outcome out;
    start(out, std::move(head));
    pass();
    asked = origin->receive();
    origin->send(answer);
    pass();
    return out;
  }

  void pass(Duration duration = Duration{}) {
    bool passed = false;
    Timer timer([](void* flag) { *static_cast<bool*>(flag) = true; }, &passed);
    timer.arm(loop->timers(), loop->now() + duration + std::chrono::milliseconds(1));
    loop->run_until([&] { return passed; });
  }

  SimulatedClock clock;
  std::unique_ptr<Loop> loop = *Loop::create(clock);
  ClientLimits limits;
  std::unique_ptr<RawPeer> origin;
  std::unique_ptr<ClientConnection> connection;
  Scope scope{*loop};
  std::string asked;
  int changes = 0;
};

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Http1Client, AsksAgainAndAgainOnOneConnection) {
  ClientBench bench;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.connection->streams_free(), 1U);

    const Outcome out = bench.ask_and_answer(kHello);

    EXPECT_EQ(bench.asked, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ(out.status, "200");
    EXPECT_EQ(out.body, "hello");
    EXPECT_EQ(out.error, "");
  }
  EXPECT_EQ(bench.connection->streams_free(), 1U);
  EXPECT_EQ(bench.changes, 3);
}

TEST(Http1Client, ReadsAnAnswerCutAtEveryByte) {
  const std::string_view answer =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n";
  ClientBench bench;
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    Outcome out;
    bench.start(out);
    bench.pass();
    bench.origin->send(answer.substr(0, cut));
    bench.pass();
    EXPECT_FALSE(out.ended) << cut;
    bench.origin->send(answer.substr(cut));
    bench.pass();
    EXPECT_EQ(out.body, "hello") << cut;
    EXPECT_EQ(out.trailers, "x-sum=1") << cut;
    EXPECT_EQ(out.interim, "103 ") << cut;
  }
}

TEST(Http1Client, ReadsABodyThatEndsWithTheConnectionAndDoesNotReuseIt) {
  ClientBench bench;
  Outcome out;
  bench.start(out);
  bench.pass();
  bench.origin->send("HTTP/1.0 200 OK\r\n\r\nhel");
  bench.pass();
  bench.origin->send("lo");
  bench.asked = bench.origin->receive();
  bench.origin->close();
  bench.pass();

  EXPECT_EQ(out.body, "hello");
  EXPECT_EQ(out.error, "");
  EXPECT_TRUE(bench.connection->closed());
}

TEST(Http1Client, RefusesEachGoldenResponseAndReadsTheControls) {
  for (const GoldenCase& golden : read_golden("responses.txt")) {
    if (golden.about.starts_with("UPGRADE") || golden.expected.starts_with("ok 1")) continue;
    ClientBench bench;
    bench.limits.message.header_count = 100;
    bench.limits.message.header_bytes = 65536;
    Outcome out;
    bench.start(out, ClientBench::get(golden.about.starts_with("HEAD") ? "HEAD" : "GET"));
    bench.pass();
    bench.asked = bench.origin->receive();
    bench.origin->send(golden.bytes);
    bench.pass();
    bench.origin->close();
    bench.pass();

    EXPECT_TRUE(out.ended) << golden.about;
    if (golden.expected.starts_with("ok")) {
      EXPECT_EQ(out.error, "") << golden.about;
      EXPECT_EQ(out.status, golden.expected.substr(3, 3)) << golden.about;
    } else {
      EXPECT_EQ(out.error, "protocol") << golden.about;
      EXPECT_EQ(out.status, "") << golden.about;
      EXPECT_TRUE(bench.connection->closed()) << golden.about;
    }
  }
}

TEST(Http1Client, NeverTakesACutAnswerForAWholeOne) {
  for (const std::string_view answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
    ClientBench bench;
    Outcome out;
    bench.start(out);
    bench.pass();
    bench.origin->send(answer);
    bench.origin->close();
    bench.pass();

    EXPECT_EQ(out.body, "hello");
    EXPECT_EQ(out.error, "closed");
    EXPECT_FALSE(out.retry_is_safe);
    EXPECT_TRUE(bench.connection->closed());
  }
}

TEST(Http1Client, IsNotReusedAfterBytesThatNobodyAskedFor) {
  ClientBench bench;
  const Outcome out = bench.ask_and_answer(std::string(kHello) +
                                           "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");

  EXPECT_EQ(out.body, "hello");
  EXPECT_TRUE(bench.connection->closed());
}

TEST(Http1Client, IsNotReusedWhenBytesComeBetweenExchanges) {
  ClientBench bench;
  EXPECT_EQ(bench.ask_and_answer(kHello).body, "hello");
  EXPECT_EQ(bench.connection->streams_free(), 1U);

  bench.origin->send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  bench.pass();

  EXPECT_EQ(bench.connection->streams_free(), 0U);
  EXPECT_TRUE(bench.connection->closed());
}

TEST(Http1Client, TellsThePoolWhenTheOriginClosesAnIdleConnection) {
  ClientBench bench;
  EXPECT_EQ(bench.ask_and_answer(kHello).body, "hello");
  const int before = bench.changes;

  bench.origin->close();
  bench.pass();

  EXPECT_GT(bench.changes, before);
  EXPECT_TRUE(bench.connection->closed());
}

TEST(Http1Client, MayRetryWhatAReusedConnectionDidNotAnswer) {
  ClientBench bench;
  EXPECT_EQ(bench.ask_and_answer(kHello).body, "hello");
  Outcome out;
  bench.start(out);
  bench.pass();
  bench.origin->close();
  bench.pass();

  EXPECT_EQ(out.error, "closed");
  EXPECT_TRUE(out.retry_is_safe);
}

TEST(Http1Client, MayNotRetryWhatAFreshConnectionDidNotAnswer) {
  ClientBench bench;
  Outcome out;
  bench.start(out);
  bench.pass();
  bench.origin->close();
  bench.pass();

  EXPECT_EQ(out.error, "closed");
  EXPECT_FALSE(out.retry_is_safe);
}

TEST(Http1Client, GivesUpOnAnOriginThatDoesNotAnswer) {
  ClientBench bench;
  Outcome out;
  bench.start(out);
  bench.pass(59s);
  EXPECT_FALSE(out.ended);
  bench.pass(2s);

  EXPECT_EQ(out.error, "timeout");
  EXPECT_TRUE(bench.connection->closed());
}

TEST(Http1Client, GivesUpOnInterimHeadsWithoutEnd) {
  ClientBench bench;
  std::string answer;
  for (int i = 0; i < 40; ++i) answer += "HTTP/1.1 102 Processing\r\n\r\n";

  EXPECT_EQ(bench.ask_and_answer(answer + std::string(kHello)).error, "protocol");
}

TEST(Http1Client, DroppedInTheMiddleClosesTheConnection) {
  ClientBench bench;
  Outcome out;
  bench.start(out);
  bench.pass();
  bench.origin->send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  bench.pass();

  bench.scope.cancel();

  EXPECT_TRUE(bench.connection->closed());
  EXPECT_EQ(bench.connection->streams_open(), 0U);
}

}  // namespace
}  // namespace mynah::http
