// SPDX-License-Identifier: Apache-2.0
// Goal: every malformed or ambiguous head is refused for its own reason, and what is accepted means
// one thing. Method: golden files of hostile bytes, each group with controls that must pass, given
// whole and cut at every byte.
#include <string>

#include <gtest/gtest.h>

#include "http/golden_testing.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

std::string describe(BodyFraming framing) {
  switch (framing.body) {
    case Body::none:
      return "none";
    case Body::length:
      return "length=" + std::to_string(framing.length);
    case Body::chunked:
      return "chunked";
    case Body::until_close:
      return "until_close";
  }
  return "?";
}

std::string describe_request(const Headers& headers, const RequestHead& head) {
  const std::string_view authority = headers.value_or(":authority", "");
  std::string text = "ok " + std::string(headers.value_or(":method", "")) + " " +
                     std::string(authority.empty() ? "-" : authority) + " " +
                     std::string(headers.value_or(":path", "")) + " " + describe(head.framing);
  if (!head.keep_alive) text += " close";
  if (head.expects_continue) text += " expect";
  if (head.upgrade) text += " upgrade";
  return text;
}

// What a connection does: it searches, and judges what has no end yet.
std::string parse_request(std::string_view bytes) {
  const MessageLimits limits;
  HeadSearch search;
  const auto found = search.search(bytes);
  if (found != HeadSearch::Found::end) {
    const Refusal refusal = judge_unfinished_request(bytes, limits);
    if (refusal != Refusal::none) return std::string(name_of(refusal));
    return found == HeadSearch::Found::refused ? "bare_lf" : "unfinished";
  }
  Headers headers;
  RequestHead head;
  const Refusal refusal =
      parse_request_head(bytes.substr(0, search.size()), "http", limits, headers, head);
  return refusal != Refusal::none ? std::string(name_of(refusal)) : describe_request(headers, head);
}

std::string parse_response(std::string_view bytes, Asked asked) {
  const MessageLimits limits;
  HeadSearch search;
  const auto found = search.search(bytes);
  if (found != HeadSearch::Found::end) {
    const Refusal refusal = judge_unfinished_response(bytes, limits);
    if (refusal != Refusal::none) return std::string(name_of(refusal));
    return found == HeadSearch::Found::refused ? "bare_lf" : "unfinished";
  }
  Headers headers;
  ResponseHead head;
  const Refusal refusal =
      parse_response_head(bytes.substr(0, search.size()), asked, limits, headers, head);
  if (refusal != Refusal::none) return std::string(name_of(refusal));
  return "ok " + std::string(headers.value_or(":status", "")) + " " + describe(head.framing) +
         (head.keep_alive ? "" : " close");
}

// The size at which a search that sees the bytes arrive one by one decides, and what it decides.
std::pair<HeadSearch::Found, std::size_t> search_byte_by_byte(std::string_view bytes) {
  HeadSearch search;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const auto found = search.search(bytes.substr(0, size));
    if (found != HeadSearch::Found::nothing_yet) return {found, search.size()};
  }
  return {HeadSearch::Found::nothing_yet, search.size()};
}

TEST(Http1Request, EachGoldenCaseIsTakenOrRefusedAsExpected) {
  for (const GoldenCase& golden : read_golden("requests.txt")) {
    EXPECT_EQ(parse_request(golden.bytes), golden.expected)
        << "line " << golden.line << ": " << golden.about;
  }
}

TEST(Http1Response, EachGoldenCaseIsTakenOrRefusedAsExpected) {
  for (const GoldenCase& golden : read_golden("responses.txt")) {
    const Asked asked{golden.about.starts_with("HEAD"), golden.about.starts_with("UPGRADE")};
    EXPECT_EQ(parse_response(golden.bytes, asked), golden.expected)
        << "line " << golden.line << ": " << golden.about;
  }
}

TEST(HeadSearch, FindsTheSameEndHoweverTheBytesArrive) {
  for (const GoldenCase& golden : read_golden("requests.txt")) {
    if (golden.bytes.size() > 4096) continue;
    HeadSearch whole;
    const auto found = whole.search(golden.bytes);

    const auto [found_later, size_later] = search_byte_by_byte(golden.bytes);

    EXPECT_EQ(found_later, found) << "line " << golden.line << ": " << golden.about;
    EXPECT_EQ(size_later, whole.size()) << "line " << golden.line << ": " << golden.about;
  }
}

TEST(HeadSearch, FindsAnEndAtEveryOffsetOfAVector) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string bytes =
        "GET / HTTP/1.1\r\nX: " + std::string(length, 'a') + "\r\n\r\nrest\r\n\r\n";
    HeadSearch search;

    EXPECT_EQ(search.search(bytes), HeadSearch::Found::end);
    EXPECT_EQ(search.size(), bytes.size() - 8);
  }
}

TEST(Http1Request, AnUnfinishedHeadIsNotRefusedWhileItMayBecomeGood) {
  const std::string_view head =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(parse_request(head.substr(0, size)), "unfinished") << size;
  }
}

TEST(Http1Request, KeepsOrderAndRepeatedFieldsAndLowersNames) {
  const std::string_view bytes =
      "GET /p?q HTTP/1.1\r\nAccept: a\r\nHost: h\r\nX-B:  two words \t\r\naccept: "
      "c\r\nContent-Length: 0\r\n\r\n";
  Headers headers;
  RequestHead head;

  ASSERT_EQ(parse_request_head(bytes, "https", MessageLimits{}, headers, head), Refusal::none);

  Headers expected;
  expected.add(":method", "GET");
  expected.add(":scheme", "https");
  expected.add(":authority", "h");
  expected.add(":path", "/p?q");
  expected.add("accept", "a");
  expected.add("x-b", "two words");
  expected.add("accept", "c");
  expected.add("content-length", "0");
  EXPECT_EQ(headers, expected);
}

TEST(Http1Request, DropsConnectionFieldsAndThoseThatTheyName) {
  const std::string_view bytes =
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: X-Secret, close, Content-Length, TE\r\nX-Secret: "
      "1\r\nx-secret: 2\r\n"
      "Keep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: "
      "y\r\nX-Kept: z\r\n"
      "Content-Length: 0\r\n\r\n";
  Headers headers;
  RequestHead head;

  ASSERT_EQ(parse_request_head(bytes, "http", MessageLimits{}, headers, head), Refusal::none);

  Headers expected;
  expected.add(":method", "GET");
  expected.add(":scheme", "http");
  expected.add(":authority", "h");
  expected.add(":path", "/");
  expected.add("te", "trailers");
  expected.add("x-kept", "z");
  expected.add("content-length", "0");
  EXPECT_EQ(headers, expected);
}

TEST(Http1Response, DropsConnectionFieldsAndThoseThatTheyName) {
  const std::string_view bytes =
      "HTTP/1.1 200 OK\r\nConnection: x-hop\r\nX-Hop: 1\r\nTransfer-Encoding: chunked\r\nUpgrade: "
      "h2c\r\nX: y\r\n\r\n";
  Headers headers;
  ResponseHead head;

  ASSERT_EQ(parse_response_head(bytes, {}, MessageLimits{}, headers, head), Refusal::none);

  Headers expected;
  expected.add(":status", "200");
  expected.add("x", "y");
  EXPECT_EQ(headers, expected);
}

TEST(Http1Request, TrailersGoThroughTheSameSieve) {
  Headers trailers;

  EXPECT_EQ(parse_trailers("X-Sum: 1\r\nContent-Length: 3\r\n\r\n", MessageLimits{}, trailers),
            Refusal::none);

  Headers expected;
  expected.add("x-sum", "1");
  EXPECT_EQ(trailers, expected);
}

TEST(Length, IsDigitsAndNothingElse) {
  EXPECT_EQ(parse_length("0"), 0U);
  EXPECT_EQ(parse_length("9223372036854775807"), 9223372036854775807U);
  EXPECT_EQ(parse_length("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_length("00"), std::nullopt);
  EXPECT_EQ(parse_length(""), std::nullopt);
  EXPECT_EQ(parse_length("1 "), std::nullopt);
}

}  // namespace
}  // namespace mynah::http
