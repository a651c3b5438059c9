// SPDX-License-Identifier: Apache-2.0
// Answer: what a model said, as the cache keeps it: independent of whether it came whole or as a
// stream, so that either can be made of it. Only whole answers that are nothing but text are
// answers: one that was cut short, filtered, that calls tools or that has several choices is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include <mynah/config.h>

// Where a provider puts the parts, as JSON paths.
struct AnswerPaths {
  std::string whole = "choices.0.message.content";
  std::string piece = "choices.0.delta.content";
  std::string tools;  // an event that has something there makes the answer unfit

  static void describe(mynah::Schema<AnswerPaths>& schema) {
    schema.field("cacheValueFrom", &AnswerPaths::whole, "JSON path of the answer in a response");
    schema.field("cacheStreamValueFrom", &AnswerPaths::piece,
                 "JSON path of its next piece in an event");
    schema.field("cacheToolCallsFrom", &AnswerPaths::tools,
                 "JSON path of what calls tools in an event, beside OpenAI's place");
  }
};

// What hits look like, where somebody wants them otherwise than as a provider's. In each, %s stands
// for the answer's text, escaped as JSON asks.
struct AnswerTemplates {
  std::string whole;
  std::string stream;

  static void describe(mynah::Schema<AnswerTemplates>& schema) {
    schema.field("responseTemplate", &AnswerTemplates::whole,
                 "the body of a hit, with %s for the answer; as a provider's when nothing is said");
    schema.field("streamResponseTemplate", &AnswerTemplates::stream,
                 "the same of a hit that is streamed");
  }
  [[nodiscard]] mynah::Status check() const;
};

struct Answer {
  std::string id;
  std::string model;
  std::string text;
  std::string reasoning;
  std::string question;      // to which it was given; empty when that was more than words
  std::string usage;         // JSON; empty when the model did not say
  std::int64_t tokens = 0;   // of the usage, in all
  std::int64_t created = 0;  // seconds of Unix time at which it was kept

  // The answer in a whole response.
  static std::optional<Answer> from_completion(std::string_view json, const AnswerPaths& paths);
  // What record() has written.
  static std::optional<Answer> from_record(std::string_view record);

  // What the model says of its own work, if it does.
  void use(mynah::JsonView said);

  [[nodiscard]] std::string record() const;
  // A whole response, and a stream, that say it.
  [[nodiscard]] std::string completion() const;
  [[nodiscard]] std::string events(bool with_usage) const;
  // A template, filled with it.
  [[nodiscard]] std::string filled(std::string_view form) const;
};

// Puts an answer together from the events of a stream.
class AnswerCollector final {
 public:
  explicit AnswerCollector(const AnswerPaths& paths) : paths_(paths) {}
  void add(std::string_view data);
  // The answer, if the stream has said that it is whole.
  [[nodiscard]] std::optional<Answer> take();

 private:
  const AnswerPaths& paths_;
  Answer answer_;
  bool finished_ = false;
  bool done_ = false;
  bool unfit_ = false;
};
