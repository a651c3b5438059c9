// SPDX-License-Identifier: Apache-2.0
// Goal: event streams are read as the HTML standard says, however they are cut.
#include "base/sse.h"

#include <vector>

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::vector<SseEvent> read(std::string_view stream, std::size_t at_once) {
  SseReader reader;
  std::vector<SseEvent> events;
  while (!stream.empty()) {
    EXPECT_TRUE(reader.feed(stream.substr(0, at_once)).ok());
    stream.remove_prefix(std::min(at_once, stream.size()));
    while (auto event = reader.take()) events.push_back(*std::move(event));
  }
  return events;
}

SseEvent data(std::string text) {
  return {.type = {}, .data = std::move(text), .id = {}, .retry_milliseconds = {}};
}

TEST(SseReader, ReadsTheSameEventsHoweverTheStreamIsCut) {
  const std::string stream =
      "\xEF\xBB\xBF: hello\n\ndata: one\r\ndata:two\r\n\r\nevent: add\rid: 7\rretry: "
      "250\rdata\r\rdata:  x\n\n";
  const std::vector<SseEvent> expected = {
      data("one\ntwo"),
      {.type = "add", .data = "", .id = "7", .retry_milliseconds = 250},
      data(" x")};
  for (std::size_t at_once = 1; at_once <= stream.size(); ++at_once) {
    EXPECT_EQ(read(stream, at_once), expected) << at_once;
  }
}

TEST(SseReader, DeliversNoUnfinishedEvent) {
  EXPECT_TRUE(read("data: half\n", 100).empty());
  EXPECT_TRUE(read("data: half", 100).empty());
  EXPECT_EQ(read("data: whole\n\n", 100).size(), 1U);
}

TEST(SseReader, DeliversNoEventWithoutData) {
  EXPECT_TRUE(read("event: x\nid: 1\n\n", 100).empty());
}

TEST(SseReader, SkipsWhatItDoesNotKnow) {
  using namespace std::string_view_literals;

  EXPECT_EQ(read("colour: red\nretry: soon\nid: a\0b\ndata: x\n\n"sv, 100), std::vector{data("x")});
}

TEST(SseReader, KeepsABlankAfterTheFirst) {
  EXPECT_EQ(read("data:  two\n\n", 100), std::vector{data(" two")});
}

TEST(SseReader, RefusesAnEventOverTheLimitAndAllThatFollows) {
  SseReader reader(16);
  EXPECT_TRUE(reader.feed("data: 123456\n\n").ok());

  EXPECT_EQ(reader.feed("data: 1234567890123").error().code, Errc::too_large);
  EXPECT_EQ(reader.feed("\n\ndata: x\n\n").error().code, Errc::too_large);
}

TEST(SseReader, CommentsDoNotCountTowardsTheLimit) {
  SseReader reader(16);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(reader.feed(": still alive\n").ok());
  EXPECT_TRUE(reader.feed("data: x\n\n").ok());
  EXPECT_TRUE(reader.take());
}

TEST(SseWriter, WritesWhatTheReaderReads) {
  const std::vector<SseEvent> events = {
      data("a\nb"),
      data(""),
      data("ends\n"),
      {.type = "t", .data = "x", .id = "1", .retry_milliseconds = 5}};
  std::string stream;
  for (const SseEvent& event : events) ASSERT_TRUE(write_event(stream, event).ok());
  write_comment(stream, "a\nb");

  EXPECT_EQ(read(stream, 1), events);
}

TEST(SseWriter, RefusesATypeThatWouldBreakTheStream) {
  std::string out;
  EXPECT_FALSE(
      write_event(out, {.type = "a\nb", .data = "x", .id = {}, .retry_milliseconds = {}}).ok());
  EXPECT_FALSE(
      write_event(out, {.type = {}, .data = "x", .id = "a\rb", .retry_milliseconds = {}}).ok());
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace mynah
