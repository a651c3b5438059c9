// SPDX-License-Identifier: Apache-2.0
// The coroutine of an exchange, in the real host with the plug-in linked in: what waits and what
// goes on, and that nothing is left when it is ended at any of its waits.
#include <gtest/gtest.h>

#include "base/text.h"
#include "mynah/native.h"
#include "probe.h"
#include "story/plugin_stage.h"
#include "story/run.h"

namespace mynah {
namespace {

constexpr std::string_view kWorld = R"(
given   call side GET / = 200 text/plain, after 5ms
        aside
given   redis store key = value
given   redis store after 5ms
given   call peer POST /a.B/C = 200 application/grpc, after 5ms
        pong
)";

// Plays the entries with a plug-in that does `does`, and says what failed.
std::string play(std::string_view does, std::string_view entries) {
  const std::string text =
      cat("story   a probe\nconfig  {\"does\": \"", does, "\"}", kWorld, entries);
  const auto stories = story::parse_stories(text, "probe");
  if (!stories) return stories.error().what;
  std::string failures;
  const auto stage = story::plugin_stage(story::native_machine(native_plugin()));
  for (const auto& each : *stories) {
    for (const auto& failure : story::play(each, *stage)) failures += report(failure);
  }
  return failures;
}

TEST(Exchange, a_plug_in_that_does_nothing_changes_nothing) {
  EXPECT_EQ(play("nothing", R"(
given   upstream 200 text/plain, cut every 2 bytes, trailers x-end = yes
        response
request POST /, cut every 3 bytes, trailers x-end = yes
        content-type: text/plain

        request
expect  upstream called once
        body = request
expect  200
        body = response
)"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, those_who_wait_for_an_event_go_on_when_one_says_so) {
  EXPECT_EQ(play("await others", R"(
request POST /, 5 at once
        content-type: text/plain

        request
expect  upstream called 5 times
        body = request
expect  200
)"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, who_goes_away_while_it_waits_for_an_event_is_forgotten) {
  EXPECT_EQ(play("await others", R"(
request POST /, 4 at once, leaves after 1ms
        content-type: text/plain

        request
expect  log "the exchange hangs"
request GET /
expect  upstream called once
)"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, a_gathered_request_is_replaced_whole) {
  EXPECT_EQ(play("gather", R"(
request POST /, cut every 1 byte, 2ms apart
        content-type: text/plain

        request
expect  upstream called once
        body = REQUEST
        content-length: 7
request GET /
expect  upstream called once
        body bytes = 0
)"),
            "");
}

TEST(Exchange, pieces_are_replaced_as_they_pass_however_the_network_cuts_them) {
  for (const std::string_view does :
       {"shout", "shout slowly", "response shout", "response shout slowly"}) {
    for (const std::string_view cut :
         {"cut every 1 byte", "cut at 3", "cut every 2 bytes, 3ms apart",
          "cut every 4 bytes, 9ms apart", "cut every 3 bytes, trailers x-end = yes", "after 1ms"}) {
      EXPECT_EQ(
          play(does,
               cat(R"(
given   upstream 200 text/plain, )",
                   cut, R"(
        abcdefghijklmnopqrstuvwxyz
request POST /, )",
                   cut, R"(
        content-type: text/plain

        the quick brown fox
expect  upstream called once
        body = )",
                   does.starts_with("response") ? "the quick brown fox" : "THE QUICK BROWN FOX", R"(
expect  200
        body = )",
                   does.starts_with("response") ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                : "abcdefghijklmnopqrstuvwxyz")),
          "")
          << does << ", " << cut;
      EXPECT_EQ(Live::count, 0);
    }
  }
}

TEST(Exchange, waits_yield_what_they_are_for) {
  EXPECT_EQ(play("call", "request GET /\nexpect  note call = aside, first byte after 5ms\n"), "");
  EXPECT_EQ(play("redis", "request GET /\nexpect  note redis = value, first byte after 5ms\n"), "");
  EXPECT_EQ(play("both", "request GET /\nexpect  note both = aside,value\n"), "");
  EXPECT_EQ(
      play("first",
           "given call side silent\nrequest GET /\nexpect  note first = 1, upstream called once\n"),
      "");
  EXPECT_EQ(play("nested", "request GET /\nexpect  note depth = 3\n"), "");
  EXPECT_EQ(play("timeout",
                 "given   redis store after 500ms\nrequest GET /\nexpect  note timeout = timeout, "
                 "upstream called once\n"),
            "");
}

TEST(Exchange, a_call_that_cannot_be_made_is_an_error_at_once) {
  EXPECT_EQ(play("call",
                 "given call side refuses\nrequest GET /\nexpect  first byte after 0ms\n"
                 "expect  note call contains no service \"side\"\n"),
            "");
  EXPECT_EQ(play("call",
                 "given call side fails\nrequest GET /\nexpect  note call = \"\\\"side\\\" does "
                 "not answer\"\n"),
            "");
  EXPECT_EQ(play("redis",
                 "given redis store refuses\nrequest GET /\nexpect  note redis contains cannot be "
                 "called\n"),
            "");
  EXPECT_EQ(
      play("redis",
           "given redis store down\nrequest GET /\nexpect  note redis contains does not answer\n"),
      "");
}

TEST(Exchange, a_grpc_call_yields_its_message_or_the_status_as_an_error) {
  EXPECT_EQ(play("grpc",
                 "request GET /\nexpect  note grpc = pong, first byte after 5ms\n"
                 "expect  call peer called once\n        method = POST\n        path = /a.B/C\n"
                 "        body = ping\n"),
            "");
  EXPECT_EQ(play("grpc",
                 "given call peer POST /a.B/C = 200 application/grpc, trailers grpc-status = 5, "
                 "trailers grpc-message = no such thing\nrequest GET /\n"
                 "expect  note grpc = \"not-found \\\"peer\\\" answers with gRPC status 5: no such "
                 "thing\"\n"),
            "");
  EXPECT_EQ(play("grpc",
                 "given call peer fails\nrequest GET /\nexpect  note grpc contains "
                 "unavailable\n"),
            "");
  EXPECT_EQ(play("grpc",
                 "given call peer silent\nrequest GET /\nexpect  note grpc contains "
                 "timeout, first byte after 50ms\n"),
            "");
  EXPECT_EQ(play("grpc",
                 "given call peer refuses\nrequest GET /\nexpect  note grpc contains "
                 "refuses, first byte after 0ms\n"),
            "");
}

TEST(Exchange, a_queue_gives_items_in_their_order_until_it_is_empty) {
  EXPECT_EQ(play("queue", "request GET /\nexpect  note queue = one;;three;not-found\n"), "");
}

TEST(Exchange, a_second_reply_is_refused) {
  EXPECT_EQ(play("two replies",
                 "given upstream 200 text/plain\n        upstream\nrequest GET /\n"
                 "expect  418\n        body = one\nexpect  log second reply\n"),
            "");
}

TEST(Exchange, a_refused_request_never_reaches_the_upstream) {
  EXPECT_EQ(play("refuse",
                 "request POST /, cut every 1 byte, 1ms apart\n        body\nexpect  403\n        "
                 "body = no\n"
                 "expect  upstream untouched, log still here\n"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, waiting_goes_on_when_the_client_has_its_answer) {
  EXPECT_EQ(play("afterwards",
                 "given upstream 200 text/plain\n        x\nrequest GET /\n"
                 "expect  last byte after 0ms, log done afterwards\n"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, a_response_header_can_wait_for_a_call) {
  EXPECT_EQ(play("response call",
                 "given upstream 200 text/plain, cut every 1 byte\n        body\nrequest GET /\n"
                 "expect  200\n        x-side: aside\n        body = body\nexpect  first byte "
                 "after 5ms\n"),
            "");
}

TEST(Exchange, time_outs_between_pieces_lose_nothing) {
  EXPECT_EQ(play("patience",
                 "given upstream 200 text/plain, cut every 3 bytes, 15ms apart\n        "
                 "abcdefghi\nrequest GET /\n"
                 "expect  200\n        body = abcdefghi\nexpect  log nothing came, log a piece, "
                 "pieces 3\n"),
            "");
}

TEST(Exchange, a_stream_that_breaks_off_is_told_from_one_that_ends) {
  EXPECT_EQ(play("events",
                 "given upstream 200 text/event-stream, cut every 1 byte\n        data: a\n\n      "
                 "  data: b\nrequest GET /\n"
                 "expect  note events = a;b;whole\n"),
            "");
  EXPECT_EQ(play("events",
                 "given upstream 200 text/event-stream, breaks off after 12 bytes\n        data: "
                 "a\n\n        data: b\n"
                 "request GET /\nexpect  broken response, note events = a;broken\n"),
            "");
  EXPECT_EQ(Live::count, 0);
}

TEST(Exchange, a_client_that_leaves_at_any_moment_leaves_nothing_behind) {
  for (const std::string_view does :
       {"nothing",       "gather",  "shout",           "shout slowly",   "sleep",
        "nested",        "call",    "redis",           "grpc",           "both",
        "first",         "timeout", "response gather", "response shout", "response shout slowly",
        "response call", "events",  "afterwards",      "patience",       "refuse",
        "two replies"}) {
    for (int leaves = 0; leaves <= 60; leaves += 3) {
      const std::string ran = play(does, cat(R"(
given   upstream 200 text/event-stream, after 2ms, cut every 5 bytes, 4ms apart
        data: one

        data: two
request POST /, cut every 4 bytes, 3ms apart, leaves after )",
                                             leaves, R"(ms
        content-type: text/plain

        the quick brown fox
)"));
      EXPECT_EQ(ran, "") << does << ", after " << leaves << "ms";
      EXPECT_EQ(Live::count, 0) << does << ", after " << leaves << "ms";
    }
  }
}

}  // namespace
}  // namespace mynah
