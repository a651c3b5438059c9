// SPDX-License-Identifier: Apache-2.0
// Goal: a connection of the server keeps HTTP/1's promises to well-meaning and hostile clients.
// Method: raw bytes over a pair of sockets on the real loop, in simulated time; every refusal has
// an accepted request beside it.
#include <string>

#include <gtest/gtest.h>

#include "http/golden_testing.h"
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

TEST(Http1Server, AnswersRequestAfterRequestOnOneConnection) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  for (int i = 0; i < 3; ++i) {
    client->send(kGet);
    bench.settle();
    EXPECT_EQ(client->receive(), kGetAnswer);
  }
  EXPECT_FALSE(client->closed());
  EXPECT_EQ(bench.server.counters().exchanges, 3U);
  EXPECT_EQ(bench.server.counters().connections, 1U);
}

TEST(Http1Server, AnswersPipelinedRequestsInOrder) {
  ServerBench bench(echo);

  const std::string answers = bench.exchange(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
      "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(answers,
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nGET a /1 "
            "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nPOST a /2 hi"
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nGET a /3 ");
}

TEST(Http1Server, TakesARequestCutAtEveryByte) {
  const std::string request =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x\r\n "
      "yo\r\n0\r\nX: y\r\n\r\n";
  ServerBench bench(echo);
  const auto client = bench.connect();
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client->send(std::string_view(request).substr(0, cut));
    bench.settle();
    EXPECT_EQ(client->receive(), "") << cut;
    client->send(std::string_view(request).substr(cut));
    bench.settle();
    EXPECT_EQ(client->receive(), "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\nPOST a /x hi yo")
        << cut;
  }
}

TEST(Http1Server, RefusesEachGoldenRequestAndClosesAndServesTheControls) {
  ServerBench bench(echo);
  for (const GoldenCase& golden : read_golden("requests.txt")) {
    if (golden.expected.starts_with("ok")) continue;
    const std::uint64_t served = bench.server.counters().exchanges;
    const auto client = bench.connect();
    client->send(golden.bytes);
    bench.settle();
    client->shut();
    bench.settle();

    const std::string answer = client->receive();

    EXPECT_TRUE(client->closed()) << golden.about;
    EXPECT_EQ(bench.server.counters().exchanges, served) << golden.about;
    if (golden.expected == "protocol_unknown") {
      EXPECT_EQ(answer, "") << golden.about;
      continue;
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"))
        << golden.about << answer;
    EXPECT_NE(answer.find("\r\nconnection: close\r\n"), std::string::npos) << golden.about;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << golden.about;
    EXPECT_TRUE(client->closed()) << golden.about;
    EXPECT_EQ(bench.server.counters().exchanges, served) << golden.about;
  }
  EXPECT_EQ(bench.exchange(kGet), kGetAnswer);
}

TEST(Http1Server, ChoosesTheStatusOfARefusalByItsReason) {
  ServerBench bench(echo);

  EXPECT_EQ(status_of_answer(bench.exchange("GET / HTTP/2.0\r\n\r\n")), "505");
  EXPECT_EQ(status_of_answer(bench.exchange("GET /" + std::string(20000, 'a'))), "414");
  EXPECT_EQ(status_of_answer(bench.exchange("GET / HTTP/1.1\r\nX: " + std::string(70000, 'a'))),
            "431");
  EXPECT_EQ(status_of_answer(bench.exchange("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")), "501");
  EXPECT_EQ(bench.server.counters().refusals[static_cast<std::size_t>(Refusal::connect_refused)],
            1U);
  EXPECT_EQ(bench.exchange(kGet), kGetAnswer);
}

TEST(Http1Server, ToleratesOneEmptyLineBeforeARequest) {
  ServerBench bench(echo);

  EXPECT_EQ(bench.exchange("\r\n" + std::string(kGet)), kGetAnswer);
  EXPECT_EQ(status_of_answer(bench.exchange("\r\n\r\n" + std::string(kGet))), "400");
}

TEST(Http1Server, RefusesAMalformedBodyAndServesNothingBehindIt) {
  ServerBench bench(echo);

  const std::string answer = bench.exchange(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nGET /evil "
      "HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(answer, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(bench.server.counters().exchanges, 1U);
}

TEST(Http1Server, RefusesABodyOverTheLimit) {
  ServerLimits limits;
  limits.message.body_bytes = 4;
  ServerBench bench(echo, limits);

  EXPECT_EQ(status_of_answer(
                bench.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n1234")),
            "200");
  EXPECT_EQ(status_of_answer(
                bench.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345")),
            "413");
}

TEST(Http1Server, KeepsAnOldClientsConnectionOnlyIfItAsks) {
  ServerBench bench(echo);

  EXPECT_EQ(bench.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: keep-alive\r\n\r\nGET  / ");
  const auto client = bench.connect();
  client->send("GET / HTTP/1.0\r\n\r\n");
  bench.settle();
  EXPECT_EQ(client->receive(),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nGET  / ");
  EXPECT_TRUE(client->closed());
}

Task<> streams_without_length(ServerStream& exchange) {
  (co_await exchange.respond(status("200"), End::no)).ignore();
  (co_await exchange.write(Slice::of_static("one"), End::no)).ignore();
  (co_await exchange.flush()).ignore();
  (co_await exchange.write(Slice::copy_of(std::string(5000, 'b')), End::no)).ignore();
  Headers trailers;
  trailers.add("x-sum", "7");
  (co_await exchange.finish(trailers)).ignore();
}

TEST(Http1Server, StreamsInChunksWithTrailers) {
  ServerBench bench(streams_without_length);

  EXPECT_EQ(bench.exchange(kGet),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n1388\r\n" +
                std::string(5000, 'b') + "\r\n0\r\nx-sum: 7\r\n\r\n");
}

TEST(Http1Server, StreamsToAnOldClientUntilItCloses) {
  ServerBench bench(streams_without_length);
  const auto client = bench.connect();
  client->send("GET / HTTP/1.0\r\n\r\n");
  bench.settle();

  EXPECT_EQ(client->receive(),
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\none" + std::string(5000, 'b'));
  EXPECT_TRUE(client->closed());
}

TEST(Http1Server, SendsNoBodyForHead) {
  ServerBench bench(echo);

  EXPECT_EQ(bench.exchange("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet)),
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n" + std::string(kGetAnswer));
}

TEST(Http1Server, TellsAClientToContinueWhenTheBodyIsWanted) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  bench.settle();
  EXPECT_EQ(client->receive(), "HTTP/1.1 100 Continue\r\n\r\n");

  client->send("hi");
  bench.settle();

  EXPECT_EQ(client->receive(), "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nPOST a /x hi");
  EXPECT_FALSE(client->closed());
}

Task<> refuses_unread(ServerStream& exchange) {
  (co_await exchange.respond(status("403"), End::yes)).ignore();
}

TEST(Http1Server, ClosesWhenAClientWasNotToldToContinue) {
  ServerBench bench(refuses_unread);
  const auto client = bench.connect();
  client->send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  bench.settle();

  EXPECT_EQ(client->receive(),
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  EXPECT_TRUE(client->closed());
}

TEST(Http1Server, SkipsABodyThatNobodyRead) {
  ServerBench bench(refuses_unread);

  const std::string answers = bench.exchange(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + std::string(kGet));

  EXPECT_EQ(answers,
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\nHTTP/1.1 403 "
            "Forbidden\r\ncontent-length: 0\r\n\r\n");
}

Task<> does_nothing(ServerStream&) { co_return; }
Task<> stops_half_way(ServerStream& exchange) {
  Headers head = status("200");
  head.add("content-length", "10");
  (co_await exchange.respond(head, End::no)).ignore();
  (co_await exchange.write(Slice::of_static("half"), End::no)).ignore();
  (co_await exchange.flush()).ignore();
}

TEST(Http1Server, AnswersForAHandlerThatDoesNot) {
  ServerBench bench(does_nothing);

  EXPECT_EQ(bench.exchange(kGet),
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n");
}

TEST(Http1Server, CutsAResponseThatTheHandlerDidNotEnd) {
  ServerBench bench(stops_half_way);
  const auto client = bench.connect();
  client->send(kGet);
  bench.settle();

  EXPECT_EQ(client->receive(), "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  EXPECT_TRUE(client->closed());
}

Task<> breaks_its_length(ServerStream& exchange) {
  Headers head = status("200");
  head.add("content-length", "3");
  (co_await exchange.respond(head, End::no)).ignore();
  EXPECT_EQ((co_await exchange.write(Slice::of_static("four"), End::no)).error().code,
            Errc::invalid_argument);
  EXPECT_EQ((co_await exchange.write(Slice::of_static("2!"), End::yes)).error().code,
            Errc::invalid_argument);
}

TEST(Http1Server, KeepsToAnAnnouncedLength) {
  ServerBench bench(breaks_its_length);
  const auto client = bench.connect();
  client->send(kGet);
  bench.settle();

  EXPECT_TRUE(client->closed());
}

}  // namespace
}  // namespace mynah::http
