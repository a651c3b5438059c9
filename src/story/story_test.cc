// SPDX-License-Identifier: Apache-2.0
// The grammar of stories.
#include "story/story.h"

#include <gtest/gtest.h>

namespace mynah::story {
namespace {

std::vector<Story> parsed(std::string_view text) {
  auto stories = parse_stories(text, "t.story");
  EXPECT_TRUE(stories) << stories.error().what;
  return stories ? *std::move(stories) : std::vector<Story>{};
}

std::string refusal(std::string_view text) {
  const auto stories = parse_stories(text, "t.story");
  return stories ? "accepted" : stories.error().what;
}

TEST(Story, a_request_has_headers_and_a_body_that_tells_its_type) {
  const auto stories = parsed(
      "story   s\nrequest POST /a?b=1, cut every 2 bytes, 5ms apart\n        x-a: 1\n        "
      "{\"a\":\n          1}\n");

  const auto& request = std::get<Request>(stories.at(0).entries.at(0));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a?b=1");
  EXPECT_EQ(request.message.headers, (Fields{{"x-a", "1"}, {"content-type", "application/json"}}));
  EXPECT_EQ(request.message.body, "{\"a\":\n  1}");
  EXPECT_EQ(request.message.cut_every, 2U);
  EXPECT_EQ(request.message.apart, std::chrono::milliseconds(5));
}

TEST(Story, an_event_stream_ends_with_a_blank_line) {
  const auto stories = parsed(
      "story   s\ngiven   upstream 200 text/event-stream\n        data: 1\n\n        data: "
      "2\n\nrequest GET /\n");

  EXPECT_EQ(std::get<GivenUpstream>(stories.at(0).entries.at(0)).answer.message.body,
            "data: 1\n\ndata: 2\n\n");
}

TEST(Story, clauses_share_a_line_and_values_may_have_commas) {
  const auto stories =
      parsed("story   s\nexpect  upstream untouched, note a = b, c, note d absent\n");

  ASSERT_EQ(stories.at(0).entries.size(), 3U);
  EXPECT_EQ(std::get<Expectation>(stories.at(0).entries.at(1)).value, "b, c");
  EXPECT_EQ(std::get<Expectation>(stories.at(0).entries.at(2)).test, story::Test::absent);
}

TEST(Story, bodies_travel_in_the_pieces_that_the_story_cuts) {
  Message message;
  message.body = "abcdefgh";
  message.cuts = {3};
  message.cut_every = 2;
  EXPECT_EQ(message.pieces(), (std::vector<std::string_view>{"ab", "c", "de", "fg", "h"}));

  message.breaks_after = 4;
  EXPECT_EQ(message.pieces(), (std::vector<std::string_view>{"ab", "c", "d"}));
}

TEST(Story, errors_say_where_and_what) {
  EXPECT_EQ(refusal("request GET /\n"), "t.story:1: a file begins with a story");
  EXPECT_EQ(
      refusal("story s\nask GET /\n"),
      "t.story:2: unknown word \"ask\"; lines begin with story, config, given, request or expect");
  EXPECT_EQ(refusal("story s\n\nrequest GET /, slowly\n"),
            "t.story:3: unknown modifier \"slowly\"");
  EXPECT_EQ(refusal("story s\nexpect 200\n  x is y\n"),
            "t.story:3: \"x is y\" has no =, contains, absent or present");
  EXPECT_EQ(refusal("story s\nrequest GET /, after 5 ms\n"),
            "t.story:2: \"5\" is not a time such as 20ms");
  EXPECT_EQ(refusal(""), "t.story:1: the file tells no story");
}

}  // namespace
}  // namespace mynah::story
