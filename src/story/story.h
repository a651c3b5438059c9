// SPDX-License-Identifier: Apache-2.0
// Stories: the behaviour of a plug-in or of the gateway as text that anyone can write, and that
// runs against the plug-in linked into the test, against its .wasm in the real host, or against a
// whole gateway (stage.h). This file is the text's grammar and what it means; nothing here runs
// anything.
//
//   story   a repeated question is answered from the cache
//   config  {"cache": {"serviceName": "store"}}
//   given   upstream 200 text/event-stream, cut every 3 bytes
//           data: {"choices": [{"delta": {"content": "Paris"}}]}
//
//           data: [DONE]
//   request POST /v1/chat/completions
//           {"model": "m", "messages": [{"role": "user", "content": "Capital of France?"}]}
//   expect  200 text/event-stream
//           x-cache-status: miss
//   expect  upstream called once, note cache_status = miss
//
// The grammar, by lines. A word at a line's start opens an entry; indented lines below belong to it
// (its block, which loses the indentation of its first line and the blank lines at its end). Lines
// that begin with '#' are comments. Entries happen in the order in which they stand.
//
//   file      := { story }
//   story     := "story" NAME { entry }
//   entry     := "config" JSON [block]
//              | "given" given [block]
//              | "request" METHOD PATH modifiers [message]
//              | "expect" expectation [block of conditions]
//   message   := { NAME ": " VALUE } [blank line] body
//   given     := "upstream" (STATUS [TYPE] modifiers [message] | "silent" | "refuses")
//              | "call" SERVICE METHOD PATH "=" STATUS [TYPE] modifiers [message]
//              | "call" SERVICE ("silent" | "refuses" | "fails")
//              | "redis" SERVICE KEY "=" VALUE
//              | "redis" SERVICE ("down" | "up" | "refuses" | "after" DURATION)
//              | "property" NAME "=" VALUE
//   modifiers := { "," modifier }
//   modifier  := "cut every" N "bytes" | "cut at" N { N } | DURATION "apart"
//              | "after" DURATION | "trailers" NAME "=" VALUE
//              | "breaks off after" N "bytes" | "leaves after" DURATION | N "at once"
//   expectation := clause { "," clause }
//   clause    := STATUS [TYPE] | "no response" | "broken response" | "pieces" N
//              | "first byte after" DURATION | "last byte after" DURATION
//              | "upstream" times | "call" SERVICE times
//              | "note" NAME test | "redis" SERVICE KEY test
//              | "metric" NAME "=" N | "log" VALUE
//   times     := "untouched" | "called once" | "called twice" | "called" N "times"
//   condition := NAME ": " (VALUE | "absent" | "present") | WHAT test
//   test      := "=" VALUE | "contains" VALUE | "absent" | "present"
//   WHAT      := "body" | "body bytes" | "method" | "path" | a JSON path in the body
//   DURATION  := N ("us" | "ms" | "s")
//   VALUE     := the rest, or a JSON string in quotation marks
//
// What it means:
// - `config` is the plug-in's configuration and stands before the first request; {} without it.
// - A body that starts with { or [ is JSON unless content-type says otherwise. An event stream gets
//   the blank line at its end that a block cannot have.
// - What is given holds from then on. "silent" never answers, "refuses" is a service that the host
//   does not know, "fails" a connection that breaks, "down" a store that does not work. Parts of a
//   property's NAME have dots between them.
// - A gRPC call is a call with POST and the path /PACKAGE.SERVICE/METHOD, on the plug-in's stage;
// its
//   answer's body is the message, its trailer grpc-status another status than OK.
// - "cut" says where the network cuts the body, "apart" the time between its pieces, "after" the
//   time before it begins. What "breaks off" is sent by somebody who goes away in its midst; a
//   client that "leaves" goes away whatever happens.
// - A request that is made several times "at once" stands for as many clients; the first of them is
//   the one that "leaves". Expectations look at the response that the last of them got, and at what
//   upstreams and services got from all.
// - Conditions below a status hold for the response; below "upstream" and "call" for the last
//   request that came there. "pieces" counts those in which the client got the body.
// - Expectations look at what the last request caused, but for redis and metrics, which are looked
//   at as they are then. Time is simulated.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mynah::story {

struct Place {
  std::string file;
  std::size_t line = 0;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

// A message on its way: what it says and how the network treats it.
struct Message {
  Fields headers;
  std::string body;
  Fields trailers;
  std::vector<std::size_t> cuts;  // ascending offsets in the body
  std::size_t cut_every = 0;      // 0: not cut so
  Duration after{};
  Duration apart{};
  std::optional<std::size_t> breaks_after;  // bytes of the body
  std::optional<Duration> leaves_after;
  std::size_t at_once = 1;  // clients

  // The body in the pieces in which it travels, up to where it breaks off.
  [[nodiscard]] std::vector<std::string_view> pieces() const;
};

enum class Conduct : std::uint8_t { answers, silent, refuses, fails };

struct Answer {
  Conduct conduct = Conduct::answers;
  int status = 200;
  Message message;
};

struct GivenUpstream {
  Answer answer;
};
struct GivenCall {
  std::string service;
  std::string method;  // empty: any
  std::string path;    // empty: any
  Answer answer;
};
struct GivenRedis {
  std::string service;
  std::optional<std::pair<std::string, std::string>> entry;
  std::optional<Conduct> conduct;  // fails: down
  std::optional<Duration> after;
};
struct GivenProperty {
  std::string name;
  std::string value;
};

struct Request {
  Place place;
  std::string method;
  std::string path;
  Message message;
};

enum class Test : std::uint8_t { equals, contains, absent, present };

// On a message: a header field or something in its body.
struct Condition {
  Place place;
  bool header = false;
  std::string what;
  Test test = Test::equals;
  std::string value;
};

enum class Subject : std::uint8_t {
  response,  // number: status; name: content type or empty
  no_response,
  broken_response,
  first_byte,  // time
  last_byte,   // time
  pieces,      // number
  upstream,    // number: how often called
  call,        // name: service; number
  note,        // name, test, value
  redis,       // name: service, key, test, value
  metric,      // name, number
  log,         // value
};

struct Expectation {
  Place place;
  Subject subject = Subject::response;
  std::string name;
  std::string key;
  Test test = Test::equals;
  std::string value;
  std::int64_t number = 0;
  Duration time{};
  std::vector<Condition> conditions;
  std::string text;  // as it is written, for reports
};

using Entry =
    std::variant<GivenUpstream, GivenCall, GivenRedis, GivenProperty, Request, Expectation>;

struct Story {
  Place place;
  std::string name;
  std::string config = "{}";
  std::vector<Entry> entries;
};

// The stories of a file, whose name is for messages. An error says file, line and what is wrong.
Result<std::vector<Story>> parse_stories(std::string_view text, std::string_view file);

}  // namespace mynah::story
