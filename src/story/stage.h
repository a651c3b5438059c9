// SPDX-License-Identifier: Apache-2.0
// Stage: where a story is played. Outcome: what could be seen when a request had run. Every stage
// gives the same outcomes, so that one story can be played on all of them; plugin_stage.h plays on
// the Wasm host.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "story/story.h"

namespace mynah::story {

// A request as an upstream or a service got it.
struct Received {
  std::string service;  // empty: the upstream
  std::string method;
  std::string path;
  Fields headers;  // without pseudo-fields
  std::string body;
};

struct Outcome {
  bool answered = false;  // the response's headers have reached the client
  bool complete = false;  // and its last byte
  int status = 0;
  Fields headers;
  std::string body;
  std::vector<Duration> pieces_at;  // since the request began; one for each piece of the body
  Duration headers_at{};
  Duration ended_at{};
  std::vector<Received> upstream;
  std::vector<Received> calls;
  std::map<std::string, std::string> notes;
  std::map<std::string, std::int64_t> metrics;  // since the story began
  std::vector<std::string> log;
};

class Stage {
 public:
  virtual ~Stage() = default;

  // A fresh start with this configuration; nothing of earlier stories is left.
  virtual Status begin(const Story& story) = 0;
  // What holds from now on.
  virtual Status apply(const GivenUpstream& given) = 0;
  virtual Status apply(const GivenCall& given) = 0;
  virtual Status apply(const GivenRedis& given) = 0;
  virtual Status apply(const GivenProperty& given) = 0;
  // Runs the request, and what the plug-in does behind it, to the end.
  virtual Result<Outcome> run(const Request& request) = 0;
  // What the store holds.
  virtual Result<std::optional<std::string>> stored(std::string_view service,
                                                    std::string_view key) = 0;
};

// Where an expectation was not met, and what came instead.
struct Failure {
  Place place;
  std::string story;
  std::string expected;
  std::string instead;
};

// Plays a story. The failures; none is success.
std::vector<Failure> play(const Story& story, Stage& stage);

// "file:line: story: expected …, got …" with line breaks between.
std::string report(const Failure& failure);

}  // namespace mynah::story
