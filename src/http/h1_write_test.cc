// SPDX-License-Identifier: Apache-2.0
// Goal: heads are written with the framing that their body gets, and nothing in a value can end a
// line.
#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

#include "http/h1.h"

namespace mynah::http {
namespace {

Headers make(std::initializer_list<Headers::Field> fields) {
  Headers headers;
  for (const auto& field : fields) headers.add(field.name, field.value);
  return headers;
}

std::string request(const Headers& headers, End end) {
  std::string out;
  auto written = write_request_head(out, headers, {end});
  return written ? out : written.error().what;
}

std::string response(const Headers& headers, WriteResponse how) {
  std::string out;
  auto written = write_response_head(out, headers, how);
  return written ? out : written.error().what;
}

Headers get() {
  return make({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/x"}});
}

TEST(WriteRequest, WithoutABodyHasNoFraming) {
  Headers headers = get();
  headers.add("accept", "*/*");

  EXPECT_EQ(request(headers, End::yes), "GET /x HTTP/1.1\r\nhost: a\r\naccept: */*\r\n\r\n");
}

TEST(WriteRequest, OfAMethodThatExpectsABodySaysThatThereIsNone) {
  Headers headers = get();
  headers.set(":method", "POST");

  EXPECT_EQ(request(headers, End::yes), "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
}

TEST(WriteRequest, WithABodyOfUnknownLengthIsChunked) {
  EXPECT_EQ(request(get(), End::no),
            "GET /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
}

TEST(WriteRequest, MakesFramingAndConnectionFieldsItself) {
  Headers headers = get();
  headers.add("transfer-encoding", "gzip");
  headers.add("connection", "x");
  headers.add("host", "b");
  headers.add("content-length", "5");
  headers.add("http2-settings", "y");

  EXPECT_EQ(request(headers, End::no), "GET /x HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n");
}

TEST(WriteRequest, AsksForAnUpgrade) {
  Headers headers = get();
  headers.add("upgrade", "websocket");

  EXPECT_EQ(request(headers, End::yes),
            "GET /x HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
}

TEST(WriteRequest, RefusesWhatWouldBreakTheHead) {
  const auto with = [](std::string_view name, std::string_view value) {
    Headers headers = get();
    headers.set(name, value);
    std::string out = "before";
    auto written = write_request_head(out, headers, {End::no});
    EXPECT_EQ(written.ok(), out != "before");
    return written.ok();
  };
  EXPECT_TRUE(with("x", "fine"));
  EXPECT_FALSE(with("x", "a\r\nb: c"));
  EXPECT_FALSE(with("x", "a\nb"));
  EXPECT_FALSE(with("x", "a\rb"));
  EXPECT_FALSE(with("x", std::string_view("a\0b", 3)));
  EXPECT_FALSE(with("x y", "a"));
  EXPECT_FALSE(with("x\r\ny", "a"));
  EXPECT_FALSE(with("", "a"));
  EXPECT_FALSE(with(":method", "GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(with(":method", ""));
  EXPECT_FALSE(with(":path", "/a b"));
  EXPECT_FALSE(with(":path", ""));
  EXPECT_FALSE(with(":authority", "a b"));
  EXPECT_FALSE(with(":other", "a"));
  EXPECT_FALSE(with("content-length", "5, 5"));
  EXPECT_FALSE(with("content-length", "-1"));
}

TEST(WriteRequest, RefusesALengthForNoBody) {
  Headers headers = get();
  headers.add("content-length", "5");
  std::string out;

  EXPECT_FALSE(write_request_head(out, headers, {End::yes}).ok());
  EXPECT_TRUE(out.empty());
}

TEST(WriteResponse, FramesItsBody) {
  const Headers headers = make({{":status", "200"}, {"x", "y"}});

  EXPECT_EQ(response(headers, {.end = End::yes}),
            "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(response(headers, {.end = End::no}),
            "HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n");
}

TEST(WriteResponse, ToAnOldClientEndsWithTheConnection) {
  std::string out;
  const auto written = write_response_head(out, make({{":status", "200"}}),
                                           {.end = End::no, .client = Version::http10});

  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(written->framing.body, Body::until_close);
  EXPECT_FALSE(written->keep_alive);
}

TEST(WriteResponse, TellsAnOldClientThatTheConnectionGoesOn) {
  const Headers headers = make({{":status", "200"}, {"content-length", "2"}});

  EXPECT_EQ(response(headers, {.end = End::no, .client = Version::http10}),
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n");
}

TEST(WriteResponse, WithoutABodyAnnouncesNone) {
  EXPECT_EQ(response(make({{":status", "204"}, {"content-length", "5"}}), {.end = End::no}),
            "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(response(make({{":status", "304"}, {"content-length", "5"}}), {.end = End::yes}),
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(
      response(make({{":status", "200"}, {"content-length", "5"}}), {.end = End::no, .head = true}),
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(response(make({{":status", "103"}, {"link", "</a>"}}), {.end = End::yes}),
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
}

TEST(WriteResponse, SwitchesProtocols) {
  EXPECT_EQ(
      response(make({{":status", "101"}, {"upgrade", "websocket"}}), {.end = End::no}),
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
}

TEST(WriteResponse, RefusesAStatusThatIsNone) {
  std::string out;
  for (const char* status : {"", "20", "2000", "99999", "abc", "099", "600", "101"}) {
    EXPECT_FALSE(write_response_head(out, make({{":status", status}}), {}).ok()) << status;
  }
  EXPECT_TRUE(out.empty());
}

TEST(WriteResponse, ReadsBackAsItWasWritten) {
  const Headers headers = make({{":status", "404"}, {"a", "1"}, {"b", "\xE5\xA5\xBD"}, {"a", ""}});
  std::string out;
  ASSERT_TRUE(write_response_head(out, headers, {.end = End::no}).ok());
  Headers read;
  ResponseHead head;

  ASSERT_EQ(parse_response_head(out, {}, MessageLimits{}, read, head), Refusal::none);

  EXPECT_EQ(read, headers);
}

}  // namespace
}  // namespace mynah::http
